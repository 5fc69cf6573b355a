"""Placing orders. A request with the same key, repeated or sent twice at once, places one."""

import hashlib
import json
import logging
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from cart import selectors as carts
from cart import services as cart_services
from core import metrics
from core.conflicts import retry_conflicts
from core.errors import ApiError
from coupons import services as coupons
from flash import gate as flash_gate
from flash import services as flash
from flash.models import FlashSale
from inventory import services as inventory
from orders import pricing, quoting
from orders.models import Order, OrderEvent, OrderLine
from orders.quoting import Ware
from orders.states import State
from outbox import services as outbox
from users import selectors as users

log = logging.getLogger("shop.orders")
UNPAID = "orders.unpaid"
MAX_UNPAID = 10
"""Of one user. Each keeps stock from others until it is paid or its time is over."""


@dataclass(frozen=True)
class Wish:
    """What a user asks for. `items` is None for what is in the cart; `sale` is set in a flash sale."""

    user_id: int
    owner: str
    items: Mapping[int, int] | None
    address_id: int
    user_coupon_id: int | None = None
    remark: str = ""
    sale: FlashSale | None = None

    def fingerprint(self) -> str:
        """The wish in a form that can be compared."""
        items = None if self.items is None else sorted(self.items.items())
        sale = self.sale.pk if self.sale else None
        canonical = [items, self.address_id, self.user_coupon_id, self.remark, sale]
        return hashlib.sha256(json.dumps(canonical).encode()).hexdigest()


@dataclass(frozen=True)
class Submission:
    """The order, and whether this request placed it or an earlier one with the same key."""

    order: Order
    created: bool


def submit(*, wish: Wish, idempotency_key: str) -> Submission:
    """Place an order. Repeating it with the same key answers the same order.

    Raises 400 for SKUs not on sale, 404 for an address or a coupon of somebody else, and 409 `cart_empty`,
    `out_of_stock`, `unpayable`, `too_many_unpaid`, `idempotency_conflict`, or what the coupon or the flash sale
    refuse with.
    """
    earlier = _replay(wish, idempotency_key)
    if earlier:
        return earlier
    try:
        quantities = carts.quantities(owner=wish.owner) if wish.items is None else wish.items
        if not quantities:
            raise ApiError(409, "cart_empty", "there is nothing in the cart to order")
        with flash_gate.entered(wish.sale, sum(quantities.values())):
            order = _place(wish, idempotency_key, quantities)
    except IntegrityError:
        earlier = _replay(wish, idempotency_key)
        if earlier is None:
            raise
        return earlier
    except ApiError as error:
        # The last piece, the coupon or the cart may have gone to the same request, sent twice.
        earlier = _replay(wish, idempotency_key)
        if earlier:
            return earlier
        metrics.ORDERS_REFUSED.labels(error.code).inc()
        raise
    metrics.ORDERS_CREATED.inc()
    if wish.items is None:
        _empty_cart(wish.owner, quantities)
    return Submission(order, created=True)


def _replay(wish: Wish, idempotency_key: str) -> Submission | None:
    rows = Order.objects.using("default").prefetch_related("lines")
    earlier = rows.filter(user_id=wish.user_id, idempotency_key=idempotency_key).first()
    if earlier is None:
        return None
    if earlier.fingerprint != wish.fingerprint():
        message = "this key was used for a different order"
        raise ApiError(409, "idempotency_conflict", message, field="Idempotency-Key")
    return Submission(earlier, created=False)


def _empty_cart(owner: str, ordered: Mapping[int, int]) -> None:
    try:
        cart_services.drop(owner=owner, sku_ids=ordered)
    except ApiError as error:
        # The order stands; a cart that still shows it is the smaller evil.
        log.warning("cart not emptied: %s", error)


