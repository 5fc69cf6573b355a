"""A rest for something that failed, so that not every request has to find out by waiting."""

import time
from collections.abc import Callable


class Breaker:
    """Opens at a failure and closes by itself after `seconds`."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._until = 0.0

    def open(self) -> None:
        """Leave it alone for a while."""
        self._until = self._clock() + self._seconds

    def close(self) -> None:
        """Use it again at once."""
        self._until = 0.0

    def closed(self) -> bool:
        """Whether it may be asked."""
        return self._clock() >= self._until
