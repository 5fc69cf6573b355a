"""Placing and confirming orders.

Locks are taken in one order everywhere: the order's row, then stock rows by product.
"""

import hashlib
import json
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone

from cart import selectors as carts
from cart import store as cart_store
from catalog import cache
from catalog import selectors as catalogue
from catalog.services import record_sales, reserve_stock
from core import metrics
from core.errors import ApiError, invalid
from orders import outbox, selectors
from orders.conflicts import retry_conflicts
from orders.models import Order, OrderLine, OutboxMessage

log = logging.getLogger("shop.orders")


@dataclass(frozen=True)
class Submission:
    """The order, and whether this request made it or an earlier one with the same key."""

    order: Order
    created: bool


def fingerprint(quantities: Mapping[int, int] | None) -> str:
    """What the request asked for, in a form that can be compared."""
    canonical = None if quantities is None else sorted(quantities.items())
    return hashlib.sha256(json.dumps(canonical).encode()).hexdigest()


def submit(*, buyer: str, idempotency_key: str, quantities: Mapping[int, int] | None) -> Submission:
    """Place an order for `quantities`, or for what is in the cart when that is None. Repeating it is safe."""
    asked = fingerprint(quantities)
    earlier = _replay(buyer, idempotency_key, asked)
    if earlier:
        return earlier
    wanted = carts.quantities(buyer=buyer) if quantities is None else quantities
    if not wanted:
        # The cart may be empty because the first attempt has just ordered it.
        earlier = _replay(buyer, idempotency_key, asked)
        if earlier:
            return earlier
        raise ApiError(409, "cart_empty", "there is nothing in the cart to order")
    try:
        placed = _place(buyer=buyer, idempotency_key=idempotency_key, asked=asked, quantities=wanted)
    except IntegrityError:
        earlier = _replay(buyer, idempotency_key, asked)
        if earlier is None:
            raise
        return earlier
    except ApiError as error:
        # The last piece may have gone to the same request, sent twice.
        earlier = _replay(buyer, idempotency_key, asked)
        if earlier:
            return earlier
        metrics.ORDERS_REFUSED.labels(error.code).inc()
        raise
    metrics.ORDERS_CREATED.inc()
    cache.invalidate()
    if quantities is None:
        _empty_cart(buyer, wanted)
    return Submission(placed, created=True)


def _replay(buyer: str, idempotency_key: str, asked: str) -> Submission | None:
    earlier = selectors.by_key(buyer=buyer, idempotency_key=idempotency_key)
    if earlier is None:
        return None
    if earlier.fingerprint != asked:
        message = "this key was used for a different order"
        raise ApiError(409, "idempotency_conflict", message, field="Idempotency-Key")
    return Submission(earlier, created=False)


def _empty_cart(buyer: str, ordered: Mapping[int, int]) -> None:
    try:
        cart_store.drop(buyer, ordered)
    except ApiError as error:
        # The order stands; a cart that still shows it is the smaller evil.
        log.warning("cart not emptied: %s", error)


@retry_conflicts
@transaction.atomic(using="default")
def _place(*, buyer: str, idempotency_key: str, asked: str, quantities: Mapping[int, int]) -> Order:
    products = catalogue.sellable(product_ids=quantities)
    for product_id in sorted(quantities):
        if product_id not in products:
            raise invalid("items", f"there is no product {product_id}")
    now = timezone.now()
    # Written first: its unique key stops the same request, sent twice at once, before either takes stock.
    order = Order.objects.using("default").create(
        number=f"{timezone.localtime(now):%Y%m%d%H%M%S}{secrets.token_hex(5)}",
        buyer=buyer,
        idempotency_key=idempotency_key,
        fingerprint=asked,
        total_fen=sum(products[i].price_fen * quantity for i, quantity in quantities.items()),
        created_at=now,
        announced_at=now,
    )
    reserve_stock(quantities=quantities)
    OrderLine.objects.using("default").bulk_create(
        OrderLine(
            order=order,
            product_id=product_id,
            name=products[product_id].name,
            price_fen=products[product_id].price_fen,
            quantity=quantity,
        )
        for product_id, quantity in sorted(quantities.items())
    )
    outbox.add(topic=OutboxMessage.Topic.ORDER_PLACED, body={"number": order.number})
    return order


@retry_conflicts
@transaction.atomic(using="default")
def confirm(*, number: str) -> bool:
    """Confirm an order and count its sales. False when that was done before: messages can come twice."""
    order = Order.objects.using("default").select_for_update().get(number=number)
    if order.status != Order.Status.PLACED:
        return False
    order.status = Order.Status.CONFIRMED
    order.confirmed_at = timezone.now()
    order.save(using="default", update_fields=["status", "confirmed_at"])
    record_sales(quantities={line.product_id: line.quantity for line in order.lines.using("default")})
    event = {
        "event": "order.confirmed",
        "number": number,
        "total_fen": order.total_fen,
        "at": order.confirmed_at.isoformat(timespec="milliseconds"),
    }
    outbox.add(topic=OutboxMessage.Topic.ACTIVITY, body=event)
    return True
