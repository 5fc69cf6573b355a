"""What is made once in a process."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.once import Once


def test_many_threads_get_the_same_one() -> None:
    calls: list[int] = []
    together = threading.Barrier(8)

    @Once
    def made() -> object:
        calls.append(1)
        time.sleep(0.02)
        return object()

    def want(_: int) -> object:
        together.wait()
        return made()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(map(id, pool.map(want, range(8))))) == 1
    assert (len(calls), made.cache_info().currsize) == (1, 1)
    made.cache_clear()
    assert made.cache_info().currsize == 0
    made()
    assert len(calls) == 2


def test_a_failure_is_tried_again() -> None:
    calls: list[int] = []

    @Once
    def made() -> int:
        calls.append(1)
        return 1 // (len(calls) - 1)

    with pytest.raises(ZeroDivisionError):
        made()
    assert made() == 1
