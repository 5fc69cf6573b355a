"""The page before the order: what it would cost."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cart import selectors as carts
from catalog.selectors import media_url
from core.errors import ApiError
from coupons import selectors as coupons
from orders import pricing, quoting
from users import selectors as users


@dataclass(frozen=True)
class Question:
    """What a user may order. `items` is None for what is in the cart."""

    user_id: int
    owner: str
    items: Mapping[int, int] | None
    address_id: int | None
    user_coupon_id: int | None


def answer(asked: Question) -> dict[str, Any]:
    """What it would cost now, and which coupons could be used. Raises as the order itself would."""
    quantities = carts.quantities(owner=asked.owner) if asked.items is None else asked.items
    if not quantities:
        raise ApiError(409, "cart_empty", "there is nothing in the cart to order")
    wares = quoting.wares(quantities=quantities)
    freight_fen = 0
    if asked.address_id is not None:
        address = users.address(user_id=asked.user_id, address_id=asked.address_id)
        freight_fen = quoting.freight(wares=wares, province=address.province)
    goods_fen = pricing.goods([ware.item for ware in wares])
    discount_fen = 0
    if asked.user_coupon_id is not None:
        discount_fen = coupons.quote(
            user_id=asked.user_id, user_coupon_id=asked.user_coupon_id, goods_fen=goods_fen
        )
    price = quoting.price(wares=wares, freight_fen=freight_fen, discount_fen=discount_fen)
    return {
        **vars(price),
        "items": [_line(ware) for ware in wares],
        "coupons": coupons.usable(user_id=asked.user_id, goods_fen=goods_fen),
    }


def _line(ware: quoting.Ware) -> dict[str, Any]:
    return {
        "sku_id": ware.sku.sku_id,
        "product_id": ware.sku.product_id,
        "name": ware.sku.name,
        "attributes": ware.sku.attributes,
        "image_url": media_url(ware.sku.image_key),
        "price_fen": ware.price_fen,
        "quantity": ware.quantity,
        "subtotal_fen": ware.item.subtotal_fen,
    }
