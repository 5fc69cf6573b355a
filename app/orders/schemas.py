"""Orders as clients see them, and what they send."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import Field, StringConstraints

from catalog.selectors import media_url
from core.fields import Body, BodyId, Text
from coupons.api import HeldCouponOut
from logistics.selectors import Parcel
from orders.models import Order, OrderLine
from orders.states import State

MAX_LINES = 100
Quantity = Annotated[int, Field(strict=True, ge=1, le=99)]
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
"""An `Idempotency-Key`: 8 to 64 letters, digits, - or _, new for each thing that is wanted."""
Number = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{6,32}$")]


class ItemIn(Body):
    """So many of a SKU."""

    sku_id: BodyId
    quantity: Quantity


Items = Annotated[list[ItemIn], Field(min_length=1, max_length=MAX_LINES)]


class CheckoutIn(Body):
    """What would be ordered; without `items`, the cart. Without an address there is no freight in the answer yet."""

    items: Items | None = None
    address_id: BodyId | None = None
    user_coupon_id: BodyId | None = None


class OrderIn(Body):
    """What is ordered; without `items`, the cart."""

    items: Items | None = None
    address_id: BodyId
    user_coupon_id: BodyId | None = None
    remark: Annotated[str, Text(200, minimum=0)] = ""


class RefundIn(Body):
    """How much is wanted back, and why; without an amount, all that is left."""

    reason: Annotated[str, Text(80)]
    amount_fen: Annotated[int, Field(strict=True, ge=1, le=100_000_000)] | None = None


class LineOut(Schema):
    """A SKU as it was ordered."""

    sku_id: int
    product_id: int
    name: str
    attributes: dict[str, str]
    image_url: str | None
    price_fen: int
    quantity: int
    subtotal_fen: int


class AddressOut(Schema):
    """Where the order goes, as it was when it was placed."""

    name: str
    phone: str
    province: str
    city: str
    district: str
    street: str


class ShipmentOut(Schema):
    """The parcel."""

    carrier: str
    tracking_number: str


class OrderOut(Schema):
    """An order."""

    number: str
    state: State
    items: list[LineOut]
    goods_fen: int
    freight_fen: int
    discount_fen: int
    total_fen: int
    refunded_fen: int
    address: AddressOut
    remark: str
    created_at: datetime
    pay_until: datetime
    paid_at: datetime | None
    shipped_at: datetime | None
    shipment: ShipmentOut | None


class OrderPage(Schema):
    """Some of the user's orders, newest first."""

    items: list[OrderOut]
    page: int
    page_size: int
    total: int


class CheckoutOut(Schema):
    """What an order would cost, and which coupons could be used for it."""

    items: list[LineOut]
    goods_fen: int
    freight_fen: int
    discount_fen: int
    total_fen: int
    coupons: list[HeldCouponOut]


class PayOut(Schema):
    """What `wx.requestPayment` wants."""

    appId: str  # noqa: N815 - WeChat's name, as are the others
    timeStamp: str  # noqa: N815
    nonceStr: str  # noqa: N815
    package: str
    signType: str  # noqa: N815
    paySign: str  # noqa: N815


def quantities(items: list[ItemIn] | None) -> dict[int, int] | None:
    """The items as a mapping; the same SKU twice is summed."""
    if items is None:
        return None
    found: dict[int, int] = {}
    for item in items:
        found[item.sku_id] = found.get(item.sku_id, 0) + item.quantity
    return found


def line(found: OrderLine) -> dict[str, Any]:
    """A line as clients see it."""
    return {
        "sku_id": found.sku_id,
        "product_id": found.product_id,
        "name": found.name,
        "attributes": found.attributes,
        "image_url": media_url(found.image_key),
        "price_fen": found.price_fen,
        "quantity": found.quantity,
        "subtotal_fen": found.price_fen * found.quantity,
    }


def order(found: Order, shipments: Mapping[str, Parcel]) -> dict[str, Any]:
    """An order as its user sees it."""
    plain = (
        "number", "state", "goods_fen", "freight_fen", "discount_fen", "total_fen", "refunded_fen", "address",
        "remark", "created_at", "pay_until", "paid_at", "shipped_at",
    )  # fmt: skip
    return {
        **{name: getattr(found, name) for name in plain},
        "items": [line(one) for one in found.lines.all()],
        "shipment": shipments.get(found.number),
    }
