"""Single flight: of the threads that want the same thing at the same time, one makes it and the others wait."""

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")


class Flights(Generic[T]):
    """What is being made in this process right now."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[Hashable, Future[T]] = {}

    def run(self, key: Hashable, make: Callable[[], T]) -> T:
        """The result of `make`, or of the same call that another thread has under way. Its exception is everybody's."""
        with self._lock:
            running = self._running.get(key)
            if running is None:
                mine: Future[T] = Future()
                self._running[key] = mine
        if running is not None:
            return running.result()
        try:
            mine.set_result(make())
        except BaseException as error:  # noqa: BLE001 - raised below, here and in those who wait
            mine.set_exception(error)
        finally:
            with self._lock:
                del self._running[key]
        return mine.result()
