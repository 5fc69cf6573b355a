"""The outbox, RabbitMQ and the worker together."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.utils import timezone

from core.drivers import rabbitmq
from core.drivers.rabbitmq import Broker, Delivery
from orders.models import Order
from outbox import schedule, selectors, services, worker
from outbox.models import JobRun, OutboxMessage
from outbox.registry import JOBS, Handler, Job, discover
from tests.shop.conftest import APP
from tests.shop.orders.counter import at_once, buyer, level, sku
from tests.shop.outbox.conftest import eventually, put

Start = Callable[[], threading.Event]


def test_a_message_needs_the_transaction_of_its_change() -> None:
    with pytest.raises(AssertionError):
        services.add(topic="a", body={})


def test_a_message_exists_exactly_if_its_change_does() -> None:
    with transaction.atomic():
        services.add(topic="a", body={})
        transaction.set_rollback(True)
    assert not OutboxMessage.objects.exists()


def test_messages_reach_their_handlers_and_are_marked(handlers: dict[str, Handler], working: Start) -> None:
    got: list[int] = []
    handlers["a"] = lambda body: got.append(body["n"])
    for number in range(150):
        put("a", n=number)
    working()
    eventually(lambda: len(got) >= 150)
    assert sorted(got) == list(range(150))
    eventually(lambda: selectors.backlog().pending == 0)


def test_a_delayed_message_overtakes_nobody_and_blocks_nobody(
    handlers: dict[str, Handler], working: Start
) -> None:
    began, got = time.monotonic(), {}

    def note(body: dict[str, Any]) -> None:
        got[body["n"]] = time.monotonic() - began

    handlers["a"] = note
    put("a", n=9, delay_seconds=9)
    put("a", n=4, delay_seconds=4)
    put("a", n=0)
    working()
    eventually(lambda: len(got) == 3)
    assert list(got) == [0, 4, 9]
    assert got[4] >= 3.4
    assert got[9] >= 8.4


def test_a_failing_handler_does_not_hold_up_the_others(
    handlers: dict[str, Handler], working: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("outbox.handling._PAUSES", (0,))
    tried, got = [], []

    def fail(body: dict[str, Any]) -> None:
        tried.append(1)
        raise RuntimeError("no")

    handlers["bad"], handlers["good"] = fail, lambda body: got.append(1)
    put("bad")
    put("good")
    working()
    eventually(lambda: got == [1] and len(tried) == 10)
    look = Broker()
    eventually(lambda: look.depth(rabbitmq.DEAD) == 1)
    look.close()


def test_nothing_is_lost_while_rabbitmq_is_away(handlers: dict[str, Handler], working: Start) -> None:
    before, got = settings.SHOP, []
    handlers["a"] = lambda body: got.append(body["n"])
    settings.SHOP = replace(before, rabbitmq=replace(before.rabbitmq, host="127.0.0.1", port=1))
    try:
        working()
        put("a", n=1)
        time.sleep(1)
        assert (got, selectors.backlog().pending) == ([], 1)
        metrics = Client().get("/metrics").content.decode()
        assert "shop_outbox_pending 1.0" in metrics
    finally:
        settings.SHOP = before
    eventually(lambda: got == [1])


def test_a_worker_that_dies_in_a_handler_leaves_the_message_to_another(
    handlers: dict[str, Handler], broker: Broker, working: Start
) -> None:
    class Killed(BaseException):
        pass

    def die(body: dict[str, Any]) -> None:
        raise Killed

    handlers["a"] = die
    broker.work(Delivery("1", "a", {}))
    doomed = Broker()
    doomed.consume(lambda content: worker.handle(content, doomed))
    with pytest.raises(Killed):
        doomed.poll(60)
    doomed._connection._impl._transport._sock.shutdown(socket.SHUT_RDWR)
    got: list[dict[str, Any]] = []
    handlers["a"] = got.append
    working()
    eventually(lambda: got == [{}])


def test_two_relays_send_each_message_once() -> None:
    for number in range(60):
        put("a", n=number)
    sent: list[int] = []
    lock = threading.Lock()

    def send(message: OutboxMessage) -> None:
        time.sleep(0.002)
        with lock:
            sent.append(message.body["n"])

    at_once(4, lambda _: services.relay(send=send))
    assert sorted(sent) == list(range(60))


def test_a_relay_that_fails_keeps_what_was_not_sent_in_order() -> None:
    for number in range(3):
        put("a", n=number)
    sent: list[int] = []

    def send(message: OutboxMessage) -> None:
        if message.body["n"] == 1 and message.attempts == 0:
            raise OSError("away")
        sent.append(message.body["n"])

    with pytest.raises(OSError, match="away"):
        services.relay(send=send)
    assert selectors.backlog().pending == 2
    assert services.relay(send=send) == 2
    assert sent == [0, 1, 2]


def test_a_broadcast_reaches_everyone_who_listens(working: Start) -> None:
    stop, heard = threading.Event(), ([], [])
    ready = [threading.Event(), threading.Event()]
    listeners = [
        threading.Thread(
            target=rabbitmq.listen,
            kwargs={
                "heard": lambda topic, body, own=own: own.append((topic, body)),
                "connected": event.set,
                "stop": stop,
            },
        )
        for own, event in zip(heard, ready, strict=True)
    ]
    for thread in listeners:
        thread.start()
    assert all(event.wait(60) for event in ready)
    channel = rabbitmq.connect().channel()
    channel.basic_publish(rabbitmq.BROADCAST, "", b"not a message")
    channel.connection.close()
    with transaction.atomic():
        services.broadcast(topic="b", body={"n": 1})
    working()
    eventually(lambda: heard == ([("b", {"n": 1})], [("b", {"n": 1})]))
    stop.set()
    for thread in listeners:
        thread.join(10)


def test_a_job_is_done_by_one_worker_when_it_is_due(jobs: dict[str, Job]) -> None:
    done: list[int] = []
    jobs["j"] = Job("j", 60, 120, lambda: done.append(1))
    schedule.run_due()
    at_once(6, lambda _: schedule.run_due())
    assert done == [1]
    JobRun.objects.update(due_at=timezone.now())
    at_once(6, lambda _: schedule.run_due())
    assert done == [1, 1]


def test_a_job_whose_worker_died_is_begun_again_after_its_lease(jobs: dict[str, Job]) -> None:
    job = jobs["j"] = Job("j", 60, 120, lambda: None)
    now = timezone.now()
    schedule.claim(job, now)
    assert schedule.claim(job, now + timedelta(seconds=1))
    assert not schedule.claim(job, now + timedelta(seconds=119))
    assert schedule.claim(job, now + timedelta(seconds=122))


def test_a_job_that_fails_keeps_no_other_from_being_done(jobs: dict[str, Job]) -> None:
    done: list[int] = []

    def fail() -> None:
        raise RuntimeError("no")

    jobs["bad"], jobs["good"] = Job("bad", 60, 120, fail), Job("good", 60, 120, lambda: done.append(1))
    schedule.run_due()
    schedule.run_due()
    assert done == [1]


def test_every_domains_handlers_and_jobs_are_found() -> None:
    from outbox.registry import HANDLERS

    discover()
    assert {"orders.unpaid", "payments.refund"} <= set(HANDLERS)
    wanted = {"orders.cancel_unpaid", "orders.pass_time", "payments.look_at_refunds", "payments.compare_bill"}
    assert wanted <= set(JOBS)


def test_messages_that_were_sent_long_ago_are_forgotten() -> None:
    for _ in range(3):
        put("a")
    first, second, _ = OutboxMessage.objects.order_by("id")
    OutboxMessage.objects.filter(pk=first.pk).update(sent_at=timezone.now() - timedelta(days=8))
    OutboxMessage.objects.filter(pk=second.pk).update(sent_at=timezone.now())
    assert services.forget_sent() == 1
    assert OutboxMessage.objects.count() == 2


def _process(at: Path) -> "subprocess.Popen[bytes]":
    """`manage.py worker`, as a unit of systemd starts it."""
    shop = settings.SHOP
    named = {
        "MYSQL_HOST": shop.mysql.host,
        "MYSQL_PORT": shop.mysql.port,
        "MYSQL_DATABASE": shop.mysql.database,
        "MYSQL_USER": shop.mysql.user,
        "MYSQL_PASSWORD": shop.mysql.password,
        "RABBITMQ_HOST": shop.rabbitmq.host,
        "RABBITMQ_PORT": shop.rabbitmq.port,
        "RABBITMQ_VHOST": shop.rabbitmq.vhost,
        "RABBITMQ_PASSWORD": shop.rabbitmq.password,
        "DJANGO_SETTINGS_MODULE": "shop.settings_test",
        "SHOP_SOCKET": at,
    }
    environment = {**os.environ, **{name: str(value) for name, value in named.items()}}
    argv = [sys.executable, "-W", "ignore", str(APP / "manage.py"), "worker"]
    return subprocess.Popen(argv, env=environment, cwd=APP)


def _told(at: Path, path: str) -> str:
    transport = httpx.HTTPTransport(uds=str(at))
    try:
        with httpx.Client(transport=transport, timeout=30) as client:
            answer = client.get(f"http://worker{path}").raise_for_status()
    except httpx.HTTPError as error:
        return str(error)
    assert answer.headers["X-Shop-Release"] == "unit-test"
    return answer.text


def test_the_process_does_what_a_killed_one_left_and_stops_when_it_is_told(
    broker: Broker, tmp_path: Path
) -> None:
    both, case = (buyer(), buyer()), sku(stock=50)
    numbers = [someone.ordered((case, 1)) for someone in both for _ in range(10)]
    past = timezone.now() - timedelta(minutes=1)
    Order.objects.update(pay_until=past, due_at=timezone.now() + timedelta(hours=1))
    OutboxMessage.objects.filter(topic="orders.unpaid").update(not_before=past)
    at = tmp_path / "worker.sock"
    killed = _process(at)
    eventually(lambda: Order.objects.filter(state="cancelled").exists(), 120)
    killed.send_signal(signal.SIGKILL)
    killed.wait(10)
    assert at.is_socket()
    second = _process(at)
    try:
        eventually(lambda: Order.objects.filter(state="cancelled").count() == len(numbers), 120)
        assert level(case).available == 50
        assert 'shop_messages_handled_total{topic="orders.unpaid"}' in _told(at, "/metrics")
        assert "shop_outbox_lag_seconds" in _told(at, "/metrics")
        assert "true" in _told(at, "/healthz")
        assert "404" in _told(at, "/")
        # Nginx, which asks for the metrics, is somebody else.
        assert at.stat().st_mode & 0o777 == 0o666
    finally:
        second.send_signal(signal.SIGTERM)
    assert second.wait(60) == 0
    assert not at.exists()
