"""How far the outbox is behind."""

from dataclasses import dataclass

from django.db.models import Count, Min
from django.utils import timezone

from outbox.models import OutboxMessage


@dataclass(frozen=True)
class Backlog:
    """What has not been sent yet."""

    pending: int
    lag_seconds: float


def backlog() -> Backlog:
    """How many messages wait, and for how long the oldest has."""
    waiting = OutboxMessage.objects.using("default").filter(sent_at__isnull=True)
    found = waiting.aggregate(pending=Count("id"), oldest=Min("created_at"))
    oldest = found["oldest"]
    lag = (timezone.now() - oldest).total_seconds() if oldest else 0.0
    return Backlog(found["pending"], max(0.0, lag))
