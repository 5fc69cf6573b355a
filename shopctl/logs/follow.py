"""What comes from several hosts, as it comes: a host that goes away is named and asked for again."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shopctl.drivers.ssh_stream import Stream
from shopctl.errors import ShopctlError
from shopctl.logs import reading
from shopctl.logs.entry import Entry, parse
from shopctl.logs.merger import Merger

if TYPE_CHECKING:
    from infra.outputs import Host
    from shopctl.drivers.ssh import Fleet
    from shopctl.logs.reading import Wish

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 10.0
"""Seconds between two attempts to reach a host that is away."""
_TICK = 1.0


@dataclass(frozen=True)
class Notice:
    """What happens to a host's stream. `there`: whether more is to come from it now."""

    host: str
    words: str
    there: bool


Say = Callable[[Entry], None]
Tell = Callable[[Notice], None]


def follow(fleet: Fleet, hosts: Sequence[Host], wish: Wish, say: Say, tell: Tell) -> None:
    """Says every line that somebody wants, in the order of time, until Ctrl-C. Nothing is left on the hosts then."""
    found: queue.Queue[Entry | Notice] = queue.Queue()
    merger = Merger([host.name for host in hosts], time.monotonic())
    watches = [_Watch(fleet, host, wish, found) for host in hosts]
    for watch in watches:
        watch.start()
    try:
        while True:
            _take(found, merger, wish, tell)
            for entry in merger.due(time.monotonic()):
                say(entry)
    except KeyboardInterrupt:
        for entry in merger.rest():
            say(entry)
    finally:
        for watch in watches:
            watch.stop()
        for watch in watches:
            watch.join()


def _take(found: queue.Queue[Entry | Notice], merger: Merger, wish: Wish, tell: Tell) -> None:
    """Waits for something to come or to become due, and takes all that is there."""
    due = merger.next_due(time.monotonic())
    try:
        item = found.get(timeout=_TICK if due is None else min(due + 0.01, _TICK))
        while True:
            if isinstance(item, Entry):
                if wish.choice.takes(item):
                    merger.add(item, time.monotonic())
            elif item.there:
                merger.joined(item.host)
                if item.words:
                    tell(item)
            else:
                merger.gone(item.host)
                tell(item)
            item = found.get_nowait()
    except queue.Empty:
        return


class _Watch(threading.Thread):
    """One host: what it had, then what comes; again from where it stopped when the stream breaks."""

    def __init__(self, fleet: Fleet, host: Host, wish: Wish, found: queue.Queue[Entry | Notice]) -> None:
        super().__init__(name=f"logs of {host.name}", daemon=True)
        self._fleet, self._host, self._wish, self._found = fleet, host, wish, found
        self._stopped = threading.Event()
        self._stream: Stream | None = None
        self._after: int | None = None
        self._seen: set[str] = set()

    def stop(self) -> None:
        """Ends it soon; `join` waits for that."""
        self._stopped.set()
        if self._stream:
            self._stream.stop()

    def run(self) -> None:
        """Until it is stopped."""
        pause, away = FIRST_PAUSE, False
        while not self._stopped.is_set():
            try:
                self._join(away)
                pause, away = FIRST_PAUSE, False
                why = self._read()
            except ShopctlError as error:
                why = error.what
            if self._stopped.is_set():
                return
            if not away:
                self._found.put(Notice(self._host.name, f"away: {why}", there=False))
            away = True
            self._stopped.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _join(self, away: bool) -> None:
        if self._after is None:
            past = reading.past_of(self._fleet, self._host, self._wish)
            if past.error:
                raise ShopctlError(past.error, where=self._host.name)
            for entry in past.entries:
                self._found.put(entry)
            if past.end:
                self._after = past.end.at
                self._seen = {past.end.cursor, *(entry.cursor for entry in past.entries)}
        else:
            with self._fleet.connected(self._host):
                pass
        self._found.put(Notice(self._host.name, "back" if away else "", there=True))

    def _read(self) -> str:
        """Until the stream ends; returns why it did."""
        stream = Stream(self._fleet, self._host, reading.following(self._wish, self._after))
        self._stream = stream
        try:
            if self._stopped.is_set():
                return ""
            for line in stream:
                entry = parse(self._host.name, line)
                if entry is None or entry.at < (self._after or 0) or entry.cursor in self._seen:
                    continue
                if entry.at > (self._after or 0):
                    self._after, self._seen = entry.at, set()
                self._seen.add(entry.cursor)
                self._found.put(entry)
            return stream.why()
        finally:
            self._stream = None
            stream.close()
