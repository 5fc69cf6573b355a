"""The region's one door to processes of the machine."""

import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from region.errors import ProcessError


def run(
    argv: Sequence[str | Path],
    *,
    stdin: str | None = None,
    timeout: float = 120,
    check: bool = True,
    env: dict[str, str] | None = None,
) -> str:
    """Run `argv` and return its standard output.

    `timeout` is in seconds. Raises `ProcessError` on a non-zero exit (unless `check` is false) and on a timeout;
    its text has the command and the last lines of both streams. Standard input is never shown: secrets travel there.
    """
    words = [str(word) for word in argv]
    try:
        done = subprocess.run(
            words,
            input=stdin or "",
            text=True,
            capture_output=True,
            timeout=timeout,
            env=env,
            errors="replace",
        )
    except subprocess.TimeoutExpired as error:
        raise ProcessError(words, -1, f"no end after {timeout:.0f} s") from error
    if check and done.returncode:
        raise ProcessError(words, done.returncode, done.stdout + done.stderr)
    return done.stdout


def unmount(path: Path | str, timeout: float = 5) -> None:
    """Unmount, and wait at most `timeout` seconds for processes that were ended to let go of it."""
    deadline = time.monotonic() + timeout
    while True:
        try:
            run(["umount", path])
        except ProcessError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
