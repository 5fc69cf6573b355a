"""A long command in a process of its own: with a word now and then, and under a lock that outlives us."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path


def run(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    lock: int,
    still: Callable[[float], None],
    every: float,
) -> tuple[int, str]:
    """Its exit code, and all that it said; `still` is told the seconds it has taken, `every` so many."""
    started = time.monotonic()
    with tempfile.TemporaryFile("w+") as log:
        # The child holds the lock too: when we are killed, a second run waits for its end.
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            pass_fds=(lock,),
        )
        try:
            while True:
                try:
                    code = process.wait(every)
                    break
                except subprocess.TimeoutExpired:
                    still(time.monotonic() - started)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
        log.seek(0)
        return code, log.read()
