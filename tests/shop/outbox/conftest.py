"""Handlers of the test's own, and queues that begin empty."""

import gc
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connections, transaction

from core.drivers import rabbitmq
from core.drivers.rabbitmq import Broker
from outbox import registry, services
from outbox.registry import Handler, Job
from tests.shop.conftest import Shop


@pytest.fixture(autouse=True)
def _tidy() -> Iterator[None]:
    """The driver leaves sockets of connections that were refused or cut off to the garbage collector."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture
def handlers(monkeypatch: pytest.MonkeyPatch) -> dict[str, Handler]:
    """Nobody handles anything but who is put in here."""
    found: dict[str, Handler] = {}
    monkeypatch.setattr(registry, "HANDLERS", found)
    monkeypatch.setattr("outbox.handling.HANDLERS", found)
    return found


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> dict[str, Job]:
    """There are no jobs but those that are put in here."""
    found: dict[str, Job] = {}
    monkeypatch.setattr("outbox.schedule.JOBS", found)
    return found


@pytest.fixture
def broker(shop: Shop) -> Iterator[Broker]:
    """RabbitMQ with empty queues."""
    made = Broker()
    for name in (rabbitmq.WORK, rabbitmq.DEAD, *map(rabbitmq.delay_queue, rabbitmq.DELAYS)):
        made._outgoing.queue_purge(name)
    yield made
    made.close()


@pytest.fixture
def working(jobs: dict[str, Job], broker: Broker) -> Iterator[Callable[[], threading.Event]]:
    """Start a worker, as often as wanted; each ends with the event that comes back, or with the test."""
    from outbox import worker

    started: list[tuple[threading.Event, threading.Thread]] = []

    def start() -> threading.Event:
        stop = threading.Event()
        thread = threading.Thread(target=worker.run, args=(stop,), kwargs={"handlers": 2})
        thread.start()
        started.append((stop, thread))
        return stop

    yield start
    for stop, _ in started:
        stop.set()
    for _, thread in started:
        thread.join(60)
        assert not thread.is_alive()
    connections.close_all()


def put(topic: str, *, delay_seconds: float = 0, **body: Any) -> None:
    """Write a message, as a domain does."""
    with transaction.atomic():
        services.add(topic=topic, body=body, delay_seconds=delay_seconds)


def eventually(true: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)
