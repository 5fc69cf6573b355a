"""Shoppers at work: a thread for each, which takes one journey after the other until it is told to go home."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence

from shopctl.drivers import http_session
from shopctl.shopper import journeys
from shopctl.shopper.calls import Server, TroubleError
from shopctl.shopper.ledger import Ledger
from shopctl.shopper.meter import Meter
from shopctl.shopper.people import Shopper
from shopctl.shopper.phone import LeftError, Line, Manner, Phone

# A thread's stack is mostly never touched; a thousand shoppers must fit all the same.
STACK_BYTES = 512 * 1024
SPARE_FILES = 128
AT_ONCE = 16
"""How many phones are used at the same time before and after a load."""


class Gate:
    """Lets journeys begin at a rate, all shoppers together. What was missed is not made up for."""

    def __init__(self, rate: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._every, self._clock = (1 / rate if rate else 0.0), clock
        self._lock, self._next = threading.Lock(), 0.0

    def wait(self) -> float:
        """Seconds until the caller may begin."""
        with self._lock:
            now = self._clock()
            mine = max(now, self._next)
            self._next = mine + self._every
            return mine - now


class Crowd:
    """All shoppers of a load. `connect` makes the connections of one of them."""

    def __init__(
        self,
        shoppers: Sequence[Shopper],
        connect: Callable[[], Mapping[Server, Line]],
        ledger: Ledger,
        meter: Meter,
        *,
        manner: Manner,
        weights: Mapping[str, int],
        rate: float | None = None,
    ) -> None:
        # Each has a connection to the shop and one to WeChat.
        http_session.make_room(2 * len(shoppers) + SPARE_FILES)
        self._closing, self._home = threading.Event(), threading.Event()
        self._gate, self._weights, self._meter = Gate(rate), dict(weights), meter
        self.phones = {
            one.name: Phone(one, connect(), ledger, meter, manner, self._home.wait) for one in shoppers
        }
        self.troubles: list[str] = []
        self._threads: list[threading.Thread] = []
        self._broken: list[BaseException] = []

    def start(self) -> None:
        """Let them in."""
        before = threading.stack_size(STACK_BYTES)
        try:
            for name, phone in self.phones.items():
                thread = threading.Thread(
                    target=self._shop, args=(phone,), name=f"shopper {name}", daemon=True
                )
                thread.start()
                self._threads.append(thread)
        finally:
            threading.stack_size(before)

    def stop(self, *, grace: float = 0.0) -> None:
        """Send them home: each ends with the request that it is waiting for, or within so many seconds with the journey
        that it is on. Raises what broke a shopper's thread."""
        self._closing.set()
        limit = time.monotonic() + grace
        for thread in self._threads:
            thread.join(max(0.0, limit - time.monotonic()))
        self._home.set()
        for thread in self._threads:
            thread.join()
        # From here on phones are used for questions, which nobody is called away from.
        self._home.clear()
        if self._broken:
            raise self._broken[0]

    def close(self) -> None:
        """Hang up."""
        for phone in self.phones.values():
            phone.close()

    @property
    def broken(self) -> bool:
        """Whether a thread ended with an error of ours: the ledger could not be written, for one."""
        return bool(self._broken)

    def _shop(self, phone: Phone) -> None:
        try:
            while not self._closing.wait(self._gate.wait()):
                name = journeys.pick(self._weights, phone.shopper.random)
                try:
                    phone.walk(journeys.JOURNEYS[name](phone.shopper))
                    self._meter.finished(name)
                except TroubleError as trouble:
                    self._note(f"{phone.shopper.name}, {name}: {trouble}")
                    # Somebody for whom nothing works does not try again at once.
                    self._closing.wait(0.5)
        except LeftError:
            return
        except BaseException as error:  # noqa: BLE001 - it is raised again by `stop`, where somebody hears it
            self._broken.append(error)

    def _note(self, trouble: str) -> None:
        # The first ones tell the story; a shop that is down for an hour must not fill the memory.
        if len(self.troubles) < 100:
            self.troubles.append(trouble)
