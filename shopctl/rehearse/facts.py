"""What the ops host and the database say of themselves: pure readers of output."""

from __future__ import annotations

import re

from shopctl.rehearse.sizing import Size


def room(said: str) -> tuple[int, int]:
    """Of `place.ROOM`'s output: bytes that are free, and that there are. Raises ValueError."""
    free, size = said.splitlines()[-1].split()
    return int(free), int(size)


def memory(said: str) -> int:
    """Of `place.MEMORY`'s output: bytes that are available. Raises ValueError."""
    for line in said.splitlines():
        if line.startswith("Mem:"):
            return int(line.split()[-1])
    raise ValueError(said)


def measured(said: str) -> Size:
    """Of `source.MEASURE`'s output. Raises ValueError."""
    for line in said.splitlines():
        if re.fullmatch(r"[0-9]+\s+[0-9]+", line):
            total, largest = line.split()
            return Size(int(total), int(largest))
    raise ValueError(said)


def applied(said: str) -> tuple[str, ...]:
    """Of `source.APPLIED`'s output; what the client itself says has spaces in it."""
    return tuple(line for line in said.split("\n") if re.fullmatch(r"\w+\.\w+", line.strip()))
