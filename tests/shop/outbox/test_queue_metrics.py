"""What the worker tells of RabbitMQ's queues: what is there, and nothing when nothing is known."""

import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pika
import pytest
from django.conf import settings
from django.db import OperationalError, connections
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest

from core.drivers import rabbitmq
from core.drivers.rabbitmq import Broker, Delivery
from outbox import queues, services, worker
from outbox.queues import QueueCollector
from outbox.registry import Job
from tests.shop.conftest import APP
from tests.shop.outbox.conftest import eventually, put

EMPTY = dict.fromkeys(rabbitmq.QUEUES, 0)


def told(collector: QueueCollector = queues.collector) -> tuple[bool, dict[str, int]]:
    """Whether the queues are readable, and how deep each is."""
    registry = CollectorRegistry()
    registry.register(collector)
    text = generate_latest(registry).decode()
    (readable,) = re.findall(r"^shop_queue_readable (\S+)$", text, re.MULTILINE)
    found = re.findall(r'^shop_queue_messages\{queue="([^"]+)"\} (\S+)$', text, re.MULTILINE)
    return readable == "1.0", {queue: int(float(count)) for queue, count in found}


@pytest.fixture
def sending(
    jobs: dict[str, Job], broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> Iterator[list[pika.BlockingConnection]]:
    """A worker that sends and handles nothing, and its connections."""
    monkeypatch.setattr(queues, "EVERY_SECONDS", 0.2)
    monkeypatch.setattr(worker, "RETRY_SECONDS", 0.2)
    queues.collector.forget()
    made: list[pika.BlockingConnection] = []
    connect = rabbitmq.connect

    def noted(**words: Any) -> pika.BlockingConnection:
        made.append(connect(**words))
        return made[-1]

    monkeypatch.setattr(rabbitmq, "connect", noted)
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=(stop,), kwargs={"handlers": 0})
    thread.start()
    yield made
    stop.set()
    thread.join(60)
    assert not thread.is_alive()
    queues.collector.forget()
    connections.close_all()


def test_a_message_that_nobody_takes_is_one_in_its_queue(sending: object, broker: Broker) -> None:
    eventually(lambda: told() == (True, EMPTY))
    put("a")
    eventually(lambda: told() == (True, {**EMPTY, rabbitmq.WORK: 1}))
    put("a", delay_seconds=1000)
    broker.bury(b"x")
    broker.bury(b"y")
    full = {rabbitmq.WORK: 1, rabbitmq.delay_queue(900): 1, rabbitmq.DEAD: 2}
    eventually(lambda: told() == (True, {**EMPTY, **full}))
    assert REGISTRY.get_sample_value("shop_queue_messages", {"queue": rabbitmq.DEAD}) == 2


def test_without_rabbitmq_nothing_is_readable_and_no_queue_is_empty(
    sending: list[pika.BlockingConnection], monkeypatch: pytest.MonkeyPatch
) -> None:
    put("a")
    eventually(lambda: told() == (True, {**EMPTY, rabbitmq.WORK: 1}))
    there = settings.SHOP
    settings.SHOP = replace(there, rabbitmq=replace(there.rabbitmq, host="127.0.0.1", port=1))
    try:
        for connection in list(sending):
            connection._impl._transport._sock.shutdown(socket.SHUT_RDWR)
        eventually(lambda: told() == (False, {}))
    finally:
        settings.SHOP = there
    eventually(lambda: told() == (True, {**EMPTY, rabbitmq.WORK: 1}))


def test_without_mysql_the_queues_are_told_all_the_same(
    sending: object, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(**_: Any) -> int:
        raise OperationalError("MySQL is away")

    monkeypatch.setattr(services, "relay", away)
    eventually(lambda: told() == (True, EMPTY))
    broker.bury(b"x")
    eventually(lambda: told() == (True, {**EMPTY, rabbitmq.DEAD: 1}))


class _Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_rabbitmq_is_asked_every_15_seconds_and_not_when_somebody_reads(broker: Broker) -> None:
    clock = _Clock()
    collector = QueueCollector(clock)
    assert told(collector) == (False, {})
    collector.look(broker)
    broker.work(Delivery("1", "a", {}))
    clock.now += 14.9
    collector.look(broker)
    assert told(collector) == (True, EMPTY)
    clock.now += 0.2
    assert told(collector) == (True, EMPTY)
    collector.look(broker)
    assert told(collector) == (True, {**EMPTY, rabbitmq.WORK: 1})


def test_what_was_seen_a_minute_ago_is_told_no_more(broker: Broker) -> None:
    clock = _Clock()
    collector = QueueCollector(clock)
    collector.look(broker)
    clock.now += 60
    assert told(collector) == (True, EMPTY)
    clock.now += 0.1
    assert told(collector) == (False, {})
    collector.look(broker)
    assert told(collector) == (True, EMPTY)


def test_a_queue_that_is_gone_keeps_no_message_from_another(broker: Broker) -> None:
    collector = QueueCollector()
    gone = rabbitmq.delay_queue(1)
    broker._outgoing.queue_delete(gone)
    try:
        collector.look(broker)
        assert told(collector) == (False, {})
        broker.work(Delivery("1", "a", {}))
        assert broker.depth(rabbitmq.WORK) == 1
    finally:
        Broker().close()


def test_only_the_worker_tells_of_the_queues() -> None:
    code = "import django; django.setup(); import {}, sys; print('outbox.queues' in sys.modules)"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "shop.settings_test"}
    for module, tells in (("shop.wsgi", False), ("outbox.management.commands.worker", True)):
        argv = [sys.executable, "-W", "ignore", "-c", code.format(module)]
        done = subprocess.run(argv, env=environment, cwd=APP, capture_output=True, text=True, check=True)
        assert done.stdout.split() == [str(tells)], module
