"""The kernel's loop devices: files that are block devices too."""

import contextlib
import time
from pathlib import Path

from region.errors import ProcessError, RegionError
from region.process import run


def device_of(file: Path) -> str | None:
    """The loop device that holds a file, such as `/dev/loop3`."""
    return next((device for device, name in held(file.parent).items() if name == str(file)), None)


def number_of(device: str) -> int:
    """The kernel's number of a device (makedev(3))."""
    return Path(device).stat().st_rdev


def hold(file: Path) -> str:
    """The loop device of a file, made where there is none. Raises `RegionError` where the machine has none to give."""
    found = device_of(file)
    try:
        return found or run(["losetup", "--find", "--show", file]).strip()
    except ProcessError as error:
        raise RegionError(
            f"disk {file.stem} can't be attached: this machine gives no loop device ({error}); "
            "in a container, run it with --privileged or hand in /dev/loop-control"
        ) from error


def release(file: Path, timeout: float = 5) -> None:
    """Let go of a file's loop device. Raises `RegionError` when something keeps it for `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while device := device_of(file):
        run(["losetup", "--detach", device], check=False)  # which may have gone meanwhile; asked again above
        if time.monotonic() > deadline:
            raise RegionError(f"disk {file.stem} is still in use by way of {device}")
        time.sleep(0.02)


def held(folder: Path) -> dict[str, str]:
    """The loop devices of the files in a folder, and the file of each."""
    found: dict[str, str] = {}
    for backing in Path("/sys/block").glob("loop*/loop/backing_file"):
        with contextlib.suppress(OSError):  # one that is let go at this moment
            if (file := backing.read_text().strip()).startswith(f"{folder}/"):
                # A file that was removed under its device.
                found[f"/dev/{backing.parent.parent.name}"] = file.removesuffix(" (deleted)")
    return found
