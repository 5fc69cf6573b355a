"""The worker: sends the outbox, handles messages, does periodic jobs. Any number may run, and be killed."""

import logging
import threading
from collections.abc import Callable

from django.db import close_old_connections, connections
from django.utils import timezone

from core.databases import forget_connections
from core.drivers import rabbitmq
from core.drivers.rabbitmq import Broker, Delivery
from outbox import queues, schedule, services
from outbox.handling import DATABASE_AWAY, handle
from outbox.models import OutboxMessage

log = logging.getLogger("shop.worker")
POLL_SECONDS = 0.25
RETRY_SECONDS = 2.0
JOBS_SECONDS = 1.0
HANDLERS = 4
_AWAY = (*rabbitmq.UNAVAILABLE, *DATABASE_AWAY)


def _send(broker: Broker, message: OutboxMessage) -> None:
    due = message.not_before
    delivery = Delivery(str(message.pk), message.topic, message.body, due.timestamp())
    if message.broadcast:
        broker.broadcast(delivery)
    else:
        broker.work(delivery, wait_seconds=(due - timezone.now()).total_seconds())


def relaying(stop: threading.Event) -> None:
    """Send what is in the outbox, until told to stop or the broker is lost."""
    try:
        _relaying(stop)
    except rabbitmq.UNAVAILABLE:
        queues.collector.forget()
        raise


def _relaying(stop: threading.Event) -> None:
    broker = Broker()
    try:
        while not stop.is_set():
            # Here and not where messages are handled, as that may take long. Nor does it need the database.
            queues.collector.look(broker)
            close_old_connections()
            sent = services.relay(send=lambda message: _send(broker, message))
            # Also answers the broker's heartbeats, which a quiet night would otherwise starve.
            broker.poll(0 if sent == services.BATCH else POLL_SECONDS)
    finally:
        broker.close()


def handling(stop: threading.Event) -> None:
    """Handle messages, until told to stop, which happens between two, or the broker or the database is lost."""
    broker = Broker()
    try:
        broker.consume(lambda content: handle(content, broker))
        while not stop.is_set():
            broker.poll(POLL_SECONDS)
    finally:
        broker.close()


def jobs(stop: threading.Event) -> None:
    """Do periodic jobs, until told to stop."""
    while not stop.is_set():
        close_old_connections()
        schedule.run_due()
        stop.wait(JOBS_SECONDS)


def kept_up(work: Callable[[threading.Event], None], stop: threading.Event) -> None:
    """Do `work` again and again: what it needs may be away for a while, and the rest goes on meanwhile."""
    while not stop.is_set():
        try:
            work(stop)
        except _AWAY as error:
            log.warning("%s: %s: %s", work.__name__, type(error).__name__, error)
            forget_connections()
        except Exception:
            log.exception("%s broke", work.__name__)
        stop.wait(RETRY_SECONDS)
    connections.close_all()


def run(stop: threading.Event, *, handlers: int = HANDLERS) -> None:
    """Work until told to stop."""
    parts = [relaying, jobs, *[handling] * handlers]
    threads = [
        threading.Thread(target=kept_up, args=(part, stop), name=f"{part.__name__}-{number}")
        for number, part in enumerate(parts)
    ]
    for thread in threads:
        thread.start()
    log.info("worker started")
    for thread in threads:
        thread.join()
    log.info("worker stopped")
