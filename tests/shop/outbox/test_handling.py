"""What becomes of one message."""

import json
from typing import Any

import pytest
from django.db import DataError, IntegrityError, OperationalError, ProgrammingError

import outbox
from core.drivers.rabbitmq import DELAYS, Delivery, rung
from outbox.handling import ATTEMPTS, handle, pause_after
from outbox.registry import Handler

NOW = 1_000_000.0


class Queues:
    """Queues that remember."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Delivery, float]] = []
        self.dead: list[bytes] = []

    def work(self, message: Delivery, *, wait_seconds: float = 0) -> None:
        """Take a message that waits."""
        self.waiting.append((message, wait_seconds))

    def bury(self, content: bytes) -> None:
        """Take a dead one."""
        self.dead.append(content)


def deliver(message: Delivery | bytes) -> Queues:
    """Handle a message; what was queued."""
    queues = Queues()
    content = message if isinstance(message, bytes) else message.packed()
    handle(content, queues, lambda: NOW)
    return queues


def test_a_message_goes_to_its_handler(handlers: dict[str, Handler]) -> None:
    got: list[dict[str, Any]] = []
    handlers["a"] = got.append
    queues = deliver(Delivery("1", "a", {"x": "手机壳"}))
    assert (got, queues.waiting, queues.dead) == ([{"x": "手机壳"}], [], [])


def test_a_message_that_is_early_waits_for_what_remains(handlers: dict[str, Handler]) -> None:
    handlers["a"] = lambda body: pytest.fail("too early")
    message = Delivery("1", "a", {}, not_before=NOW + 1000)
    assert deliver(message).waiting == [(message, 1000)]


def test_a_message_whose_handler_fails_comes_again_later_each_time(handlers: dict[str, Handler]) -> None:
    def fail(body: dict[str, Any]) -> None:
        raise RuntimeError("no")

    handlers["a"] = fail
    message, pauses = Delivery("1", "a", {}), []
    for attempt in range(1, ATTEMPTS):
        ((message, pause),) = deliver(message).waiting
        assert message.attempts == attempt
        pauses.append(pause)
    assert pauses == sorted(pauses) == [pause_after(attempt) for attempt in range(1, ATTEMPTS)]
    assert deliver(message).dead == [message.packed()]


def test_later_is_no_failure(handlers: dict[str, Handler]) -> None:
    def later(body: dict[str, Any]) -> None:
        raise outbox.Later(30)

    handlers["a"] = later
    expected = Delivery("1", "a", {}, not_before=NOW + 30, attempts=3)
    assert deliver(Delivery("1", "a", {}, attempts=3)).waiting == [(expected, 30)]


def test_a_message_that_can_never_be_handled_is_kept_at_once(handlers: dict[str, Handler]) -> None:
    def never(body: dict[str, Any]) -> None:
        raise outbox.Unprocessable("no such order")

    handlers["a"] = never
    message = Delivery("1", "a", {})
    assert deliver(message).dead == [message.packed()]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"[]",
        b'"text"',
        b"{}",
        json.dumps({"id": 1, "topic": "a", "body": {}}).encode(),
        json.dumps({"id": "1", "topic": "a", "body": []}).encode(),
        json.dumps({"id": "1", "topic": "a", "body": {}, "not_before": "now"}).encode(),
        json.dumps({"id": "1", "topic": "a", "body": {}, "more": 1}).encode(),
        Delivery("1", "nobody's", {}).packed(),
    ],
)
def test_what_nobody_understands_or_handles_is_kept(handlers: dict[str, Handler], content: bytes) -> None:
    handlers["a"] = lambda body: pytest.fail("not understood")
    assert deliver(content).dead == [content]


def test_a_database_that_is_away_says_nothing_about_the_message(handlers: dict[str, Handler]) -> None:
    def away(body: dict[str, Any]) -> None:
        raise OperationalError(2003, "away")

    handlers["a"] = away
    with pytest.raises(OperationalError):
        deliver(Delivery("1", "a", {}))


@pytest.mark.parametrize("kind", [DataError, IntegrityError, ProgrammingError])
def test_what_the_database_refuses_is_the_messages_fault(
    handlers: dict[str, Handler], kind: type[Exception]
) -> None:
    def refused(body: dict[str, Any]) -> None:
        raise kind(1406, "Data too long")

    handlers["a"] = refused
    ((message, _),) = deliver(Delivery("1", "a", {})).waiting
    assert message.attempts == 1


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-5, None),
        (0, None),
        (0.4, None),
        (0.9, 1),
        (4.4, 1),
        (4.6, 5),
        (1799.7, 1800),
        (1800, 1800),
        (90000, 3600),
    ],
)
def test_the_longest_wait_that_is_not_too_long(seconds: float, expected: int | None) -> None:
    assert rung(seconds) == expected


@pytest.mark.parametrize("seconds", [1.0, 59.0, 1799.0, 86400.0])
def test_waits_add_up_to_the_delay_in_few_steps(seconds: float) -> None:
    steps, left = 0, seconds
    while (step := rung(left)) is not None:
        assert step <= left + 0.5
        left, steps = left - step, steps + 1
    assert abs(left) <= 0.5
    assert steps <= 24 + sum(3 for _ in DELAYS)
