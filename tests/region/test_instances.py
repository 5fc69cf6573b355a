"""A CVM instance, from its creation over its accidents to its end."""

import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from region import cgroups, names
from region.errors import RegionError
from region.hosts import Host, folder, list_hosts
from region.network import namespaces
from region.resources.instance import Instance
from region.resources.key_pair import KeyPair
from region.resources.subnet import Subnet
from region.revive import down
from tests.region.conftest import NET, Lab, Made, until
from tests.region.drift import repaired, seen
from tests.region.machine import command_line

pytestmark = [pytest.mark.region, pytest.mark.slow]

CREATE = """
import json, sys
from region.region import Region
from region.resources.instance import Instance
from region.settings import RegionSettings
settings, id_, inputs = json.loads(sys.stdin.read())
Instance(Region(RegionSettings(**settings))).create(id_, inputs)
"""


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two SSH keys: `good`, which the instance takes, and `other`."""
    home = tmp_path_factory.mktemp("keys")
    for name in ("good", "other"):
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", home / name], check=True
        )
    return home


@pytest.fixture(scope="module")
def web(lab: Lab, keys: Path) -> Made:
    pair = {"keyName": "operator", "publicKey": (keys / "good.pub").read_text()}
    key, _ = lab.make(KeyPair, "key", pair)
    return lab.instance("web-1", keyIds=[key], privateIp=f"{NET}.11.50")


def ssh(key: Path, made: Made, *argv: str) -> subprocess.CompletedProcess[str]:
    options = {
        "BatchMode": "yes",
        "IdentitiesOnly": "yes",
        "StrictHostKeyChecking": "no",
        "UserKnownHostsFile": "/dev/null",
        "ConnectTimeout": "5",
    }
    given = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
    words = ["ssh", "-q", "-F", "none", "-i", str(key), *given, f"root@{made[1]['privateIp']}", *argv]
    return subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)


def test_its_key_opens_it_and_no_other(keys: Path, web: Made) -> None:
    assert web[1]["privateIp"] == f"{NET}.11.50"
    inside = ssh(keys / "good", web, "hostname; ip -4 -o address show eth0")
    assert inside.returncode == 0, inside.stderr
    assert inside.stdout.startswith("web-1\n")
    assert f"{NET}.11.50/32" in inside.stdout
    assert ssh(keys / "other", web, "true").returncode == 255


def test_it_is_up_without_a_failed_unit_and_asks_the_resolver_of_its_vpc(lab: Lab, web: Made) -> None:
    assert lab.run(web, "systemctl", "is-system-running").strip() == "running"
    assert lab.run(web, "getent", "ahostsv4", "cos.ap-guangzhou.myqcloud.com").startswith(f"{NET}.240.2 ")


@pytest.mark.parametrize("accident", ["reboot", "crash"])
def test_what_was_written_survives(lab: Lab, keys: Path, web: Made, accident: str) -> None:
    for file in ("/srv/written", "/var/lib/containers/written"):
        lab.run(web, "tee", file, stdin=accident)
    booted = lab.run(web, "cat", "/proc/1/stat").split()[21]
    key = (lab.region.host(web[0]).root / "etc/ssh/ssh_host_ed25519_key.pub").read_text()
    getattr(lab, accident)(web[0])
    assert lab.run(web, "cat", "/proc/1/stat").split()[21] != booted
    assert ssh(keys / "good", web, "cat /srv/written /var/lib/containers/written").stdout == accident * 2
    assert (lab.region.host(web[0]).root / "etc/ssh/ssh_host_ed25519_key.pub").read_text() == key


def test_a_crashed_host_is_seen_as_stopped_and_an_update_boots_it(lab: Lab) -> None:
    made = lab.instance("crashes")
    leader = lab.region.host(made[0]).leader()
    assert leader
    os.kill(leader, signal.SIGKILL)
    until(lambda: not lab.region.is_running(made[0]), 5)
    seen = lab.look(Instance, made)
    assert seen
    assert seen["instanceStatus"] == "STOPPED"
    assert lab.change(Instance, made)[1]["instanceStatus"] == "RUNNING"
    assert lab.region.is_running(made[0])
    lab.remove(Instance, made)


def test_an_init_that_dies_is_named_with_what_the_console_said_last(lab: Lab) -> None:
    host = Host(
        "ins-dying", "dying", "instance", "host", lab.network["vpcId"], (f"{NET}.11.66",), "127.0.0.1"
    )
    control = lab.region.prepare(host)
    control.write("/usr/lib/systemd/systemd", "#!/bin/sh\necho the disk is upside down\nexit 1\n", 0o755)
    begin = time.monotonic()
    with pytest.raises(RegionError, match=r"(?s)dying.*ins-dying.*died.*the disk is upside down"):
        control.boot(timeout=30)
    assert time.monotonic() - begin < 10, "said at once, and not when the time for booting is over"
    control.delete()


def test_other_security_groups_take_effect_without_a_restart(lab: Lab, web: Made) -> None:
    shut, leader = lab.instance("regrouped"), lab.region.host(web[0]).leader()
    address = shut[1]["privateIp"]
    assert lab.knock(web, address, 22) == "dropped"
    anybody = {"action": "ACCEPT", "cidrBlock": f"{NET}.0.0/16", "protocol": "TCP", "port": "22"}
    before = lab.region.host(shut[0]).leader()
    wide = lab.group("wide", anybody)
    changed = lab.change(Instance, shut, orderlySecurityGroups=[wide])
    assert lab.knock(web, address, 22) == "open"
    assert (lab.region.host(shut[0]).leader(), lab.region.host(web[0]).leader()) == (before, leader)
    lab.remove(Instance, changed)


def traces(lab: Lab, id_: str) -> dict[str, list[str]]:
    """What there is of a host on the machine."""
    region = lab.region.name
    machine = names.machine(region, id_)
    commands = [
        command_line(process).replace(b"\0", b" ").decode(errors="replace")
        for process in Path("/proc").glob("[0-9]*")
    ]
    links = subprocess.run(
        ["ip", "-n", names.namespace(region, lab.network["vpcId"]), "-o", "link"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    return {
        "processes": [command for command in commands if re.search(rf"--machine={machine}\b", command)],
        "namespaces": [name for name in namespaces() if id_ in name],
        "mounts": [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if id_ in line],
        "groups": [str(group) for group in cgroups.groups(region, id_) if group.exists()],
        "links": [line for line in links if id_ in line],
        "folder": [str(path) for path in [folder(region, id_)] if path.exists()],
    }


def test_a_deleted_instance_leaves_nothing_and_its_address_is_free_again(lab: Lab) -> None:
    made = lab.instance("leaves", privateIp=f"{NET}.11.51")
    assert all(traces(lab, made[0]).values()), "or this test looks in the wrong places"
    lab.remove(Instance, made)
    assert not any(traces(lab, made[0]).values())
    lab.remove(Instance, made)
    again = lab.instance("comes-after", privateIp=f"{NET}.11.51")
    lab.remove(Instance, again)


@pytest.mark.parametrize("stage", ["host.json", "pid"])
def test_a_creation_after_a_killed_one_works_on_its_leftovers(lab: Lab, stage: str) -> None:
    import json
    from dataclasses import asdict

    inputs = {**lab.instance_inputs("killed"), "privateIp": f"{NET}.11.52"}
    id_ = Instance(lab.region).id_for("killed", inputs)
    creating = subprocess.Popen([sys.executable, "-c", CREATE], stdin=subprocess.PIPE, text=True)
    assert creating.stdin
    creating.stdin.write(json.dumps([asdict(lab.region.settings), id_, inputs]))
    creating.stdin.close()
    until(lambda: (folder(lab.region.name, id_) / stage).exists())
    creating.kill()
    creating.wait()
    made = lab.instance("killed", privateIp=f"{NET}.11.52")
    assert made[0] == id_
    assert made[1]["privateIp"] == f"{NET}.11.52"
    assert [host.state for host in list_hosts(lab.region.name) if host.name == "killed"] == ["running"]
    assert len(traces(lab, id_)["processes"]) == 1
    lab.remove(Instance, made)


def test_an_address_in_use_is_refused(lab: Lab, web: Made) -> None:
    before = {host.id for host in list_hosts(lab.region.name)}
    with pytest.raises(RegionError, match=rf"{re.escape(NET)}.11.50 is in use"):
        lab.instance("second", privateIp=f"{NET}.11.50")
    assert {host.id for host in list_hosts(lab.region.name)} == before
    assert lab.run(web, "hostname").strip() == "web-1"


def test_a_host_that_vanished_is_seen_as_gone(lab: Lab) -> None:
    made = lab.instance("vanishes")
    lab.region.remove_host(made[0])
    assert lab.look(Instance, made) is None
    lab.remove(Instance, made)


def test_another_hostname_is_the_running_hosts_too(lab: Lab) -> None:
    made = lab.instance("before", hostname="before")
    lab.change(Instance, made, hostname="after")
    assert lab.run(made, "hostname").strip() == "after"
    lab.remove(Instance, made)


def test_another_image_is_a_new_system_disk_at_the_same_address(lab: Lab) -> None:
    made = lab.instance("reset")
    lab.run(made, "touch", "/srv/written")
    image = lab.region.host(made[0]).host.image
    again = lab.change(Instance, made, imageId=image)
    assert again[1]["privateIp"] == made[1]["privateIp"]
    with pytest.raises(RegionError):
        lab.run(again, "test", "-e", "/srv/written")
    lab.remove(Instance, again)


def test_another_subnet_is_another_address_of_the_same_host(lab: Lab, web: Made) -> None:
    subnet = lab.make(
        Subnet,
        "other",
        {
            "name": "other",
            "cidrBlock": f"{NET}.12.0/24",
            "vpcId": lab.network["vpcId"],
            "availabilityZone": "ap-guangzhou-3",
        },
    )
    anybody = {"action": "ACCEPT", "cidrBlock": f"{NET}.0.0/16", "protocol": "TCP", "port": "22"}
    made = lab.instance("moves", orderlySecurityGroups=[lab.group("movers", anybody)])
    before = made[1]["privateIp"]
    lab.run(made, "tee", "/srv/written", stdin="kept")
    moved = lab.change(Instance, made, subnetId=subnet[0])
    assert moved[1]["privateIp"].startswith(f"{NET}.12.")
    assert lab.run(moved, "cat", "/srv/written") == "kept"
    assert lab.knock(web, moved[1]["privateIp"], 22) == "open"
    assert lab.knock(web, before, 22) != "open"
    assert lab.look(Instance, moved) == moved[1], "and nothing of it is drift"
    again = lab.change(Instance, moved, privateIp=f"{NET}.12.77")
    assert again[1]["privateIp"] == f"{NET}.12.77"
    assert lab.knock(web, f"{NET}.12.77", 22) == "open"
    lab.remove(Instance, again)
    lab.remove(Subnet, subnet)


def test_a_host_as_it_was_asked_for_shows_no_drift(lab: Lab, web: Made) -> None:
    assert seen(lab, web) == {}


def test_what_was_changed_by_hand_is_seen_and_mended(lab: Lab, keys: Path, web: Made) -> None:
    other = (keys / "other.pub").read_text().strip()
    lab.run(web, "tee", "-a", "/root/.ssh/authorized_keys", stdin=f"{other}\n")
    lab.run(web, "hostname", "hacked")
    control = lab.region.host(web[0])
    control.save(replace(control.host, groups=()))
    assert seen(lab, web) == {
        "keyIds": [*web[1]["keyIds"], other],
        "hostname": "hacked",
        "orderlySecurityGroups": [],
    }
    leader = control.leader()
    mended = repaired(lab, web)
    assert seen(lab, mended) == {}
    assert ssh(keys / "other", web, "true").returncode == 255
    assert ssh(keys / "good", web, "hostname").stdout == "web-1\n"
    assert lab.region.host(web[0]).leader() == leader, "without a restart"


def test_a_stopped_host_is_seen_and_started_unless_it_shall_be_stopped(lab: Lab) -> None:
    made = lab.instance("pauses", runningFlag=True)
    lab.region.host(made[0]).stop()
    assert seen(lab, made) == {"runningFlag": False, "instanceStatus": "STOPPED"}
    running = repaired(lab, made)
    assert lab.run(running, "systemctl", "is-system-running").strip() == "running"
    stopped = lab.change(Instance, running, runningFlag=False)
    assert stopped[1]["instanceStatus"] == "STOPPED"
    assert not lab.region.is_running(made[0])
    assert seen(lab, stopped) == {}
    assert made[0] not in {host.id for host in down(lab.region)}, (
        "a stopped one is not what has to be revived"
    )
    lab.region.host(made[0]).boot()
    assert seen(lab, stopped) == {"runningFlag": True, "instanceStatus": "RUNNING"}
    lab.remove(Instance, repaired(lab, stopped))


def test_a_protected_host_is_not_deleted(lab: Lab) -> None:
    made = lab.instance("guarded", disableApiTermination=True)
    with pytest.raises(RegionError, match="disableApiTermination"):
        lab.remove(Instance, made)
    assert lab.region.is_running(made[0])
    lab.remove(Instance, lab.change(Instance, made, disableApiTermination=False))
    assert not lab.region.has_host(made[0])


def test_a_password_lets_root_in_and_an_old_one_no_longer(lab: Lab) -> None:
    made = lab.instance("worded", password="First-1!")
    assert hashed(lab, made, "First-1!")
    assert "passwordauthentication yes" in lab.run(made, "sshd", "-T")
    changed = lab.change(Instance, made, password="Second-2!")
    assert hashed(lab, changed, "Second-2!")
    assert not hashed(lab, changed, "First-1!")
    lab.remove(Instance, changed)


def hashed(lab: Lab, made: Made, password: str) -> bool:
    """Whether that is root's password."""
    code = (
        "import ctypes, ctypes.util, sys; word = sys.stdin.readline().encode();"
        "kept = next(line.split(':')[1] for line in open('/etc/shadow') if line.startswith('root:')).encode();"
        "crypt = ctypes.CDLL('libcrypt.so.1').crypt; crypt.restype = ctypes.c_char_p; print(crypt(word, kept) == kept)"
    )
    return lab.run(made, "python3", "-c", code, stdin=password).strip() == "True"
