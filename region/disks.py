"""Disks: sparse files that hosts see as block devices, by way of the kernel's loop devices.

    disks/<id>.img       a disk's blocks
    snapshots/<id>.img   a disk's blocks as they were

Which loop device holds which file is asked of the kernel, so that what a killed run attached is found again.
"""

import contextlib
import os
import signal
import stat
import sys
import time
from dataclasses import replace
from pathlib import Path

from region import cgroups, freeze
from region.errors import RegionError
from region.host_files import all_hosts, disk_file
from region.hosts import HostControl
from region.loops import device_of, hold, number_of, release
from region.process import run
from region.region import Region

GIB = 1 << 30
LETTERS = "bcdefghijklmnopqrstu"
"""A host's disks are `vdb` to `vdu`, twenty of them, as many as an instance takes in the cloud."""


def file_of(region: Region, disk_id: str) -> Path:
    """Where a disk's blocks are."""
    return disk_file(region.settings.root, disk_id)


def snapshot_file(region: Region, snapshot_id: str) -> Path:
    """Where a snapshot's blocks are."""
    return region.settings.root / "snapshots" / f"{snapshot_id}.img"


def make(file: Path, gib: int, source: Path | None = None) -> None:
    """Make a disk's file of that size, whole or not at all, with the blocks of `source` at its start."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = file.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    if source:
        run(["cp", "--sparse=always", "--reflink=auto", source, partial], timeout=3600)
    with partial.open("ab") as blocks:
        if blocks.tell() > gib * GIB:
            raise RegionError(
                f"disk {file.stem}: {gib} GB are less than its snapshot's {blocks.tell() // GIB}"
            )
        blocks.truncate(gib * GIB)
    partial.rename(file)


def size(file: Path) -> int:
    """A disk's size in GiB."""
    return file.stat().st_size // GIB


def grow(file: Path, gib: int) -> None:
    """Make a disk larger; a host that has it sees that at once. What is there stays as it is."""
    if gib < size(file):
        raise RegionError(
            f"disk {file.stem} has {size(file)} GB and can only grow, not shrink to {gib}: make a new one and copy"
        )
    os.truncate(file, gib * GIB)
    if device := device_of(file):
        run(["losetup", "--set-capacity", device])


def holder(region: Region, disk_id: str) -> HostControl | None:
    """The host that a disk is attached to."""
    hosts = [host.id for host in all_hosts(region.name) if disk_id in host.disks.values()]
    return region.host(hosts[0]) if hosts else None


def plug(region: Region, control: HostControl, disk_id: str) -> str:
    """Attach a disk to a host, running or not; returns the name that it has there."""
    with region.locked(f"disks-{control.host.id}"):
        host = region.host(control.host.id).host
        names = {disk: name for name, disk in host.disks.items()}
        free = [f"vd{letter}" for letter in LETTERS if f"vd{letter}" not in host.disks]
        if disk_id not in names and not free:
            raise RegionError(
                f"host {host.name} has {len(LETTERS)} disks already, which is all that it can have"
            )
        name = names.get(disk_id) or free[0]
        device = hold(file_of(region, disk_id))
        control.save(replace(host, disks={**host.disks, name: disk_id}))
        control.name_disks()
        if control.leader() and node(control, name) != number_of(device):
            number = number_of(device)
            control.run(["rm", "-f", f"/dev/{name}"])
            control.run(
                ["mknod", "-m", "660", f"/dev/{name}", "b", str(os.major(number)), str(os.minor(number))]
            )
            control.run(["systemd-tmpfiles", "--create", "--prefix=/dev/disk"])
    return name


def node(control: HostControl, name: str) -> int | None:
    """The number of the device that a running host has under that name."""
    leader = control.leader()
    try:
        found = Path(f"/proc/{leader}/root/dev/{name}").stat()
    except FileNotFoundError:
        return None
    return found.st_rdev if stat.S_ISBLK(found.st_mode) else None


def is_plugged(control: HostControl, disk_id: str, file: Path) -> bool:
    """Whether a running host has the disk's device under its name."""
    device = device_of(file)
    names = [name for name, disk in control.host.disks.items() if disk == disk_id]
    return bool(device and names and node(control, names[0]) == number_of(device))


def unplug(region: Region, control: HostControl, disk_id: str) -> None:
    """Take a disk from a host. Programs that use it are ended, as pulling a disk does; what they wrote stays."""
    file = file_of(region, disk_id)
    with region.locked(f"disks-{control.host.id}"):
        host = region.host(control.host.id).host
        device = device_of(file)
        for name in [name for name, disk in host.disks.items() if disk == disk_id]:
            if control.leader() and device:
                for mount in mounts(control, number_of(device)):
                    _unmount(region, control, mount, number_of(device))
                if f" /dev/{name} " in Path(f"/proc/{control.leader()}/mountinfo").read_text():
                    control.run(["umount", f"/dev/{name}"])  # a disk that was there at boot
                control.run(["rm", "-f", f"/dev/{name}", f"/dev/disk/by-id/virtio-{disk_id}"])
        control.save(
            replace(host, disks={name: disk for name, disk in host.disks.items() if disk != disk_id})
        )
        control.name_disks()
        release(file)


def mounts(control: HostControl, number: int) -> list[str]:
    """Where a running host has mounted a device, the last one first."""
    leader = control.leader()
    lines = [line.split() for line in Path(f"/proc/{leader}/mountinfo").read_text().splitlines()]
    wanted = f"{os.major(number)}:{os.minor(number)}"
    return [line[4].encode().decode("unicode_escape") for line in reversed(lines) if line[2] == wanted]


def _unmount(region: Region, control: HostControl, mount: str, number: int, timeout: float = 10) -> None:
    deadline = time.monotonic() + timeout
    while True:
        try:
            control.run(["umount", mount])
        except RegionError:
            if time.monotonic() > deadline:
                raise
            for process in cgroups.processes(region.name, control.host.id):
                if _uses(process, number):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(process, signal.SIGKILL)
            time.sleep(0.05)
        else:
            return


def _uses(process: int, number: int) -> bool:
    """Whether a process works in, or has open, a file of the device."""
    home = Path(f"/proc/{process}")
    with contextlib.suppress(OSError):  # one that has ended
        for path in (home / "cwd", home / "root", home / "exe", *(home / "fd").iterdir()):
            with contextlib.suppress(OSError):
                if path.stat().st_dev == number:
                    return True
    return False


def snapshot(region: Region, disk_id: str, target: Path) -> None:
    """Copy a disk as it is at one moment: its writes wait while the copy is made."""
    file, control = file_of(region, disk_id), holder(region, disk_id)
    device = device_of(file)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    paths: list[str] = []
    if control and control.leader() and device:
        # One way in is enough: a file system is frozen as a whole.
        found = mounts(control, number_of(device))
        paths = [f"/proc/{control.leader()}/root{found[0]}"] if found else []
    words = [str(file), str(target), device or "-", *paths]
    # A process of its own, which goes on when this one is killed: a host that stayed frozen would hang.
    run([sys.executable, "-I", "-S", freeze.__file__, *words], timeout=3600)
