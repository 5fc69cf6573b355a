"""RabbitMQ: one durable queue of placed orders, and one for messages that nobody can handle."""

import json
from collections.abc import Callable
from enum import Enum
from typing import Any

import pika
from django.conf import settings
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError

QUEUE = "shop.orders"
DEAD = "shop.orders.dead"
UNAVAILABLE = (AMQPError, OSError)


class Verdict(Enum):
    """What becomes of a message."""

    ACK = "ack"
    REQUEUE = "requeue"
    REJECT = "reject"


Handler = Callable[[bytes], Verdict]


def connect(*, timeout: float = 3, heartbeat: int = 30) -> pika.BlockingConnection:
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
            client_properties={"connection_name": f"shop-worker {settings.SHOP.release}"},
        )
    )


class Broker:
    """A connection with a channel to publish, each message confirmed, and one to consume with manual acks."""

    def __init__(self) -> None:
        self._connection = connect()
        self._outgoing: BlockingChannel = self._connection.channel()
        self._outgoing.confirm_delivery()
        self._outgoing.queue_declare(DEAD, durable=True)
        arguments = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": DEAD}
        self._outgoing.queue_declare(QUEUE, durable=True, arguments=arguments)
        self._incoming: BlockingChannel = self._connection.channel()
        self._incoming.basic_qos(prefetch_count=20)

    def close(self) -> None:
        """Say goodbye; what was not acknowledged goes back to the queue."""
        if self._connection.is_open:
            self._connection.close()

    def publish(self, *, message_id: str, body: dict[str, Any]) -> None:
        """Return only when the broker has the message on the queue; raise otherwise (`mandatory`)."""
        self._outgoing.basic_publish(
            exchange="",
            routing_key=QUEUE,
            body=json.dumps(body).encode(),
            properties=pika.BasicProperties(
                message_id=message_id,
                content_type="application/json",
                delivery_mode=pika.DeliveryMode.Persistent,
            ),
            mandatory=True,
        )

    def consume(self, handler: Handler) -> None:
        """Hand each message to `handler`, one at a time, and do with it what it says."""

        def on_message(channel: BlockingChannel, method: Any, properties: Any, body: bytes) -> None:
            verdict = handler(body)
            if verdict is Verdict.ACK:
                channel.basic_ack(method.delivery_tag)
            else:
                channel.basic_nack(method.delivery_tag, requeue=verdict is Verdict.REQUEUE)

        self._incoming.basic_consume(QUEUE, on_message)

    def poll(self, seconds: float) -> None:
        """Deliver what has arrived; wait up to `seconds` when nothing has."""
        self._connection.process_data_events(time_limit=seconds)
