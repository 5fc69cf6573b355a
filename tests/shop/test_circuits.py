"""Who doesn't answer keeps few waiting: the shop's threads are not all spent on one silent server."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings

from core.breaker import Breaker, Circuit, RestingError
from core.drivers import storage
from core.errors import ApiError
from tests.shop.conftest import forget_clients


class Clock:
    """A time that tests set."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@contextmanager
def silence() -> Iterator[int]:
    """A port that takes connections and says nothing."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(64)
        yield server.getsockname()[1]


def ask(
    circuit: Circuit,
    clock: Clock,
    *,
    seconds: float,
    fails: bool = True,
    kind: type[Exception] = TimeoutError,
) -> None:
    with circuit.watching(OSError):
        clock.now += seconds
        if fails:
            raise kind


def test_after_three_slow_failures_one_in_five_seconds_may_try() -> None:
    clock = Clock()
    circuit = Circuit(clock=clock)
    for _ in range(3):
        with pytest.raises(TimeoutError):
            ask(circuit, clock, seconds=4)
    with pytest.raises(RestingError):
        ask(circuit, clock, seconds=4)
    clock.now += 5
    with pytest.raises(TimeoutError):
        ask(circuit, clock, seconds=4)
    with pytest.raises(RestingError):
        ask(circuit, clock, seconds=0, fails=False)
    clock.now += 5
    ask(circuit, clock, seconds=4, fails=False)
    ask(circuit, clock, seconds=0, fails=False)


def test_only_one_tries_at_a_time() -> None:
    clock = Clock()
    circuit = Circuit(clock=clock)
    for _ in range(3):
        with pytest.raises(TimeoutError):
            ask(circuit, clock, seconds=1)
    clock.now += 5
    with circuit.watching(OSError), pytest.raises(RestingError), circuit.watching(OSError):
        pytest.fail("two at once")


def test_quick_refusals_and_other_errors_rest_nobody() -> None:
    clock = Clock()
    circuit = Circuit(clock=clock)
    for _ in range(10):
        with pytest.raises(TimeoutError):
            ask(circuit, clock, seconds=0.1)
    for _ in range(10):
        with pytest.raises(KeyError):
            ask(circuit, clock, seconds=4, kind=KeyError)
    ask(circuit, clock, seconds=0, fails=False)


def test_after_a_rest_one_tries_before_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Breaker, "GRACE_SECONDS", 2.5)
    clock = Clock()
    breaker = Breaker(10, clock=clock)
    assert [breaker.closed(), breaker.closed()] == [True, True]
    breaker.open()
    assert not breaker.closed()
    clock.now += 10
    assert [breaker.closed(), breaker.closed()] == [True, False]
    breaker.open()
    clock.now += 9
    assert not breaker.closed()
    clock.now += 1
    assert breaker.closed()
    clock.now += 2.5
    assert [breaker.closed(), breaker.closed()] == [True, True]


def _cart(port: int) -> Callable[[], Any]:
    from cart import store

    settings.SHOP = replace(settings.SHOP, redis=replace(settings.SHOP.redis, host="127.0.0.1", port=port))
    return lambda: store.load("g1")


def _reviews(port: int) -> Callable[[], Any]:
    from reviews import store

    mongodb = replace(settings.SHOP.mongodb, host="127.0.0.1", port=port)
    settings.SHOP = replace(settings.SHOP, mongodb=mongodb)
    return lambda: store.find("r1")


def _login(port: int) -> Callable[[], Any]:
    from wechat import api

    wechat = replace(settings.SHOP.wechat, api=f"http://127.0.0.1:{port}")
    settings.SHOP = replace(settings.SHOP, wechat=wechat)
    return lambda: api.code_to_session(code="c")


def _upload(port: int) -> Callable[[], Any]:
    server = replace(settings.SHOP.storage, endpoint=f"http://127.0.0.1:{port}")
    settings.SHOP = replace(settings.SHOP, storage=server)
    wanted = storage.Object("u/1.jpg", b"x", "image/jpeg", "no-cache")
    return lambda: storage.put(server.media_bucket, wanted)


@pytest.mark.parametrize("dependency", [_cart, _reviews, _login, _upload])
def test_a_silent_server_is_left_alone_after_a_few_questions(
    dependency: Callable[[int], Callable[[], Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.drivers import https

    for driver in (https, storage):
        monkeypatch.setattr(driver, "READ_SECONDS", 0.6)
    before = settings.SHOP
    with silence() as port:
        forget_clients()
        use = dependency(port)
        try:
            for _ in range(3):
                with pytest.raises((ApiError, storage.UnavailableError)):
                    use()
            began = time.monotonic()
            for _ in range(20):
                with pytest.raises((ApiError, storage.UnavailableError)):
                    use()
            # Waiting each time would take 12 s and more.
            assert time.monotonic() - began < 5
        finally:
            settings.SHOP = before
            forget_clients()
