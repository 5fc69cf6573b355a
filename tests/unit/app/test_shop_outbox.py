"""No message is lost while the queue or the log is away, and none is counted twice."""

import json
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from catalog.models import Stock
from core.drivers import mongodb, rabbitmq
from core.drivers.rabbitmq import Verdict
from orders import outbox, selectors, worker
from orders.models import Order, OutboxMessage

PLACED = OutboxMessage.Topic.ORDER_PLACED
ACTIVITY = OutboxMessage.Topic.ACTIVITY


class Queue:
    """Takes messages until told to fail."""

    def __init__(self, capacity: int = 1000) -> None:
        self.capacity = capacity
        self.bodies: list[dict[str, str]] = []

    def send(self, identifier: int, body: dict[str, str]) -> None:
        if len(self.bodies) >= self.capacity:
            raise ConnectionResetError("the queue went away")
        self.bodies.append(body)


def test_each_order_is_announced_once(product, order):
    tea = product()
    numbers = [order([(tea, 1)], key=f"key-{n:05}").json()["number"] for n in range(3)]
    queue = Queue()
    assert outbox.relay(topic=PLACED, send=queue.send) == 3
    assert [body["number"] for body in queue.bodies] == numbers
    assert outbox.relay(topic=PLACED, send=queue.send) == 0


def test_a_queue_that_goes_away_in_between_loses_nothing(product, order):
    tea = product()
    numbers = [order([(tea, 1)], key=f"key-{n:05}").json()["number"] for n in range(4)]
    queue = Queue(capacity=2)
    with pytest.raises(ConnectionResetError):
        outbox.relay(topic=PLACED, send=queue.send)
    queue.capacity = 1000
    assert outbox.relay(topic=PLACED, send=queue.send) == 2
    assert [body["number"] for body in queue.bodies] == numbers


def test_a_rolled_back_change_leaves_no_message():
    with transaction.atomic():
        outbox.add(topic=PLACED, body={"number": "x"})
        transaction.set_rollback(True)
    assert OutboxMessage.objects.count() == 0


def test_a_message_outside_of_a_transaction_is_a_mistake():
    with pytest.raises(AssertionError):
        outbox.add(topic=PLACED, body={"number": "x"})


def test_confirming_twice_counts_once(product, order):
    tea = product()
    number = order([(tea, 3)]).json()["number"]
    message = json.dumps({"number": number}).encode()
    assert [worker.handle(message), worker.handle(message)] == [Verdict.ACK, Verdict.ACK]
    assert Order.objects.get(number=number).status == "confirmed"
    stock = Stock.objects.get(pk=tea)
    assert (stock.available, stock.sold) == (7, 3)
    events = OutboxMessage.objects.filter(topic=ACTIVITY)
    assert [event.body["number"] for event in events] == [number]


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"\xff", b'{"number": 5}', b'{"number": "unknown"}'])
def test_messages_that_nobody_can_handle_are_set_aside(body):
    assert worker.handle(body) is Verdict.REJECT


def test_backlog_shows_what_waits_and_for_how_long(product, order):
    assert selectors.outbox_backlog() == selectors.Backlog(0, 0.0)
    order([(product(), 1)])
    OutboxMessage.objects.update(created_at=timezone.now() - timedelta(seconds=90))
    backlog = selectors.outbox_backlog()
    assert backlog.pending == 1
    assert 90 <= backlog.lag_seconds < 100


def test_orders_that_stay_unconfirmed_are_announced_again_but_not_all_the_time(product, order):
    number = order([(product(), 1)]).json()["number"]
    outbox.relay(topic=PLACED, send=Queue().send)
    assert outbox.announce_again() == 0
    Order.objects.update(announced_at=timezone.now() - timedelta(minutes=6))
    assert outbox.announce_again() == 1
    assert outbox.announce_again() == 0
    queue = Queue()
    outbox.relay(topic=PLACED, send=queue.send)
    assert queue.bodies == [{"number": number}]


def test_only_messages_sent_long_ago_are_forgotten(product, order):
    tea = product()
    for n in range(3):
        order([(tea, 1)], key=f"key-{n:05}")
    first, second, _ = OutboxMessage.objects.order_by("id")
    OutboxMessage.objects.filter(pk=first.pk).update(sent_at=timezone.now() - timedelta(days=8))
    OutboxMessage.objects.filter(pk=second.pk).update(sent_at=timezone.now())
    assert outbox.forget_sent() == 1
    assert OutboxMessage.objects.count() == 2


def test_without_queue_and_log_everything_waits(product, order):
    """RabbitMQ and MongoDB are at closed ports here."""
    number = order([(product(), 1)]).json()["number"]
    worker.handle(json.dumps({"number": number}).encode())
    with pytest.raises(rabbitmq.UNAVAILABLE):
        rabbitmq.Broker()
    with pytest.raises(mongodb.UNAVAILABLE):
        outbox.relay(topic=ACTIVITY, send=worker.write_activity)
    assert selectors.outbox_backlog().pending == 2


def test_periodic_work_waits_its_turn():
    now = [0.0]
    every = worker.Every(10, clock=lambda: now[0])
    assert [every.due(), every.due()] == [True, False]
    now[0] = 10.0
    assert every.due()
