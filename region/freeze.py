"""Copy a disk's file as it is at one moment: `freeze.py FILE TARGET DEVICE|- [MOUNT_POINT...]`.

A program of its own, so that the thaw comes whatever becomes of its caller. FIFREEZE waits until all that was written
is on the device, and holds what is written from then on (linux/fs.h, fsfreeze(8)).
"""

import fcntl
import os
import subprocess
import sys

FIFREEZE, FITHAW = 0xC0045877, 0xC0045878


def main(source: str, target: str, device: str, *mount_points: str) -> None:
    """Freeze what is mounted, copy, thaw."""
    frozen: list[int] = []
    try:
        for path in mount_points:
            folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.ioctl(folder, FIFREEZE, 0)
            frozen.append(folder)
        if device != "-":
            blocks = os.open(device, os.O_RDONLY)
            os.fsync(blocks)
            os.close(blocks)
        subprocess.run(["cp", "--sparse=always", "--reflink=auto", source, f"{target}.partial"], check=True)
    finally:
        for folder in frozen:
            fcntl.ioctl(folder, FITHAW, 0)
    os.rename(f"{target}.partial", target)  # noqa: PTH104 (pathlib costs as much as all the rest)


if __name__ == "__main__":
    main(*sys.argv[1:])
