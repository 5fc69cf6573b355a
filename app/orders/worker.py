"""The worker: sends the outbox and confirms orders. Any number may run; each can be killed at any moment."""

import json
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, InterfaceError, close_old_connections

from core.databases import forget_connections
from core.drivers import mongodb, rabbitmq
from core.drivers.rabbitmq import Broker, Verdict
from orders import outbox, services
from orders.models import Order, OutboxMessage
from reviews.store import append_activity

log = logging.getLogger("shop.worker")
_DATABASE = (DatabaseError, InterfaceError)
POLL_SECONDS = 0.5
RETRY_SECONDS = 3.0
HOUSEKEEPING_SECONDS = 60.0


def handle(body: bytes) -> Verdict:
    """Confirm the order that a message names. Called again for the same message it does nothing."""
    try:
        number = json.loads(body)["number"]
        if not isinstance(number, str):
            raise TypeError("number is not text")
    except (ValueError, KeyError, TypeError):
        log.error("message not understood: %r", body[:200])
        return Verdict.REJECT
    try:
        confirmed = services.confirm(number=number)
    except Order.DoesNotExist:
        # Possible after the database was restored to an earlier moment: kept for people to look at.
        log.error("message about unknown order %s", number)
        return Verdict.REJECT
    except _DATABASE:
        log.exception("order %s not confirmed, will be tried again", number)
        forget_connections()
        # Otherwise the same message would come back at once, for as long as the database is away.
        time.sleep(1)
        return Verdict.REQUEUE
    log.info("order %s %s", number, "confirmed" if confirmed else "was already confirmed")
    return Verdict.ACK


def write_activity(identifier: int, body: dict[str, Any]) -> None:
    """Send an outbox message to the activity log."""
    append_activity(identifier=f"{body['event']}:{body['number']}", event=body)


class Every:
    """Says when something periodic is due; a failure makes it due again later, not at once."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._next = 0.0

    def due(self) -> bool:
        """Whether it is time; if so, the next time is set."""
        now = self._clock()
        if now < self._next:
            return False
        self._next = now + self._seconds
        return True


class Worker:
    """The loop. One thread does everything, so a shutdown falls between two messages."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._broker: Broker | None = None
        self._reconnect = Every(RETRY_SECONDS)
        self._activity = Every(POLL_SECONDS)
        self._housekeeping = Every(HOUSEKEEPING_SECONDS)

    def run(self) -> None:
        """Work until told to stop."""
        log.info("worker started")
        while not self._stop.is_set():
            self.step()
        self._disconnect()
        log.info("worker stopped")

    def step(self) -> None:
        """One round; what is down is left for a later one, and doesn't keep the rest from being done."""
        close_old_connections()
        self._queue()
        self._guarded("activity log", self._relay_activity, (*mongodb.UNAVAILABLE, *_DATABASE))
        self._guarded("housekeeping", self._tidy, _DATABASE)

    def _queue(self) -> None:
        if self._broker is None and self._reconnect.due():
            self._guarded("connecting to RabbitMQ", self._connect, rabbitmq.UNAVAILABLE)
        if self._broker is None:
            self._stop.wait(POLL_SECONDS)
            return
        if not self._guarded("queue", self._relay_and_consume, (*rabbitmq.UNAVAILABLE, *_DATABASE)):
            self._disconnect()

    def _connect(self) -> None:
        self._broker = Broker()
        self._broker.consume(handle)
        log.info("connected to RabbitMQ")

    def _relay_and_consume(self) -> None:
        broker = self._broker
        assert broker is not None

        def send(identifier: int, body: dict[str, Any]) -> None:
            broker.publish(message_id=str(identifier), body=body)

        full = outbox.relay(topic=OutboxMessage.Topic.ORDER_PLACED, send=send) == outbox.BATCH
        broker.poll(0 if full else POLL_SECONDS)

    def _relay_activity(self) -> None:
        if self._activity.due():
            outbox.relay(topic=OutboxMessage.Topic.ACTIVITY, send=write_activity)

    def _tidy(self) -> None:
        if self._housekeeping.due():
            outbox.announce_again()
            outbox.forget_sent()

    def _guarded(self, what: str, act: Callable[[], None], expected: tuple[type[Exception], ...]) -> bool:
        try:
            act()
        except expected as error:
            log.warning("%s: %s: %s", what, type(error).__name__, error)
            if isinstance(error, _DATABASE):
                forget_connections()
            return False
        return True

    def _disconnect(self) -> None:
        broker, self._broker = self._broker, None
        if broker is not None:
            self._guarded("leaving RabbitMQ", broker.close, rabbitmq.UNAVAILABLE)