def _place(wish: Wish, idempotency_key: str, quantities: Mapping[int, int]) -> Order:
    """Read what needs no lock, then write everything in one short transaction."""
    prices = {wish.sale.sku_id: wish.sale.price_fen} if wish.sale else None
    wares = quoting.wares(quantities=quantities, prices=prices)
    address = asdict(users.address(user_id=wish.user_id, address_id=wish.address_id))
    freight_fen = quoting.freight(wares=wares, province=address["province"])
    kept = {name: address[name] for name in ("name", "phone", "province", "city", "district", "street")}
    return _write(wish, idempotency_key, wares, kept, freight_fen)


@retry_conflicts
@transaction.atomic(using="default")
def _write(
    wish: Wish, idempotency_key: str, wares: list[Ware], address: dict[str, Any], freight_fen: int
) -> Order:
    now = timezone.now()
    pay_until = (now + timedelta(minutes=settings.SHOP.unpaid_minutes)).replace(microsecond=0)
    full = quoting.price(wares=wares, freight_fen=freight_fen, discount_fen=0)
    # Written first: its unique key stops the same request, sent twice at once, before either takes anything.
    order = Order.objects.using("default").create(
        number=f"{timezone.localtime(now):%Y%m%d%H%M%S}{secrets.token_hex(5)}",
        user_id=wish.user_id,
        idempotency_key=idempotency_key,
        fingerprint=wish.fingerprint(),
        **asdict(full),
        address=address,
        remark=wish.remark,
        flash_sale_id=wish.sale.pk if wish.sale else None,
        created_at=now,
        pay_until=pay_until,
        due_at=pay_until,
    )
    _refuse_too_many(order)
    if wish.user_coupon_id is not None:
        _discount(order, wish.user_coupon_id, wares)
    if wish.sale:
        quantity = sum(ware.quantity for ware in wares)
        flash.take(sale_id=wish.sale.pk, user_id=wish.user_id, order_number=order.number, quantity=quantity)
    inventory.reserve(quantities={ware.sku.sku_id: ware.quantity for ware in wares})
    _write_lines(order, wares)
    OrderEvent.objects.using("default").create(order=order, at=now, event="place", by=f"user:{wish.user_id}")
    # A message may be handled half a second early; too early for this one, and it would do nothing.
    wait = (pay_until - now).total_seconds() + 1
    outbox.add(topic=UNPAID, body={"number": order.number}, delay_seconds=wait)
    return order


def _refuse_too_many(order: Order) -> None:
    """Also of orders sent at once none is too many: each waits for those with a smaller id, and for none behind it."""
    earlier = Order.objects.using("default").filter(
        user_id=order.user_id, state=State.PENDING, pk__lt=order.pk
    )
    if len(earlier.order_by("pk").select_for_update().values_list("pk")[:MAX_UNPAID]) == MAX_UNPAID:
        message = f"{MAX_UNPAID} orders are not paid yet: pay or cancel one of them first"
        raise ApiError(409, "too_many_unpaid", message)


def _discount(order: Order, user_coupon_id: int, wares: list[Ware]) -> None:
    discount_fen = coupons.redeem(
        user_id=order.user_id,
        user_coupon_id=user_coupon_id,
        order_number=order.number,
        goods_fen=order.goods_fen,
    )
    reduced: pricing.Price = quoting.price(
        wares=wares, freight_fen=order.freight_fen, discount_fen=discount_fen
    )
    order.discount_fen, order.total_fen = reduced.discount_fen, reduced.total_fen
    order.save(using="default", update_fields=["discount_fen", "total_fen"])


def _write_lines(order: Order, wares: list[Ware]) -> None:
    OrderLine.objects.using("default").bulk_create(
        OrderLine(
            order=order,
            sku_id=ware.sku.sku_id,
            product_id=ware.sku.product_id,
            name=ware.sku.name,
            attributes=ware.sku.attributes,
            image_key=ware.sku.image_key,
            price_fen=ware.price_fen,
            quantity=ware.quantity,
        )
        for ware in wares
    )
