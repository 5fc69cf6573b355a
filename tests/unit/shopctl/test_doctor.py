"""Facts of a machine in, findings out."""

from dataclasses import replace

from shopctl.doctor_checks import COMMANDS, Finding, findings
from shopctl.drivers.machine import Facts, Overlap

GOOD = Facts(
    root=True,
    python=(3, 11),
    system="Linux",
    commands=dict.fromkeys(COMMANDS, True),
    ansible=True,
    overlay=True,
    namespaces=True,
    nftables=True,
    cgroups="v2",
    free_gb={"/state": 50.0},
    memory_gb=8.0,
    overlaps=(),
    tools={"pulumi": True},
    images={"host": True},
)
OWN = frozenset({"sc-local", "unreachable"})


def local(facts: Facts) -> dict[str, Finding]:
    return {f.name: f for f in findings(facts, local=True, own_devices=OWN, region_cidr="10.77.0.0/16")}


def bad(facts: Facts) -> dict[str, str]:
    return {name: f"{f.detail} -> {f.mend}" for name, f in local(facts).items() if f.state == "fail"}


def test_a_good_machine_has_nothing_to_mend() -> None:
    assert {finding.state for finding in local(GOOD).values()} == {"ok"}
    assert not any(finding.mend for finding in local(GOOD).values())


def test_each_lack_names_what_mends_it() -> None:
    bare = replace(
        GOOD,
        root=False,
        python=(3, 9),
        commands=dict.fromkeys(COMMANDS, False),
        overlay=False,
        nftables=False,
        cgroups="none",
        free_gb={"/state": 2.04},
        memory_gb=1.5,
    )
    assert bad(bare) == {
        "Python": "3.9 -> apt-get install python3.11, then make setup",
        "ssh": "missing -> apt-get install --yes openssh-client",
        "disk at /state": "2.0 GB free, 10 needed -> free some space",
        "root": "namespaces and mounts need it -> sudo -E shopctl ...",
        "mmdebstrap": "missing -> apt-get install --yes mmdebstrap",
        "systemd-nspawn": "missing -> apt-get install --yes systemd-container",
        "nft": "missing -> apt-get install --yes nftables",
        "ip": "missing -> apt-get install --yes iproute2",
        "podman": "missing -> apt-get install --yes podman",
        "skopeo": "missing -> apt-get install --yes skopeo",
        "overlayfs": "hosts share one image -> modprobe overlay",
        "nftables in the kernel": "security groups -> modprobe nf_tables",
        "cgroups": "none -> mount -t cgroup2 none /sys/fs/cgroup",
        "memory": "1.5 GB available, 4 needed -> end something else",
    }


def test_a_foreign_route_in_the_range_fails_and_the_regions_own_does_not() -> None:
    own = (Overlap("10.77.0.0/16", "sc-local"), Overlap("10.77.0.0/16", "unreachable"))
    assert bad(replace(GOOD, overlaps=own)) == {}
    foreign = bad(replace(GOOD, overlaps=(*own, Overlap("10.0.0.0/8", "tun0"))))
    assert foreign["address range"].startswith("10.0.0.0/8 on tun0 -> change shop:local_region")


def test_what_up_does_by_itself_is_no_failure() -> None:
    found = local(replace(GOOD, tools={"pulumi": False}, images={"host": False}))
    assert found["tool pulumi"] == Finding("tool pulumi", "later", "not built yet; up will do it")
    assert found["image host"].state == "later"


def test_a_cloud_environment_asks_little_of_the_machine() -> None:
    laptop = replace(GOOD, root=False, system="Darwin", overlay=False, memory_gb=1.0, images=None)
    found = findings(laptop, local=False, own_devices=frozenset(), region_cidr=None)
    assert {finding.state for finding in found} == {"ok"}
