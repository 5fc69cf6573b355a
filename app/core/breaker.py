"""A rest for something that failed, so that not every request has to find out by waiting."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Breaker:
    """Opens at a failure and closes by itself after `seconds`: for one caller first, and when that one hasn't failed
    within `GRACE_SECONDS` for all. So who is silent keeps one thread waiting, and not each of them every time.
    """

    GRACE_SECONDS = 2.5

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._until = 0.0
        self._proven = True

    def open(self) -> None:
        """Leave it alone for a while."""
        self._proven = False
        self._until = self._clock() + self._seconds

    def close(self) -> None:
        """Use it again at once."""
        self._proven = True
        self._until = 0.0

    def closed(self) -> bool:
        """Whether it may be asked."""
        now = self._clock()
        if now < self._until:
            return False
        if not self._proven:
            # The others wait for this caller's experience.
            self._proven, self._until = True, now + self.GRACE_SECONDS
        return True


class RestingError(Exception):
    """It was asked often enough without answering in time."""


class Circuit:
    """Keeps a process's few threads from all waiting for somebody who doesn't answer.

    After `failures` slow ones in a row only one caller in `seconds` is let through, until somebody has an answer. Who
    is refused at once costs nobody a thread, and is asked each time.
    """

    SLOW_SECONDS = 0.5

    def __init__(
        self, *, failures: int = 3, seconds: float = 5.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._failures = failures
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._failed = 0
        self._next_try = 0.0

    @contextmanager
    def watching(self, *errors: type[Exception]) -> Iterator[None]:
        """Around a question; `errors` say that there was no answer. Raises RestingError instead of asking in vain."""
        self._admit()
        began = self._clock()
        try:
            yield
        except errors:
            if self._clock() - began >= self.SLOW_SECONDS:
                self._note_failure()
            raise
        except Exception:
            self.reset()
            raise
        self.reset()

    def reset(self) -> None:
        """Ask as if nothing had happened."""
        with self._lock:
            self._failed = 0

    def _admit(self) -> None:
        with self._lock:
            if self._failed < self._failures:
                return
            now = self._clock()
            if now < self._next_try:
                raise RestingError
            self._next_try = now + self._seconds

    def _note_failure(self) -> None:
        with self._lock:
            self._failed += 1
            self._next_try = self._clock() + self._seconds
