"""Facts of the operator's machine, for the doctor. Reads only."""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path

from shopctl.drivers import subprocess
from shopctl.errors import ShopctlError


@dataclass(frozen=True)
class Overlap:
    """A route of the machine that meets the region's range."""

    destination: str
    device: str


@dataclass(frozen=True)
class Facts:
    """The machine as it is. `images` is None when they can't be asked about."""

    root: bool
    python: tuple[int, int]
    system: str
    commands: dict[str, bool]
    ansible: bool
    overlay: bool
    namespaces: bool
    nftables: bool
    cgroups: str
    free_gb: dict[str, float]
    memory_gb: float
    overlaps: tuple[Overlap, ...]
    tools: dict[str, bool]
    images: dict[str, bool] | None


def gather(
    *,
    commands: Iterable[str],
    folders: Iterable[Path],
    region_cidr: str | None,
    tools: dict[str, bool],
    images: dict[str, bool] | None,
) -> Facts:
    """Looks at the machine: its commands, what the folders' disks have free, who uses the range."""
    return Facts(
        root=os.geteuid() == 0,
        python=(sys.version_info.major, sys.version_info.minor),
        system=platform.system(),
        commands={name: shutil.which(name) is not None for name in commands},
        ansible=importlib.util.find_spec("ansible") is not None,
        overlay=_overlay(),
        namespaces=Path("/proc/self/ns/net").exists(),
        nftables=_nftables(),
        cgroups=_cgroups(),
        free_gb={str(path): _free_gb(path) for path in folders},
        memory_gb=_memory_gb(),
        overlaps=_overlaps(region_cidr) if region_cidr else (),
        tools=tools,
        images=images,
    )


def _overlay() -> bool:
    # Built into the kernel, or a module that loads on the first mount.
    filesystems = Path("/proc/filesystems").read_text().split()
    release = platform.release()
    return "overlay" in filesystems or any(Path(f"/lib/modules/{release}").rglob("overlay.ko*"))


def _nftables() -> bool:
    if shutil.which("nft") is None or os.geteuid() != 0:
        return False
    try:
        subprocess.run(["nft", "list", "tables"], timeout=10)
    except ShopctlError:
        return False
    return True


def _cgroups() -> str:
    if Path("/sys/fs/cgroup/cgroup.controllers").exists():
        return "v2"
    if Path("/sys/fs/cgroup/unified").exists():
        return "v1 with v2 beside it"
    return "v1" if Path("/sys/fs/cgroup").exists() and any(Path("/sys/fs/cgroup").iterdir()) else "none"


def _free_gb(path: Path) -> float:
    while not path.exists():
        path = path.parent
    return round(shutil.disk_usage(path).free / 1e9, 1)


def _memory_gb() -> float:
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return round(int(line.split()[1]) * 1024 / 1e9, 1)
    return 0.0


def _overlaps(cidr: str) -> tuple[Overlap, ...]:
    """Routes and addresses of this machine inside the region's range, or around it, with their device."""
    wanted = IPv4Network(cidr)
    found: list[Overlap] = []
    if shutil.which("ip") is None:
        return ()
    for route in json.loads(subprocess.run(["ip", "-json", "-4", "route", "show", "table", "all"]) or "[]"):
        destination = str(route.get("dst", "default"))
        if destination == "default":
            continue
        try:
            network = IPv4Network(destination, strict=False)
        except ValueError:
            continue
        if network.overlaps(wanted):
            device = str(route.get("dev") or route.get("type") or "")
            found.append(Overlap(destination, device))
    return tuple(dict.fromkeys(found))
