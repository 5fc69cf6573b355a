"""Streams of several hosts as one, in the order of time. Pure: whoever uses it says what time it is.

A line waits until every other host has told something later, or for `WINDOW`: within that time lines that come late
still find their place. At the beginning all wait for the slowest host, though not for longer than `PATIENCE`.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from itertools import count

from shopctl.logs.entry import Entry

WINDOW = 0.4
"""Seconds; a line takes some milliseconds, a journal flushes at once."""
PATIENCE = 4.0
"""Seconds for hosts to answer at the beginning."""


class Merger:
    """`began` and `now` are of one clock that goes forward."""

    def __init__(self, hosts: Iterable[str], began: float) -> None:
        self._newest: dict[str, int | None] = dict.fromkeys(hosts)
        self._awaited = set(self._newest)
        self._began = began
        self._heap: list[tuple[int, int, float, Entry]] = []
        self._number = count()

    def add(self, entry: Entry, now: float) -> None:
        """A line has come."""
        heapq.heappush(self._heap, (entry.at, next(self._number), now, entry))
        self._newest[entry.host] = max(entry.at, self._newest.get(entry.host) or 0)

    def joined(self, host: str) -> None:
        """The host has told what it had."""
        self._awaited.discard(host)

    def gone(self, host: str) -> None:
        """Nobody waits for the host until its next line."""
        self._awaited.discard(host)
        self._newest.pop(host, None)

    def due(self, now: float) -> list[Entry]:
        """The lines whose turn has come, the oldest first."""
        if self._awaited and now < self._began + PATIENCE:
            return []
        self._awaited.clear()
        found: list[Entry] = []
        while self._heap and self._is_due(now):
            found.append(heapq.heappop(self._heap)[3])
        return found

    def rest(self) -> list[Entry]:
        """All that waits, the oldest first."""
        found = [item[3] for item in sorted(self._heap, key=lambda item: item[:2])]
        self._heap.clear()
        return found

    def next_due(self, now: float) -> float | None:
        """In how many seconds to look again when nothing comes; None: not at all."""
        if not self._heap:
            return None
        if self._awaited:
            return max(self._began + PATIENCE - now, 0.0)
        return max(self._heap[0][2] + WINDOW - now, 0.0)

    def _is_due(self, now: float) -> bool:
        at, _, came, _ = self._heap[0]
        # A host's own lines come in their order.
        return now >= came + WINDOW or all(
            newest is not None and newest >= at for newest in self._newest.values()
        )
