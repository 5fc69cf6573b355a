"""The cache: one computation however many ask, nothing old after a change, and no need for Redis."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from core import cache as module
from core.cache import Cache
from core.drivers import redis
from core.metrics import CACHE_READS
from core.replica import _scope
from tests.shop.away import without_redis


class Source:
    """Something slow to read, which counts its reads; as long as `held` says, it has no answer."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.value: bytes | None = b"{}"
        self.reads = 0
        self.held: Callable[[], bool] = lambda: False
        self._seconds = seconds
        self._lock = threading.Lock()

    def __call__(self) -> bytes | None:
        with self._lock:
            self.reads += 1
        value = self.value
        limit = time.monotonic() + 60
        while self.held():
            assert time.monotonic() < limit, "held for ever"
            time.sleep(0.01)
        time.sleep(self._seconds)
        return value


@pytest.fixture
def cache() -> Cache:
    return Cache("test")


def reader(
    cache: Cache, source: Callable[[], bytes | None], seconds: float = 60
) -> Callable[[], bytes | None]:
    return lambda: cache.read("key", tags=("tag", "other"), seconds=seconds, make=source)


def at_once(*calls: Callable[[], bytes | None]) -> list[bytes | None]:
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], bytes | None]) -> bytes | None:
        barrier.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def counted(result: str) -> float:
    return CACHE_READS.labels(result)._value.get()


def test_a_value_is_made_once(cache: Cache) -> None:
    source = Source()
    source.value = "磨砂".encode()
    assert [reader(cache, source)() for _ in range(3)] == ["磨砂".encode()] * 3
    assert source.reads == 1


def test_many_misses_make_one_computation_in_one_process(cache: Cache) -> None:
    source = Source(0.2)
    assert at_once(*[reader(cache, source)] * 16) == [b"{}"] * 16
    assert source.reads == 1


def test_many_misses_make_one_computation_in_many_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    # A busy machine may need longer for it than a buyer would wait.
    monkeypatch.setattr(module, "WAIT_SECONDS", 60.0)
    monkeypatch.setattr(module, "LOCK_SECONDS", 60)
    source = Source(0.2)
    # Each cache object has flights of its own, as each process does; Redis alone holds them together.
    assert at_once(*[reader(Cache("test"), source) for _ in range(12)]) == [b"{}"] * 12
    assert source.reads == 1


def test_a_change_shows_at_once_whichever_tag_it_touches(cache: Cache) -> None:
    source = Source()
    for tag, value in (("tag", b"1"), ("other", b"2")):
        assert reader(cache, source)() == source.value
        source.value = value
        assert reader(cache, source)() != value
        cache.invalidate(tag)
        assert reader(cache, source)() == value


def test_what_was_read_before_a_change_and_stored_after_it_is_not_served(cache: Cache) -> None:
    source = Source(0.3)
    old = threading.Thread(target=reader(cache, source))
    old.start()
    time.sleep(0.1)
    source.value = b"new"
    cache.invalidate("tag")
    old.join()
    assert reader(cache, source)() == b"new"


def test_an_entry_past_its_time_is_renewed_by_one_while_others_get_the_old_one(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Past its time it is kept until all have come, and its renewal is nobody else's, however busy the machine is.
    monkeypatch.setattr(module, "STALE_FACTOR", 1000)
    monkeypatch.setattr(module, "LOCK_SECONDS", 60)
    source, answers = Source(), list[bytes | None]()
    reader(cache, source, seconds=0.1)()
    time.sleep(0.15)
    source.value = b"new"
    # Only the one that renews waits: it is done after the others.
    source.held = lambda: len(answers) < 7

    def read() -> bytes | None:
        answers.append(reader(Cache("test"), source, seconds=60)())
        return None

    at_once(*[read] * 8)
    assert answers == [b"{}"] * 7 + [b"new"]
    assert source.reads == 2


def test_that_there_is_nothing_is_remembered_but_not_for_long(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MISSING_SECONDS", 1.5)
    source = Source()
    source.value = None
    assert [reader(cache, source)() for _ in range(3)] == [None] * 3
    assert source.reads == 1
    time.sleep(1.7)
    source.value = b"{}"
    assert reader(cache, source)() == b"{}"


def test_times_differ_a_little(cache: Cache) -> None:
    ends = set()
    for number in range(20):
        cache.read(f"key{number}", tags=(), seconds=100, make=Source())
        ends.add(round(redis.client().pttl(f"cache:test:key{number}") / module.STALE_FACTOR / 1000, 1))
    assert len(ends) > 5
    assert 89 <= min(ends) <= max(ends) <= 111


def test_just_after_a_change_the_primary_is_read(cache: Cache) -> None:
    seen: list[bool] = []

    def look() -> bytes:
        seen.append(getattr(_scope, "primary", False))
        return b"{}"

    reader(cache, look)()
    cache.invalidate("tag")
    reader(cache, look)()
    assert seen == [False, True]


def test_whoever_holds_the_lock_and_dies_delays_others_only_shortly(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WAIT_SECONDS", 0.2)
    redis.client().set("cache:test:key:lock", "somebody", ex=60)
    source = Source()
    started = time.monotonic()
    assert reader(cache, source)() == b"{}"
    # The lock would be there for a minute.
    assert 0.2 <= time.monotonic() - started < 30
    assert redis.client().get("cache:test:key:lock") == "somebody", "a lock is given back by its holder only"


def test_a_failure_is_everybodys_and_is_not_kept(cache: Cache) -> None:
    def fail() -> bytes:
        time.sleep(0.1)
        raise ValueError("the database is away")

    with pytest.raises(ValueError, match="away"):
        at_once(*[reader(cache, fail)] * 4)
    assert reader(cache, Source())() == b"{}"


@pytest.fixture
def redis_away() -> Iterator[None]:
    with without_redis():
        yield


@pytest.mark.usefixtures("redis_away")
def test_without_redis_each_process_computes_once_at_a_time(cache: Cache) -> None:
    before = counted("unavailable")
    source = Source(0.2)
    # Until everybody has come.
    source.held = lambda: counted("unavailable") - before < 13
    cache.read("warm", tags=(), seconds=1, make=Source())
    assert at_once(*[reader(cache, source)] * 12) == [b"{}"] * 12
    assert source.reads == 1
    assert counted("unavailable") - before == 13
    cache.invalidate("tag")


@pytest.mark.usefixtures("redis_away")
def test_redis_is_not_asked_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSE_SECONDS", 60.0)
    client, asked = redis.client(), list[object]()
    ask = client.mget

    def counted_ask(keys: list[str]) -> object:
        asked.append(keys)
        return ask(keys)

    monkeypatch.setattr(client, "mget", counted_ask)
    cache = Cache("test")
    for _ in range(50):
        reader(cache, Source())()
    assert len(asked) == 1
