"""A creation that is killed at any moment is no obstacle to the next one."""

import json
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import pytest

from region import nspawn, teardown
from region.host_files import find_host, folder
from region.names import machine, namespace
from region.resources.instance import Instance
from tests.region.conftest import Lab, until
from tests.region.machine import command_line

pytestmark = [pytest.mark.region, pytest.mark.slow]

HOSTS = ("ops-1", "web-1", "web-2")
MOMENTS = sorted(random.Random(4).uniform(0, 1.8) for _ in range(12))
"""Seconds after the first host's folder appeared; three hosts are up within two seconds."""

CREATE = """
import json, sys
from concurrent.futures import ThreadPoolExecutor
from region.region import Region
from region.resources.instance import Instance
from region.settings import RegionSettings
settings, wanted = json.loads(sys.stdin.read())
region = Region(RegionSettings(**settings))
with ThreadPoolExecutor(4) as pool:
    list(pool.map(lambda pair: Instance(region).create(*pair), wanted.items()))
"""


def begin(lab: Lab, names: tuple[str, ...]) -> tuple[subprocess.Popen[str], list[str]]:
    """A process that creates instances, side by side, and their ids."""
    wanted = {
        Instance(lab.region).id_for(name, lab.instance_inputs(name)): lab.instance_inputs(name)
        for name in names
    }
    creating = subprocess.Popen(
        [sys.executable, "-c", CREATE], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert creating.stdin
    creating.stdin.write(json.dumps([asdict(lab.region.settings), wanted]))
    creating.stdin.close()
    return creating, list(wanted)


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: f"{moment:.2f}s")
def test_the_same_hosts_are_created_after_a_kill(lab: Lab, moment: float) -> None:
    creating, ids = begin(lab, HOSTS)
    until(lambda: any(folder(lab.region.name, id_).exists() for id_ in ids))
    try:
        creating.wait(moment)
    except subprocess.TimeoutExpired:
        creating.kill()
        creating.wait()
    with ThreadPoolExecutor(len(HOSTS)) as pool:
        made = list(pool.map(lab.instance, HOSTS))
    assert [host[0] for host in made] == ids
    assert [lab.run(host, "hostname").strip() for host in made] == list(HOSTS)
    assert [lab.knock(host, made[0][1]["privateIp"], 22) for host in made] == ["open", "dropped", "dropped"]
    found = teardown.find(lab.region.name)
    for id_ in ids:
        own = machine(lab.region.name, id_).encode()
        lines = [command_line(Path(f"/proc/{process}")) for process in found.processes]
        assert sum(own in line for line in lines) == 1, "one supervisor"
        assert sum(mount.endswith(f"{id_}/root") for mount in found.mounts) == 1
    for host in made:
        lab.remove(Instance, host)
    found = teardown.find(lab.region.name)
    assert not [
        thing for thing in (*found.mounts, *found.namespaces, *found.runtime) if str(thing).find("ins-") > 0
    ]


def test_a_removal_after_a_killed_one_finishes_it(lab: Lab) -> None:
    host = lab.instance("half-gone")
    home = folder(lab.region.name, host[0])
    assert find_host(lab.region.name, host[0])
    lab.region.host(host[0]).stop()
    subprocess.run(["umount", home / "root"], check=True)
    subprocess.run(["rm", "-r", home / "upper", home / "work"], check=True)
    lab.remove(Instance, host)
    assert not home.exists()
    assert not [name for name in teardown.find(lab.region.name).namespaces if host[0] in name]


def test_a_host_whose_creator_dies_before_it_is_written_down_never_starts(lab: Lab, tmp_path: Path) -> None:
    made, groups = tmp_path / "made", [tmp_path / "no" / "group"]
    with pytest.raises(FileNotFoundError):
        nspawn.start(["touch", str(made)], tmp_path, groups)
    assert nspawn.pid_of(tmp_path) is None
    subprocess.run(["sleep", "0.3"], check=True)
    assert not made.exists()


def test_a_link_to_a_namespace_that_is_going_is_not_taken_for_the_hosts(lab: Lab) -> None:
    host = lab.instance("relinked")
    # The namespace's name goes while something still holds it: its link stays with the router.
    own = namespace(lab.region.name, host[0])
    holder = subprocess.Popen(["ip", "netns", "exec", own, "sleep", "60"])
    try:
        again = Instance(lab.region).create(host[0], lab.instance_inputs("relinked"))
        assert lab.region.is_running(host[0])
        assert lab.knock((host[0], again), again["privateIp"], 22) == "open"
    finally:
        holder.kill()
        holder.wait()
        lab.remove(Instance, host)
