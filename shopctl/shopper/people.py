"""A shopper: who it is, what its phone remembers, and what it may buy."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any


@dataclass(frozen=True)
class Sku:
    """Something to buy, as the product's page showed it before the first shopper came: seconds old, perhaps."""

    id: int
    product_id: int
    name: str
    price_fen: int
    stock: int


@dataclass(frozen=True)
class FlashSale:
    """A flash sale as it was before the first shopper came; `left` pieces of SKU `sku_id`."""

    id: int
    sku_id: int
    left: int
    per_user: int


@dataclass(frozen=True)
class Assortment:
    """What shoppers of one load buy. Its stock is counted before and after, so it is not the whole shop."""

    skus: tuple[Sku, ...]
    flash_sales: tuple[FlashSale, ...] = ()
    categories: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


@dataclass
class Shopper:
    """One person with a phone. `name` is unique in its load, `person` everywhere, so that orders can be told apart."""

    name: str
    person: str
    random: Random
    assortment: Assortment
    token: str | None = None
    guest: str = ""
    address_id: int | None = None
    coupons: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    claimed: bool = False
    shown: list[int] = field(default_factory=list[int])

    def __post_init__(self) -> None:
        self.guest = self.guest or self.secret()

    def secret(self) -> str:
        """A new token or key, as the client makes them."""
        return f"{self.random.getrandbits(128):032x}"

    def headers(self, *, guest: bool) -> dict[str, str]:
        """How the shop knows who asks; `guest`: with the guest's token even after login, for the cart to move."""
        known = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return {**known, **({"X-Guest-Token": self.guest} if guest or not self.token else {})}

    def chance(self, probability: float) -> bool:
        """Whether it does, this time."""
        return self.random.random() < probability
