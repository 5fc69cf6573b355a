"""What becomes of one message that the broker delivered."""

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from django.db import InterfaceError, OperationalError, close_old_connections

from core import metrics
from core.databases import forget_connections
from core.drivers.rabbitmq import Delivery
from outbox.registry import HANDLERS, Handler, Later, Unprocessable

log = logging.getLogger("shop.worker")
DATABASE_AWAY = (OperationalError, InterfaceError)
"""Other errors of the database's are about what it was told to do: they come again with the message."""
ATTEMPTS = 10
_PAUSES = (1, 5, 15, 60, 60, 300, 300, 900, 1800)


class Queues(Protocol):
    """Where a message can go on to (`core.drivers.rabbitmq.Broker`)."""

    def work(self, message: Delivery, *, wait_seconds: float = 0) -> None:
        """Queue it, to be handled after a while."""

    def bury(self, content: bytes) -> None:
        """Keep it for people."""


def pause_after(attempts: int) -> int:
    """Seconds until a message comes again that has failed so often; more each time, an hour in all."""
    return _PAUSES[min(attempts, len(_PAUSES)) - 1]


def handle(content: bytes, queues: Queues, clock: Callable[[], float] = time.time) -> None:
    """Handle a message, or pass it on: to wait, to come again, or to the dead. Once this returns it can be forgotten.

    Raises what the database raises while it is away: that says nothing about the message, which stays where it is.
    """
    try:
        message = Delivery.unpacked(content)
    except ValueError:
        log.exception("message not understood")
        _bury(content, queues, "malformed", "malformed")
        return
    early = message.not_before - clock()
    if early > 0.5:
        queues.work(message, wait_seconds=early)
        return
    handler = HANDLERS.get(message.topic)
    if handler is None:
        log.error("nobody handles %s", message.topic)
        _bury(content, queues, "unknown", "no_handler")
        return
    close_old_connections()
    _call(handler, message, content, queues, clock)


def _call(
    handler: Handler, message: Delivery, content: bytes, queues: Queues, clock: Callable[[], float]
) -> None:
    topic, started = message.topic, time.monotonic()
    try:
        handler(message.body)
    except Later as later:
        queues.work(replace(message, not_before=clock() + later.seconds), wait_seconds=later.seconds)
        return
    except Unprocessable:
        log.exception("%s can't be handled: %s", topic, message.body)
        _bury(content, queues, topic, "unprocessable")
        return
    except DATABASE_AWAY:
        forget_connections()
        raise
    except Exception:
        metrics.MESSAGES_FAILED.labels(topic).inc()
        attempts = message.attempts + 1
        log.exception("%s failed for the %d. time: %s", topic, attempts, message.body)
        if attempts >= ATTEMPTS:
            _bury(content, queues, topic, "given_up")
            return
        queues.work(replace(message, attempts=attempts), wait_seconds=pause_after(attempts))
        return
    metrics.MESSAGES_HANDLED.labels(topic).inc()
    metrics.MESSAGE_SECONDS.labels(topic).observe(time.monotonic() - started)


def _bury(content: bytes, queues: Queues, topic: str, why: str) -> None:
    metrics.MESSAGES_BURIED.labels(topic, why).inc()
    queues.bury(content)
