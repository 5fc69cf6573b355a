"""What the region raises, and how it tells of a machine that has come to its end."""

import errno
import os
from pathlib import Path

SCARCE = 64 * 2**20
"""Bytes free on a disk below which whatever fails is likely to fail for want of space."""

_ENDS = {
    errno.ENOSPC: "the disk is full: free some space",
    errno.EDQUOT: "the disk quota is used up: free some space",
    errno.EROFS: "the file system is read-only: look at the kernel's log (dmesg), mend it",
    errno.EMFILE: "too many files are open: raise the limit (ulimit -n)",
    errno.ENFILE: "too many files are open on the machine: raise fs.file-max",
    errno.ENOMEM: "the machine's memory is used up: end something else",
}


class RegionError(Exception):
    """A thing of the region could not be made, changed or reached; the message says which, and why."""


class ProcessError(RegionError):
    """A process ended with an unexpected exit code."""

    def __init__(self, argv: list[str], returncode: int, output: str) -> None:
        tail = "\n".join(output.strip().splitlines()[-15:])
        super().__init__(f"exit code {returncode} of: {' '.join(argv)}\n{tail}")
        self.argv = argv
        self.returncode = returncode
        self.output = output


def advice(error: Exception, folder: Path) -> str | None:
    """What of the machine is at its end, and what to do, when that is why a thing failed; None when it isn't.

    `folder` is where the region keeps its things.
    """
    if isinstance(error, OSError) and (said := _ENDS.get(error.errno or 0)):
        where = f" ({error.filename})" if error.filename else ""
        return f"{said}{where}; then run the same command again: it goes on from what is there"
    if isinstance(error, OSError | RegionError) and folder.exists():
        status = os.statvfs(folder)
        free = status.f_bavail * status.f_frsize
        if free < SCARCE:
            return (
                f"the disk with {folder} has {free // 2**20} MiB left: free some space; then run the same command "
                "again: it goes on from what is there"
            )
    return None
