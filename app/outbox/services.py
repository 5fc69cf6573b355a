"""Writing messages, and sending them afterwards, at least once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from outbox.models import OutboxMessage

BATCH = 100
_KEPT = timedelta(days=7)

# Returns only when the receiver has the message for good.
Sender = Callable[[OutboxMessage], None]


def add(*, topic: str, body: dict[str, Any], delay_seconds: float = 0) -> None:
    """Write a message for the topic's handler. It belongs to the transaction of the caller, who must have one."""
    _write(topic=topic, body=body, delay_seconds=delay_seconds, broadcast=False)


def broadcast(*, topic: str, body: dict[str, Any]) -> None:
    """Write a message for every process that listens (`core.drivers.rabbitmq.listen`); it needs no handler."""
    _write(topic=topic, body=body, delay_seconds=0, broadcast=True)


def _write(*, topic: str, body: dict[str, Any], delay_seconds: float, broadcast: bool) -> None:
    assert transaction.get_connection("default").in_atomic_block, "a message needs its change's transaction"
    now = timezone.now()
    OutboxMessage.objects.using("default").create(
        topic=topic,
        body=body,
        broadcast=broadcast,
        created_at=now,
        not_before=now + timedelta(seconds=delay_seconds),
    )


def relay(*, send: Sender) -> int:
    """Send what waits, oldest first; the number sent.

    Rows are locked while they are sent and skipped by other workers. What was sent before a failure stays marked, the
    failure itself is passed on; being killed in between means sending those again.
    """
    failure: Exception | None = None
    sent: list[int] = []
    with transaction.atomic(using="default"):
        messages = OutboxMessage.objects.using("default")
        waiting = messages.filter(sent_at__isnull=True).order_by("id")
        for message in waiting.select_for_update(skip_locked=True)[:BATCH]:
            try:
                send(message)
            except Exception as error:  # noqa: BLE001 - raised again below, after what was sent is marked
                failure = error
                messages.filter(pk=message.pk).update(attempts=message.attempts + 1)
                break
            sent.append(message.pk)
        messages.filter(pk__in=sent).update(sent_at=timezone.now())
    if failure is not None:
        raise failure
    return len(sent)


def forget_sent() -> int:
    """Delete messages that were sent long ago; the number deleted."""
    messages = OutboxMessage.objects.using("default")
    old = messages.filter(sent_at__lt=timezone.now() - _KEPT).order_by("id").values_list("pk", flat=True)
    return messages.filter(pk__in=list(old[:5000])).delete()[0]
