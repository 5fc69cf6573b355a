"""What is made once in a process, also when many threads want it first at the same time.

`functools.lru_cache` would let each of them make one, and all but one of them leak.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Info:
    """1 when it was made, else 0."""

    currsize: int


class Once(Generic[T]):
    """A function without arguments that is called once; `cache_clear` lets it be called again."""

    def __init__(self, make: Callable[[], T]) -> None:
        self.__doc__ = make.__doc__
        self._make = make
        self._lock = threading.Lock()
        self._made: list[T] = []

    def __call__(self) -> T:
        """What was made."""
        made = self._made
        if made:
            return made[0]
        with self._lock:
            if not self._made:
                self._made = [self._make()]
            return self._made[0]

    def cache_clear(self) -> None:
        """Forget it; closing it is the caller's matter."""
        with self._lock:
            self._made = []

    def cache_info(self) -> Info:
        """Whether it was made."""
        return Info(len(self._made))
