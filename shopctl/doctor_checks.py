"""What this machine needs, decided from facts alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from shopctl.drivers.machine import Facts

# Each command that is run on the operator's machine, and the Debian package that it comes from.
COMMANDS = {
    "mmdebstrap": "mmdebstrap",
    "systemd-nspawn": "systemd-container",
    "nft": "nftables",
    "ip": "iproute2",
    "podman": "podman",
    "skopeo": "skopeo",
    "ssh": "openssh-client",
}
MIN_PYTHON = (3, 11)
MIN_DISK_GB = 10.0
MIN_MEMORY_GB = 4.0

State = Literal["ok", "fail", "later"]


@dataclass(frozen=True)
class Finding:
    """One check. `later`: `up` will see to it by itself. `mend`: the command that puts it right."""

    name: str
    state: State
    detail: str
    mend: str = ""


def findings(
    facts: Facts, *, local: bool, own_devices: frozenset[str], region_cidr: str | None
) -> list[Finding]:
    """All checks of an environment: `local` when this machine has to realise the region."""
    found = [
        _check(
            "Python",
            facts.python >= MIN_PYTHON,
            ".".join(map(str, facts.python)),
            "apt-get install python3.11, then make setup",
        ),
        _check("Ansible", facts.ansible, "in the virtual environment", "make setup"),
        _command(facts, "ssh"),
    ]
    found += [_later(f"tool {name}", there, "built", "not built yet") for name, there in facts.tools.items()]
    found += [
        _check(
            f"disk at {path}",
            free >= MIN_DISK_GB,
            f"{free:.1f} GB free, {MIN_DISK_GB:.0f} needed",
            "free some space",
        )
        for path, free in facts.free_gb.items()
    ]
    if local:
        found += _local(facts, own_devices, region_cidr or "")
    return found


def _local(facts: Facts, own_devices: frozenset[str], cidr: str) -> list[Finding]:
    foreign = [o for o in facts.overlaps if o.device not in own_devices]
    found = [
        _check("Linux", facts.system == "Linux", facts.system, "use a Linux machine, or a cloud environment"),
        _check("root", facts.root, "namespaces and mounts need it", "sudo -E shopctl ..."),
        *(_command(facts, name) for name in COMMANDS if name != "ssh"),
        _check("overlayfs", facts.overlay, "hosts share one image", "modprobe overlay"),
        _check(
            "network namespaces", facts.namespaces, "each host has its own", "use a kernel with CONFIG_NET_NS"
        ),
        _check("nftables in the kernel", facts.nftables, "security groups", "modprobe nf_tables"),
        _check("cgroups", facts.cgroups != "none", facts.cgroups, "mount -t cgroup2 none /sys/fs/cgroup"),
        _check(
            "memory",
            facts.memory_gb >= MIN_MEMORY_GB,
            f"{facts.memory_gb:.1f} GB available, {MIN_MEMORY_GB:.0f} needed",
            "end something else",
        ),
        _check(
            "address range",
            not foreign,
            f"{cidr} is free"
            if not foreign
            else "; ".join(f"{o.destination} on {o.device}" for o in foreign),
            "change shop:local_region and shop:network in the stack file to a free range",
        ),
    ]
    images = facts.images
    if images is not None:
        found += [_later(f"image {name}", there, "baked", "not baked yet") for name, there in images.items()]
    return found


def _check(name: str, good: bool, detail: str, mend: str) -> Finding:
    return Finding(name, "ok" if good else "fail", detail, "" if good else mend)


def _command(facts: Facts, name: str) -> Finding:
    package = COMMANDS[name]
    there = facts.commands.get(name, False)
    return _check(name, there, "installed" if there else "missing", f"apt-get install --yes {package}")


def _later(name: str, there: bool, yes: str, no: str) -> Finding:
    return Finding(name, "ok" if there else "later", yes if there else f"{no}; up will do it")
