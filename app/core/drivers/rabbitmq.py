"""RabbitMQ: one durable queue of work, a ladder of queues to wait in, one for what nobody can handle, and a broadcast.

A delayed message waits in a queue whose messages all live equally long, so that none stands behind one that waits
longer; when its life ends the broker moves it to the queue of work. This needs no plugin: managed servers have none.
"""

import json
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pika
from django.conf import settings
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError, ChannelClosedByBroker

log = logging.getLogger("shop.rabbitmq")
WORK = "shop.work"
DEAD = "shop.dead"
BROADCAST = "shop.broadcast"
DELAYS = (3600, 1800, 900, 300, 60, 15, 5, 1)
"""Seconds that a message can wait in one queue; longer or odd times are made of several waits."""
UNAVAILABLE = (AMQPError, OSError)
GONE = (ChannelClosedByBroker,)
"""The part of it that says that there is no such queue, or not now; the connection can still be used."""


@dataclass(frozen=True)
class Delivery:
    """A message as the broker has it. `not_before` is a POSIX time; `attempts` counts the handlings that failed."""

    id: str
    topic: str
    body: dict[str, Any]
    not_before: float = 0.0
    attempts: int = 0

    def packed(self) -> bytes:
        """The message as bytes."""
        return json.dumps(vars(self), ensure_ascii=False).encode()

    @staticmethod
    def unpacked(content: bytes) -> "Delivery":
        """The message of these bytes. Raises ValueError when they are none."""
        try:
            found = Delivery(**json.loads(content))
        except (ValueError, TypeError) as error:
            raise ValueError(f"not a message: {content[:200]!r}") from error
        kinds = (found.id, str), (found.topic, str), (found.body, dict), (found.not_before, int | float)
        if not all(isinstance(value, kind) for value, kind in (*kinds, (found.attempts, int))):
            raise ValueError(f"not a message: {content[:200]!r}")
        return found


def delay_queue(seconds: int) -> str:
    """The queue where messages wait for so long."""
    return f"shop.delay.{seconds}"


QUEUES = (WORK, DEAD, *map(delay_queue, DELAYS))


def rung(seconds: float) -> int | None:
    """The longest wait of the ladder that isn't too long, to the second; None when it is time already."""
    if seconds <= 0.5:
        return None
    return next((step for step in DELAYS if step <= seconds + 0.5), DELAYS[-1])


def connect(*, timeout: float = 3, heartbeat: int = 60) -> pika.BlockingConnection:
    """A connection that gives up quickly; the caller decides when to try again."""
    server = settings.SHOP.rabbitmq
    return pika.BlockingConnection(
        pika.ConnectionParameters(
            host=server.host,
            port=server.port,
            virtual_host=server.vhost,
            credentials=pika.PlainCredentials(server.user, server.password, erase_on_connect=False),
            socket_timeout=timeout,
            stack_timeout=timeout,
            blocked_connection_timeout=10,
            connection_attempts=1,
            heartbeat=heartbeat,
            client_properties={"connection_name": f"shop {settings.SHOP.group} {settings.SHOP.release}"},
        )
    )


