"""A control group for each host.

Hosts that shared one would share their services' groups too: one host's systemd would remove the group in which
another is about to start a process. systemd-nspawn puts a host under the group that it is started in.
"""

import contextlib
import os
import signal
import time
from pathlib import Path

from region import names

ROOT = Path("/sys/fs/cgroup")


def hierarchies() -> list[Path]:
    """Where systemd keeps its groups on this machine: the one v2 hierarchy, or beside v1 the two that it uses."""
    if (ROOT / "cgroup.controllers").exists():
        return [ROOT]
    return [path for path in (ROOT / "systemd", ROOT / "unified") if (path / "cgroup.procs").exists()]


def groups(region: str, host_id: str = "") -> list[Path]:
    """The groups of a host, or of all of a region, one in each hierarchy; whether they exist or not."""
    inside = Path(f"{names.PREFIX}-{region}", host_id)
    return [hierarchy / inside for hierarchy in hierarchies()]


def make(region: str, host_id: str) -> list[Path]:
    """Make a host's groups; returns the files that take the id of a process that shall be in them."""
    made = groups(region, host_id)
    for group in made:
        group.mkdir(parents=True, exist_ok=True)
    return [group / "cgroup.procs" for group in made]


def processes(region: str, host_id: str = "") -> tuple[int, ...]:
    """The processes of a host, or of all of a region, whoever their parents are by now."""
    found: set[int] = set()
    for group in groups(region, host_id):
        for file in group.glob("**/cgroup.procs"):
            with contextlib.suppress(OSError):  # a group that goes meanwhile
                found.update(map(int, file.read_text().split()))
    return tuple(sorted(found))


def kill(region: str, host_id: str = "", timeout: float = 10) -> None:
    """End what is still there of a host, or of a region: a killed systemd-nspawn leaves its host's init running."""
    deadline = time.monotonic() + timeout
    while (left := processes(region, host_id)) and time.monotonic() < deadline:
        for process in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        time.sleep(0.05)


def remove(region: str, host_id: str = "", timeout: float = 5) -> None:
    """Remove the groups of a host, or of a region, and end what is still in them.

    A process that was ended keeps its group busy until it is quite gone; raises `OSError` when that takes longer than
    `timeout` seconds.
    """
    deadline = time.monotonic() + timeout
    for group in groups(region, host_id):
        while group.exists():
            try:
                for folder in sorted((path for path in group.rglob("*") if path.is_dir()), reverse=True):
                    folder.rmdir()
                group.rmdir()
            except OSError:
                if time.monotonic() > deadline:
                    raise
                kill(region, host_id, 1)
                time.sleep(0.02)
