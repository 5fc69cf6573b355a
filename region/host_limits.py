"""What a host may use of the machine: memory and processor time, held by control groups where the kernel has them.

Machines have the memory and cpu controllers in cgroup v2, in v1 beside it, or not at all (in a container). A host whose
type asks for as many cores as the machine has, or more, is not limited in them: there is nothing to take away.

Kernel documentation: admin-guide/cgroup-v2.rst (memory.max, cpu.max) and admin-guide/cgroup-v1/memory.rst,
scheduler/sched-bwc.rst (cpu.cfs_quota_us).
"""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from region import cgroups
from region.errors import RegionError

MIB = 1024 * 1024
PERIOD = 100_000
"""Microseconds over which processor time is counted; the kernel's default."""
SHARES = 1024
"""The weight of a process that is in no group; cgroup v2 calls it 100."""
REGION_SHARES = 8 * SHARES
"""A region's hosts that are limited in cores count as eight busy processes of the machine, and share that by their
cores: as one, all of them would get no more than any other process does.
"""
UNLIMITED = 1 << 60
"""cgroup v1 says "no limit" with a number of bytes near 2**63."""


@dataclass(frozen=True)
class Limits:
    """Processor cores and MiB of memory; 0 leaves it to the machine."""

    cores: float = 0
    memory: int = 0


def machine_cores() -> int:
    """The cores that this machine has."""
    return os.cpu_count() or 1


def refusals(limits: Limits) -> list[str]:
    """What of the limits this machine can't hold, in words for the log."""
    has = cgroups.controllers()
    found: list[str] = []
    if limits.memory and "memory" not in has:
        found.append(f"memory is not limited to {limits.memory} MiB: the kernel offers no memory controller")
    if limits.cores > machine_cores():
        found.append(f"{limits.cores:g} cores were asked for and the machine has {machine_cores()}")
    elif 0 < limits.cores < machine_cores() and "cpu" not in has:
        found.append(f"cores are not limited to {limits.cores:g}: the kernel offers no cpu controller")
    return found


def effective(limits: Limits) -> Limits:
    """What of the limits is really set on this machine."""
    has = cgroups.controllers()
    return Limits(
        limits.cores if "cpu" in has and limits.cores < machine_cores() else 0,
        limits.memory if "memory" in has else 0,
    )


def apply(region: str, host_id: str, limits: Limits) -> list[Path]:
    """Set a host's limits, running or about to start; returns the files that take the ids of its processes.

    Raises `RegionError` when a running host uses more memory than it shall have.
    """
    cgroups.make(region, host_id)
    cgroups.hand_down(region)
    wanted = effective(limits)
    files: list[Path] = []
    for name, group in _wanted_groups(region, host_id, wanted).items():
        _make(name, group, wanted.cores)
        try:
            _write(name, group, wanted)
        except OSError as error:
            raise RegionError(
                f"host {host_id}: {name} can't be limited to {limits} while it runs ({error.strerror}); "
                "it uses more than that now: stop it first"
            ) from error
        files.append(group / "cgroup.procs")
    _gather(region, host_id, files)
    return files


def current(region: str, host_id: str) -> Limits:
    """The limits that a host has now, whoever set them."""
    memory, cores = 0, 0.0
    for name, root in cgroups.controllers().items():
        group = root / cgroups.inside(region, host_id)
        if name == "memory":
            found = _read(group / "memory.limit_in_bytes") or _read(group / "memory.max")
            memory = 0 if not found.isdigit() or int(found) > UNLIMITED else int(found) // MIB
        else:
            quota = _read(group / "cpu.cfs_quota_us") or _read(group / "cpu.max").partition(" ")[0]
            period = _read(group / "cpu.cfs_period_us") or _read(group / "cpu.max").partition(" ")[2]
            cores = int(quota) / int(period) if quota.isdigit() and period.isdigit() else 0
    return Limits(cores, memory)


def _wanted_groups(region: str, host_id: str, wanted: Limits) -> dict[str, Path]:
    """The groups to set: those that a limit needs, and those that are there from another one."""
    needed = {"memory": wanted.memory, "cpu": wanted.cores}
    every = {name: root / cgroups.inside(region, host_id) for name, root in cgroups.controllers().items()}
    return {name: group for name, group in every.items() if needed[name] or group.exists()}


def _make(name: str, group: Path, cores: float) -> None:
    group.mkdir(parents=True, exist_ok=True)
    if name == "cpu":
        weights = {group.parent: REGION_SHARES, group: int(SHARES * (cores or machine_cores()))}
        for where, shares in weights.items():
            if (where / "cpu.shares").exists():
                (where / "cpu.shares").write_text(str(shares))
            else:
                (where / "cpu.weight").write_text(str(min(10000, shares * 100 // SHARES)))


def _write(name: str, group: Path, wanted: Limits) -> None:
    if name == "cpu":
        quota = int(wanted.cores * PERIOD)
        if (group / "cpu.max").exists():
            (group / "cpu.max").write_text(f"{quota or 'max'} {PERIOD}")
        else:
            (group / "cpu.cfs_period_us").write_text(str(PERIOD))
            (group / "cpu.cfs_quota_us").write_text(str(quota or -1))
    elif (group / "memory.max").exists():
        (group / "memory.max").write_text(str(wanted.memory * MIB or "max"))
    else:
        value = str(wanted.memory * MIB or -1)
        # With swap counted, the limit with swap may never be below the one without; which one goes first depends on
        # whether the limit rises or falls.
        both = (group / "memory.memsw.limit_in_bytes", group / "memory.limit_in_bytes")
        counted = [file for file in both if file.exists()]
        try:
            for file in counted:
                file.write_text(value)
        except OSError:
            for file in reversed(counted):
                file.write_text(value)


def _gather(region: str, host_id: str, files: list[Path]) -> None:
    """Bring a running host's processes into groups of cgroup v1 that were made after it started."""
    if cgroups.unified():
        return
    for file in files:
        # Again, for those that are born while the others move; one that is ending can't be moved any more.
        for _ in range(10):
            outside = set(cgroups.processes(region, host_id)) - set(map(int, file.read_text().split()))
            for process in outside:
                with contextlib.suppress(ProcessLookupError):
                    file.write_text(str(process))
            if not outside:
                break


def _read(file: Path) -> str:
    try:
        return file.read_text().strip()
    except FileNotFoundError:
        return ""
