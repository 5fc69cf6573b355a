"""What an order costs, in fen. Pure: the same for the page before the order and for the order."""

from collections.abc import Sequence
from dataclasses import dataclass

LARGEST_FEN = 100_000_000
"""A million yuan: more than WeChat lets anybody pay at once."""


class Unpayable(Exception):  # noqa: N818 - says what it is
    """No sum that somebody could pay."""


@dataclass(frozen=True)
class Item:
    """Some pieces of one SKU."""

    price_fen: int
    quantity: int
    weight_grams: int

    @property
    def subtotal_fen(self) -> int:
        """What they cost."""
        return self.price_fen * self.quantity


@dataclass(frozen=True)
class Price:
    """What an order costs, and of what that is made."""

    goods_fen: int
    freight_fen: int
    discount_fen: int
    total_fen: int


def goods(items: Sequence[Item]) -> int:
    """What the items cost together."""
    return sum(item.subtotal_fen for item in items)


def weight(items: Sequence[Item]) -> int:
    """What the items weigh together, in grams."""
    return sum(item.weight_grams * item.quantity for item in items)


def price(*, items: Sequence[Item], freight_fen: int, discount_fen: int) -> Price:
    """Add everything up. Raises Unpayable for more than can be paid at once, or less than WeChat's one fen.

    A discount never exceeds the goods, and leaves one fen to be paid: each order has a payment to answer for it.
    """
    goods_fen = goods(items)
    if freight_fen < 0 or discount_fen < 0:
        raise ValueError("freight and discount are not negative")
    discount_fen = min(discount_fen, goods_fen, max(goods_fen + freight_fen - 1, 0))
    total = goods_fen + freight_fen - discount_fen
    if not 1 <= total <= LARGEST_FEN:
        raise Unpayable(f"{total} fen can't be paid at once")
    return Price(goods_fen, freight_fen, discount_fen, total)