class Broker:
    """A connection with a channel to publish, each message confirmed, and one to consume with manual acks."""

    def __init__(self) -> None:
        self._connection = connect()
        self._outgoing: BlockingChannel = self._connection.channel()
        self._outgoing.confirm_delivery()
        self._outgoing.queue_declare(DEAD, durable=True)
        to_dead = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": DEAD}
        self._outgoing.queue_declare(WORK, durable=True, arguments=to_dead)
        for seconds in DELAYS:
            to_work = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": WORK}
            arguments = {"x-message-ttl": seconds * 1000, **to_work}
            self._outgoing.queue_declare(delay_queue(seconds), durable=True, arguments=arguments)
        self._outgoing.exchange_declare(BROADCAST, exchange_type="fanout", durable=True)
        self._incoming: BlockingChannel = self._connection.channel()
        self._incoming.basic_qos(prefetch_count=5)

    def close(self) -> None:
        """Say goodbye; what was not acknowledged goes back to the queue."""
        if self._connection.is_open:
            self._connection.close()

    def work(self, message: Delivery, *, wait_seconds: float = 0) -> None:
        """Queue a message, to be handled after a while. Returns only when the broker has it for good."""
        step = rung(wait_seconds)
        self._publish("", WORK if step is None else delay_queue(step), message.packed(), mandatory=True)

    def bury(self, content: bytes) -> None:
        """Keep for people what can't be handled."""
        self._publish("", DEAD, content, mandatory=True)

    def broadcast(self, message: Delivery) -> None:
        """Tell every process that listens now. Who doesn't, learns nothing."""
        self._publish(BROADCAST, "", message.packed(), mandatory=False)

    def _publish(self, exchange: str, key: str, content: bytes, *, mandatory: bool) -> None:
        persistent = pika.BasicProperties(
            content_type="application/json", delivery_mode=pika.DeliveryMode.Persistent
        )
        self._outgoing.basic_publish(exchange, key, content, persistent, mandatory=mandatory)

    def consume(self, handle: Callable[[bytes], None]) -> None:
        """Hand each message to `handle`, one at a time: done when it returns, and delivered again when it raises."""

        def on_message(channel: BlockingChannel, method: Any, properties: Any, content: bytes) -> None:
            handle(content)
            channel.basic_ack(method.delivery_tag)

        self._incoming.basic_consume(WORK, on_message)

    def poll(self, seconds: float) -> None:
        """Deliver what has arrived; wait up to `seconds` when nothing has."""
        self._connection.process_data_events(time_limit=seconds)

    def depths(self) -> dict[str, int]:
        """How many messages are ready in each queue; those that a worker has been sent are not. Raises `GONE`.

        Asked on a channel of its own: the broker closes one on which somebody asks for a queue that isn't there.
        """
        with self._connection.channel() as channel:
            found = {queue: channel.queue_declare(queue, passive=True) for queue in QUEUES}
        return {queue: int(told.method.message_count) for queue, told in found.items()}

    def depth(self, queue: str) -> int:
        """How many messages wait there."""
        return int(self._outgoing.queue_declare(queue, passive=True).method.message_count)


def listen(
    *,
    heard: Callable[[str, dict[str, Any]], None],
    connected: Callable[[], None],
    stop: threading.Event,
    pause_seconds: float = 3,
) -> None:
    """Call `heard(topic, body)` for every broadcast until `stop`; reconnect whenever the connection is lost.

    `connected` is called after each connecting, from where on nothing is missed: whoever keeps a state made of
    broadcasts makes it anew there. What either raises is the caller's mistake and ends the loop.
    """
    while not stop.is_set():
        try:
            connection = connect()
        except UNAVAILABLE:
            stop.wait(pause_seconds)
            continue
        try:
            _hear(connection, heard, connected, stop)
        except UNAVAILABLE:
            stop.wait(pause_seconds)


def _hear(
    connection: pika.BlockingConnection,
    heard: Callable[[str, dict[str, Any]], None],
    connected: Callable[[], None],
    stop: threading.Event,
) -> None:
    # Taken out of the callback, so that what `heard` raises isn't raised inside the driver.
    arrived: list[bytes] = []
    channel = connection.channel()
    channel.exchange_declare(BROADCAST, exchange_type="fanout", durable=True)
    queue = channel.queue_declare("", exclusive=True, auto_delete=True).method.queue
    channel.queue_bind(queue, BROADCAST)
    channel.basic_consume(
        queue, lambda _channel, _method, _properties, content: arrived.append(content), auto_ack=True
    )
    connected()
    while not stop.is_set():
        connection.process_data_events(time_limit=0.5)
        while arrived:
            content = arrived.pop(0)
            try:
                message = Delivery.unpacked(content)
            except ValueError:
                # Another release's, perhaps: the next ones are still to be heard.
                log.exception("broadcast not understood")
                continue
            heard(message.topic, message.body)
    connection.close()
