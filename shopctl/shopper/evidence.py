"""What the shop and WeChat say afterwards, as plain data; and what the checker makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from shopctl.shopper.history import Order, Stock

# WeChat's states of a payment under which the money is, or was, with the shop.
TAKEN = frozenset({"SUCCESS", "REFUND"})


@dataclass(frozen=True)
class Payment:
    """A payment in WeChat's ledger, by the order's number. `at`: seconds since the epoch, 0 when it is not paid."""

    number: str
    state: str
    total_fen: int
    at: float = 0.0

    @property
    def taken(self) -> bool:
        """Whether the buyer's money left the buyer."""
        return self.state in TAKEN


@dataclass(frozen=True)
class Refund:
    """A refund in WeChat's ledger."""

    number: str
    state: str
    amount_fen: int


@dataclass(frozen=True)
class Billed:
    """A line of WeChat's bill: what came in (or went back, when `refund`) for an order."""

    number: str
    amount_fen: int
    refund: bool


@dataclass(frozen=True)
class Evidence:
    """`orders`: what the shop shows each shopper. `texts`: reviews and messages found. `bill`: None without one."""

    orders: Mapping[str, tuple[Order, ...]]
    payments: tuple[Payment, ...] = ()
    refunds: tuple[Refund, ...] = ()
    stock: Stock = field(default_factory=Stock)
    texts: frozenset[str] = frozenset()
    bill: tuple[Billed, ...] | None = None

    def by_number(self) -> dict[str, Order]:
        """The shop's orders."""
        return {order.number: order for orders in self.orders.values() for order in orders}


@dataclass(frozen=True)
class Finding:
    """Something that doesn't add up. `orders`: the numbers it is about."""

    kind: str
    text: str
    orders: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """`lost_orders` and `lost_span_seconds` are the RPO, `longest_gap_seconds` (from `gap_began`) the RTO."""

    findings: tuple[Finding, ...]
    orders: int
    paid: int
    paid_fen: int
    refunds: int
    refunded_fen: int
    resolved_doubts: int
    lost_orders: int
    lost_span_seconds: float
    longest_gap_seconds: float
    gap_began: float

    @property
    def clean(self) -> bool:
        """Whether the ledger, the shop and WeChat agree."""
        return not self.findings

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {"clean": self.clean, **asdict(self)}
