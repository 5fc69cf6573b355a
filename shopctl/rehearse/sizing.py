"""How much room and time a rehearsal takes, and whether the host has it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

GROWTH = 1.3
"""A table that was just filled is a little larger than its estimate; so is one that grows under load."""
IMAGE_TIMES = 4
"""An image as it is sent, unpacked it is about three times that."""
SERVER_BYTES = 600_000_000
"""A server's own files, empty: log, undo space, system tables."""
RESERVE = 0.05
"""Of the disk: what other things on the host need meanwhile."""
MEMORY_BYTES = 1_000_000_000
"""Of the shop on trial, who loads it, and a server without its pool."""
POOL_SHARE, POOL_LEAST, POOL_MOST = 0.25, 128_000_000, 4_000_000_000

COPY_BYTES_A_SECOND = 8_000_000
IMAGE_BYTES_A_SECOND = 25_000_000
OVERHEAD_SECONDS = 25


@dataclass(frozen=True)
class Size:
    """Of a database, in bytes: all of it, and its largest table."""

    bytes: int
    largest: int


@dataclass(frozen=True)
class Host:
    """What the ops host has free, in bytes."""

    disk_free: int
    disk_size: int
    memory_free: int


@dataclass(frozen=True)
class Needs:
    """What a rehearsal takes: bytes of disk and memory, and about how many seconds."""

    disk: int
    memory: int
    pool: int
    seconds: int


def needs(size: Size, images: Sequence[int], host: Host, *, watching_seconds: float) -> Needs:
    """`images`: bytes of each as it is sent. `watching_seconds`: how long is looked on besides the migrations."""
    # A migration may copy the largest table beside itself.
    data = int((size.bytes + size.largest) * GROWTH)
    pool = int(min(POOL_MOST, max(POOL_LEAST, min(data, host.memory_free * POOL_SHARE))))
    disk = data + SERVER_BYTES + IMAGE_TIMES * sum(images)
    seconds = size.bytes / COPY_BYTES_A_SECOND + sum(images) / IMAGE_BYTES_A_SECOND
    return Needs(disk, MEMORY_BYTES + pool, pool, round(seconds + watching_seconds + OVERHEAD_SECONDS))


def lacking(host: Host, wanted: Needs) -> list[str]:
    """What the host has too little of, in words. Empty when it has enough."""
    reserve = int(host.disk_size * RESERVE)
    found = []
    if host.disk_free - reserve < wanted.disk:
        found.append(
            f"disk: {_gb(wanted.disk)} for the copy, the images and a table copied in a migration; "
            f"{_gb(host.disk_free)} are free, of which {_gb(reserve)} stay so"
        )
    if host.memory_free < wanted.memory:
        found.append(f"memory: {_gb(wanted.memory)}; {_gb(host.memory_free)} are free")
    return found


def _gb(count: int) -> str:
    return f"{count / 1e9:.1f} GB"
