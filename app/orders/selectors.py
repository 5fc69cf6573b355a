"""Reads of orders. Always from the primary: a buyer asks for an order that was placed a moment ago."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Min
from django.utils import timezone

from core.errors import ApiError
from orders.models import Order, OutboxMessage


@dataclass(frozen=True)
class Backlog:
    """What the worker has not sent yet."""

    pending: int
    lag_seconds: float


def public(order: Order) -> dict[str, Any]:
    """An order as its buyer sees it."""
    lines = [
        {
            "product_id": line.product_id,
            "name": line.name,
            "price_fen": line.price_fen,
            "quantity": line.quantity,
        }
        for line in order.lines.all()
    ]
    return {
        "number": order.number,
        "status": order.status,
        "total_fen": order.total_fen,
        "created_at": order.created_at.isoformat(timespec="milliseconds"),
        "items": lines,
    }


def order(*, number: str, buyer: str) -> Order:
    """A buyer's order; somebody else's looks like one that doesn't exist."""
    found = Order.objects.using("default").filter(number=number, buyer=buyer).first()
    if found is None:
        raise ApiError(404, "unknown_order", "there is no such order")
    return found


def by_key(*, buyer: str, idempotency_key: str) -> Order | None:
    """The order that a buyer placed under a key, if any."""
    return Order.objects.using("default").filter(buyer=buyer, idempotency_key=idempotency_key).first()


def outbox_backlog() -> Backlog:
    """How many messages wait, and for how long the oldest has."""
    waiting = OutboxMessage.objects.using("default").filter(sent_at__isnull=True)
    found = waiting.aggregate(pending=Count("id"), oldest=Min("created_at"))
    oldest = found["oldest"]
    lag = (timezone.now() - oldest).total_seconds() if oldest else 0.0
    return Backlog(found["pending"], max(0.0, lag))
