"""Finds by name whatever a region made on the machine, and removes it.

Works without any record and after any accident: it lists what is really there, then removes that.
"""

import os
import shutil
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from region import cgroups, limits, loops, names, nspawn
from region.errors import RegionError
from region.network import namespaces
from region.process import run, unmount
from region.settings import REGIONS_ROOT


@dataclass(frozen=True)
class Remains:
    """What is left of a region: process ids, mount points, loop devices, namespaces, links, routes, groups, folders."""

    processes: tuple[int, ...]
    mounts: tuple[str, ...]
    loops: tuple[str, ...]
    namespaces: tuple[str, ...]
    links: tuple[str, ...]
    routes: tuple[str, ...]
    groups: tuple[Path, ...]
    runtime: tuple[Path, ...]
    folder: Path | None

    def __bool__(self) -> bool:
        return any(vars(self).values())


def _supervisors(region: str) -> tuple[int, ...]:
    """The processes of systemd-nspawn, one for each host."""
    wanted = f"--machine={names.machine(region, '')}".encode()
    found: list[int] = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if words[0].endswith(b"systemd-nspawn") and any(word.startswith(wanted) for word in words):
            found.append(int(entry.name))
    return tuple(sorted(found))


def _mounts(folder: Path) -> tuple[str, ...]:
    inside = f"{folder}/"
    lines = (
        line.split()[4].encode().decode("unicode_escape")
        for line in Path("/proc/self/mountinfo").read_text().splitlines()
    )
    return tuple(sorted((mount for mount in lines if mount.startswith(inside)), reverse=True))


def _cidr(folder: Path) -> str | None:
    file = folder / "cidr"
    return file.read_text().strip() if file.exists() else None


def find(region: str) -> Remains:
    """What is on the machine of that region just now."""
    folder = REGIONS_ROOT / region
    cidr = _cidr(folder)
    routes = run(["ip", "route", "show", "root", cidr]).splitlines() if cidr else []
    uplink = names.uplink(region)
    links = (uplink,) if Path("/sys/class/net", uplink).exists() else ()
    prefix = names.namespace(region, "")
    return Remains(
        processes=tuple(sorted({*_supervisors(region), *cgroups.processes(region)})),
        mounts=_mounts(folder),
        loops=tuple(sorted(loops.held(folder))),
        namespaces=tuple(sorted(name for name in namespaces() if name.startswith(prefix))),
        links=links,
        groups=tuple(group for group in cgroups.groups(region) if group.exists()),
        routes=tuple(route.strip() for route in routes),
        runtime=tuple(nspawn.runtime(names.machine(region, ""))),
        folder=folder if folder.exists() else None,
    )


def destroy(region: str) -> None:
    """Remove everything of a region. Raises `RegionError` saying what withstood."""
    remains = find(region)
    _end(_supervisors(region))
    cgroups.kill(region)  # hosts whose supervisor was killed
    for mount in remains.mounts:
        unmount(mount)
    for file in loops.held(REGIONS_ROOT / region / "disks").values():
        loops.release(Path(file))
    for namespace in remains.namespaces:
        run(["ip", "netns", "delete", namespace])
    for link in remains.links:
        # A namespace's end takes its links along, some moments later.
        run(["ip", "link", "delete", link], check=False)
    for route in find(region).routes:
        run(["ip", "route", "delete", *route.split()])
    cgroups.remove(region)
    nspawn.forget(find(region).runtime)
    if remains.folder:
        shutil.rmtree(remains.folder)
        if REGIONS_ROOT.exists() and not any(REGIONS_ROOT.iterdir()):
            limits.restore_limit()
            REGIONS_ROOT.rmdir()
            REGIONS_ROOT.parent.rmdir()
    if left := find(region):
        raise RegionError(f"of region {region} there is still: {left}")


def _end(processes: tuple[int, ...]) -> None:
    for pid in processes:
        _kill_inside(pid)
    deadline = time.monotonic() + 15
    while any(_alive(pid) for pid in processes):
        if time.monotonic() > deadline:
            for pid in processes:
                if _alive(pid):
                    os.kill(pid, signal.SIGKILL)
            return
        time.sleep(0.05)


def _kill_inside(pid: int) -> None:
    """End the host's init, with which all of its processes go; nspawn then ends by itself."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for child in children or [str(pid)]:
            os.kill(int(child), signal.SIGKILL)
    except (FileNotFoundError, ProcessLookupError):
        return


def _alive(pid: int) -> bool:
    nspawn.reap(pid)
    return nspawn.start_time(pid) is not None
