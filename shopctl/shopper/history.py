"""A ledger's lines as facts: what the shop acknowledged, and what is in doubt. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Order:
    """An order as the shop described it. `items`: pieces by SKU. `flash_sale`: the sale's id, for an order of one."""

    number: str
    state: str
    goods_fen: int
    freight_fen: int
    discount_fen: int
    total_fen: int
    refunded_fen: int
    items: tuple[tuple[int, int], ...]
    shipped: bool = False

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Order:
        """From the API's Order."""
        amounts = ("goods_fen", "freight_fen", "discount_fen", "total_fen", "refunded_fen")
        items = tuple((int(item["sku_id"]), int(item["quantity"])) for item in body["items"])
        sent = bool(body.get("shipped_at"))
        money = {name: int(body[name]) for name in amounts}
        return cls(number=str(body["number"]), state=str(body["state"]), items=items, shipped=sent, **money)


@dataclass(frozen=True)
class Acknowledged:
    """Something that the shop (a payment: WeChat) said it has done. `order` is what it said of it, if it did."""

    what: str
    shopper: str
    about: str
    at: float
    order: Order | None = None
    amount_fen: int = 0
    key: str = ""
    coupon: int | None = None
    flash_sale: int | None = None
    sku: int | None = None


@dataclass(frozen=True)
class Doubt:
    """A request whose answer never came. It can be sent again when it has a key."""

    id: int
    what: str
    shopper: str
    about: str
    request: Mapping[str, Any]


@dataclass(frozen=True)
class Stock:
    """Pieces by SKU, pieces left by flash sale, and each SKU's product, on whose page it stands."""

    skus: Mapping[int, int] = field(default_factory=dict[int, int])
    flash: Mapping[int, int] = field(default_factory=dict[int, int])
    products: Mapping[int, int] = field(default_factory=dict[int, int])


@dataclass(frozen=True)
class History:
    """Everything that a ledger says. Times are seconds since the epoch.

    `people`: persons by shopper. `active`: the shoppers who asked for anything that is kept.
    """

    load: str
    began: float
    ended: float
    people: Mapping[str, str]
    acknowledged: tuple[Acknowledged, ...]
    doubts: tuple[Doubt, ...]
    stock: Stock
    active: frozenset[str] = frozenset()

    def of(self, what: str) -> list[Acknowledged]:
        """The acknowledgements of one kind, oldest first."""
        return [one for one in self.acknowledged if one.what == what]

    @property
    def orders(self) -> dict[str, Acknowledged]:
        """Acknowledged orders by number."""
        return {one.order.number: one for one in self.of("order") if one.order}

    @property
    def flash_orders(self) -> dict[str, int]:
        """The flash sales' ids by the numbers of their orders."""
        orders = self.orders.items()
        return {number: one.flash_sale for number, one in orders if one.flash_sale is not None}


def read(lines: Iterable[Mapping[str, Any]]) -> History:
    """The facts of a ledger. A later outcome of the same intent (a doubt that was resolved) stands."""
    load, began, ended, last = "", 0.0, 0.0, 0.0
    people: dict[str, str] = {}
    stock = Stock()
    intents: dict[int, Mapping[str, Any]] = {}
    outcomes: dict[int, Mapping[str, Any]] = {}
    for line in lines:
        match line["kind"]:
            case "began":
                load, began, people = line["load"], line["at"], dict(line["people"])
            case "stock":
                stock = Stock(_by_id(line["skus"]), _by_id(line["flash"]), _by_id(line["products"]))
            case "ended":
                ended = ended or line["at"]
            case "intent":
                intents[line["id"]] = line
            case "outcome":
                outcomes[line["id"]] = line
                last = max(last, line["at"])
            case _:
                pass
    acknowledged = [
        _acknowledged(intents[mine], outcome)
        for mine, outcome in outcomes.items()
        if outcome["state"] == "acknowledged" and mine in intents
    ]
    doubts = [
        Doubt(mine, intent["what"], intent["shopper"], intent["about"], intent)
        for mine, intent in intents.items()
        if outcomes.get(mine, {"state": "doubt"})["state"] == "doubt"
    ]
    in_time = tuple(sorted(acknowledged, key=lambda one: one.at))
    active = frozenset(str(intent["shopper"]) for intent in intents.values())
    return History(load, began, ended or last, people, in_time, tuple(doubts), stock, active)


def _acknowledged(intent: Mapping[str, Any], outcome: Mapping[str, Any]) -> Acknowledged:
    body = intent.get("body") or {}
    order = Order.of(outcome["order"]) if outcome.get("order") else None
    asked = body.get("amount_fen")
    flash = intent.get("path", "").split("/")
    return Acknowledged(
        what=intent["what"],
        shopper=intent["shopper"],
        about=intent["about"] or (order.number if order else ""),
        at=outcome["at"],
        order=order,
        amount_fen=int(asked) if asked is not None else 0,
        key=intent.get("key") or "",
        coupon=body.get("user_coupon_id"),
        sku=body.get("sku_id"),
        flash_sale=int(flash[flash.index("flash-sales") + 1]) if "flash-sales" in flash else None,
    )


def _by_id(counts: Mapping[str, int]) -> dict[int, int]:
    return {int(name): count for name, count in counts.items()}
