"""The outbox: messages are written with the change they tell about, and sent afterwards, at least once."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from orders.models import Order, OutboxMessage

log = logging.getLogger("shop.outbox")
BATCH = 100
_KEPT = timedelta(days=7)
_ANNOUNCED_AGAIN = timedelta(minutes=5)

# Called with the message's identifier and body; returns only when the receiver has it for good.
Sender = Callable[[int, dict[str, Any]], None]


def add(*, topic: OutboxMessage.Topic, body: dict[str, Any]) -> None:
    """Write a message. It belongs to the transaction of the caller, who must have one."""
    assert transaction.get_connection("default").in_atomic_block, "a message needs its change's transaction"
    OutboxMessage.objects.using("default").create(topic=topic, body=body, created_at=timezone.now())


def relay(*, topic: OutboxMessage.Topic, send: Sender) -> int:
    """Send what waits, oldest first; the number sent.

    Rows are locked while they are sent and skipped by other workers. What was sent before a failure stays
    marked, the failure itself is passed on; being killed in between means sending those again.
    """
    failure: Exception | None = None
    sent: list[int] = []
    with transaction.atomic(using="default"):
        waiting = OutboxMessage.objects.using("default").filter(sent_at__isnull=True, topic=topic)
        for message in waiting.order_by("id").select_for_update(skip_locked=True)[:BATCH]:
            try:
                send(message.pk, message.body)
            except Exception as error:  # noqa: BLE001 - raised again below, after what was sent is marked
                failure = error
                break
            sent.append(message.pk)
        OutboxMessage.objects.using("default").filter(pk__in=sent).update(sent_at=timezone.now())
    if failure is not None:
        raise failure
    return len(sent)


def announce_again() -> int:
    """Write new messages for orders that stay unconfirmed, as after a loss of the queue; how many."""
    now = timezone.now()
    with transaction.atomic(using="default"):
        overdue = Order.objects.using("default").filter(
            status=Order.Status.PLACED, announced_at__lt=now - _ANNOUNCED_AGAIN
        )
        numbers = [order.number for order in overdue.select_for_update(skip_locked=True)[:BATCH]]
        for number in numbers:
            add(topic=OutboxMessage.Topic.ORDER_PLACED, body={"number": number})
        Order.objects.using("default").filter(number__in=numbers).update(announced_at=now)
    if numbers:
        log.warning("announced %d unconfirmed orders again", len(numbers))
    return len(numbers)


def forget_sent() -> int:
    """Delete messages that were sent long ago; the number deleted."""
    old = OutboxMessage.objects.using("default").filter(sent_at__lt=timezone.now() - _KEPT)
    return old.delete()[0]
