"""A control group for each host.

Hosts that shared one would share their services' groups too: one host's systemd would remove the group in which
another is about to start a process. systemd-nspawn puts a host under the group that it is started in. What a host may
use is set in the same places (`host_limits.py`).
"""

import contextlib
import os
import signal
import time
from pathlib import Path

from region import names

ROOT = Path("/sys/fs/cgroup")
CONTROLLERS = ("memory", "cpu")
"""What of a machine a host's type shares out."""


def unified() -> bool:
    """Whether this machine has cgroup v2 alone."""
    return (ROOT / "cgroup.controllers").exists()


def hierarchies() -> list[Path]:
    """Where systemd keeps its groups on this machine: the one v2 hierarchy, or beside v1 the two that it uses."""
    if unified():
        return [ROOT]
    return [path for path in (ROOT / "systemd", ROOT / "unified") if (path / "cgroup.procs").exists()]


def controllers() -> dict[str, Path]:
    """Where the controllers that limit a host are, those of memory and cpu that this machine has."""
    if unified():
        handed_down = (ROOT / "cgroup.subtree_control").read_text().split()
        return {name: ROOT for name in CONTROLLERS if name in handed_down}
    return {name: ROOT / name for name in CONTROLLERS if (ROOT / name / "cgroup.procs").exists()}


def hand_down(region: str) -> None:
    """With cgroup v2, let a region's groups have the controllers, where the machine allows it.

    Its own systemd has handed them down already; in a container nobody may (EBUSY: its root group has processes).
    """
    if unified():
        for group in (ROOT, ROOT / inside(region)):
            for name in CONTROLLERS:
                with contextlib.suppress(OSError):
                    (group / "cgroup.subtree_control").write_text(f"+{name}")


def inside(region: str, host_id: str = "") -> Path:
    """A host's group, or a region's, under the root of a hierarchy."""
    return Path(f"{names.PREFIX}-{region}", host_id)


def groups(region: str, host_id: str = "") -> list[Path]:
    """The groups of a host, or of all of a region, one in each hierarchy; whether they exist or not."""
    every = dict.fromkeys([*hierarchies(), *controllers().values()])
    return [hierarchy / inside(region, host_id) for hierarchy in every]


def make(region: str, host_id: str) -> list[Path]:
    """Make the groups in which a host's systemd lives; returns the files that take the ids of their processes."""
    made = [hierarchy / inside(region, host_id) for hierarchy in hierarchies()]
    for group in made:
        group.mkdir(parents=True, exist_ok=True)
    return [group / "cgroup.procs" for group in made]


def processes(region: str, host_id: str = "") -> tuple[int, ...]:
    """The processes of a host, or of all of a region, whoever their parents are by now."""
    found: set[int] = set()
    for group in groups(region, host_id):
        # Groups come and go meanwhile: os.walk passes over what has gone, where glob raises.
        for folder, _, _ in os.walk(group):
            with contextlib.suppress(OSError):
                found.update(map(int, Path(folder, "cgroup.procs").read_text().split()))
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
