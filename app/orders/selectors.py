"""Reads of orders. Always from the primary: a user asks for an order that was placed a moment ago."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from core.errors import ApiError
from orders.models import Order, OrderLine
from orders.states import PAID_FOR, State

_RECEIVED = (State.RECEIVED, State.COMPLETED)


@dataclass(frozen=True)
class Page:
    """Some of a user's orders, and how many there are."""

    orders: list[Order]
    total: int


def order(*, number: str, user_id: int) -> Order:
    """A user's order with its lines; somebody else's looks like one that doesn't exist."""
    rows = Order.objects.using("default").prefetch_related("lines")
    found = rows.filter(number=number, user_id=user_id).first()
    if found is None:
        raise ApiError(404, "unknown_order", "there is no such order")
    return found


def page(*, user_id: int, state: State | None, page: int, page_size: int) -> Page:
    """A user's orders, newest first."""
    rows: QuerySet[Order] = Order.objects.using("default").filter(user_id=user_id)
    if state is not None:
        rows = rows.filter(state=state)
    first = (page - 1) * page_size
    found = rows.order_by("-id").prefetch_related("lines")[first : first + page_size]
    return Page(list(found), rows.count())


def bought(*, user_id: int, product_id: int) -> bool:
    """Whether a user has received this product."""
    lines = OrderLine.objects.using("default").filter(product_id=product_id)
    return lines.filter(order__user_id=user_id, order__state__in=_RECEIVED).exists()


def received_line(*, user_id: int, number: str, sku_id: int) -> OrderLine | None:
    """The line of a user's order that they have received, for whoever wants to judge it."""
    lines = OrderLine.objects.using("default").filter(order__number=number, sku_id=sku_id)
    return lines.filter(order__user_id=user_id, order__state__in=_RECEIVED).first()


def due(*, states: tuple[State, ...], until: datetime, limit: int) -> list[str]:
    """Numbers of orders for which the shop had to do something before `until`, those waiting longest first."""
    rows = Order.objects.using("default").filter(state__in=states, due_at__lte=until)
    return list(rows.order_by("due_at").values_list("number", flat=True)[:limit])


def baskets(*, since: datetime) -> Iterator[tuple[int, frozenset[int]]]:
    """User and product ids of each order paid since then."""
    orders = Order.objects.using("default").filter(paid_at__gte=since, state__in=PAID_FOR)
    for found in orders.order_by("paid_at").prefetch_related("lines").iterator(chunk_size=500):
        yield found.user_id, frozenset(line.product_id for line in found.lines.all())
