"""What is known of hosts: the files in their folders, read without touching the hosts.

A host may be removed by another thread or process while it is listed; it is then simply not there.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from region import nspawn
from region.host_limits import Limits
from region.settings import REGIONS_ROOT

State = Literal["running", "stopped", "failed"]


@dataclass(frozen=True)
class Host:
    """What a host is made of.

    `kind` names what it stands for (`instance`, `mysql`, `balancer`, ...). `addresses` are its own first, then virtual
    ones. `binds` maps a folder in the host to a folder under its `data/`. `groups` are its security groups; a host with
    None of them takes what comes. Hosts of one `service` (an instance and its standby) may speak freely to each other.
    `limits` is what it may use of the machine. `disks` are the ids of the disks attached to it, by the name that each
    has in the host (`vdb`).
    """

    id: str
    name: str
    kind: str
    image: str
    router: str
    addresses: tuple[str, ...]
    resolver: str
    binds: dict[str, str] = field(default_factory=dict)
    groups: tuple[str, ...] | None = None
    service: str = ""
    limits: Limits = field(default_factory=Limits)
    disks: dict[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return self.addresses[0]


@dataclass(frozen=True)
class HostStatus:
    """A host as it is on the machine just now."""

    id: str
    name: str
    kind: str
    address: str
    state: State


def folder(region: str, host_id: str) -> Path:
    return REGIONS_ROOT / region / "hosts" / host_id


def disk_file(root: Path, disk_id: str) -> Path:
    """Where a disk's blocks are, under a region's root."""
    return root / "disks" / f"{disk_id}.img"


def console_tail(region: str, host_id: str, lines: int = 15) -> str:
    """The last lines that a host wrote on its console."""
    log = folder(region, host_id) / "console.log"
    return (
        "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
        if log.exists()
        else "(no console output)"
    )


def load(file: Path) -> Host:
    """The host of that `host.json`."""
    raw = json.loads(file.read_text())
    groups = None if raw["groups"] is None else tuple(raw["groups"])
    limits = Limits(**raw.get("limits", {}))
    return Host(**{**raw, "addresses": tuple(raw["addresses"]), "groups": groups, "limits": limits})


def find_host(region: str, host_id: str) -> Host | None:
    """The host of that id, if it was made, running or not."""
    try:
        return load(folder(region, host_id) / "host.json")
    except FileNotFoundError:
        return None


def all_hosts(region: str) -> list[Host]:
    """Every host of a region that was made, running or not."""
    homes = sorted((REGIONS_ROOT / region / "hosts").glob("*/host.json"))
    return [host for file in homes if (host := find_host(region, file.parent.name))]


def list_hosts(region: str) -> list[HostStatus]:
    """The hosts of a region, by name, with their state."""
    found: list[HostStatus] = []
    for host in all_hosts(region):
        state: State = "running" if nspawn.pid_of(folder(region, host.id)) else "stopped"
        found.append(HostStatus(host.id, host.name, host.kind, host.address, state))
    return sorted(found, key=lambda host: host.name)
