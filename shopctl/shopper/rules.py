"""What must hold between a ledger and the shop: each rule yields what breaks it. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import TypeAlias

from shopctl.shopper.evidence import Evidence, Finding
from shopctl.shopper.history import History

Rule: TypeAlias = Callable[[History, Evidence], Iterator[Finding]]

# How far an order has come. What the shop has acknowledged is not taken back, except by a refund or a cancellation.
_RANK = {"pending": 0, "paid": 1, "shipped": 2, "received": 3, "completed": 4}
_REFUND = frozenset({"refunding", "refunded"})
PAID = frozenset({"paid", "shipped", "received", "completed"}) | _REFUND


def lost(history: History, evidence: Evidence) -> Iterator[Finding]:
    """Every acknowledged order is there, and belongs to who placed it."""
    owners = {order.number: name for name, orders in evidence.orders.items() for order in orders}
    for number, placed in history.orders.items():
        if number not in owners:
            yield Finding("order lost", f"{number} was acknowledged and is not in the shop", (number,))
        elif owners[number] != placed.shopper:
            text = f"{number} of {placed.shopper} belongs to {owners[number]} in the shop"
            yield Finding("order of somebody else", text, (number,))


def doubled(history: History, evidence: Evidence) -> Iterator[Finding]:
    """One request, one order: no key has two, and the shop has none that nobody placed."""
    by_key: defaultdict[str, set[str]] = defaultdict(set)
    for placed in history.of("order"):
        if placed.order:
            by_key[placed.key].add(placed.order.number)
    for key, numbers in by_key.items():
        if len(numbers) > 1:
            text = f"one request ({key}) became {len(numbers)} orders"
            yield Finding("order doubled", text, tuple(sorted(numbers)))
    if any(doubt.what == "order" for doubt in history.doubts):
        # An order that is in nobody's answer may be the one in doubt, which has a finding of its own.
        return
    for name, orders in evidence.orders.items():
        extra = sorted({order.number for order in orders} - set(history.orders))
        if extra:
            text = f"the shop has {len(extra)} orders that {name} never got an answer for"
            yield Finding("order doubled", text, tuple(extra))
    shown = Counter(order.number for orders in evidence.orders.values() for order in orders)
    for number, count in shown.items():
        if count > 1:
            yield Finding("order doubled", f"{number} is listed {count} times", (number,))


def changed(history: History, evidence: Evidence) -> Iterator[Finding]:
    """An order costs, and contains, what was acknowledged; and its price adds up."""
    now = evidence.by_number()
    for number, placed in history.orders.items():
        then, seen = placed.order, now.get(number)
        assert then
        if seen is None:
            continue
        if (then.total_fen, sorted(then.items)) != (seen.total_fen, sorted(seen.items)):
            text = (
                f"{number} was {then.total_fen} fen for {_pieces(then.items)}, and is {seen.total_fen} fen "
            )
            yield Finding("order changed", text + f"for {_pieces(seen.items)}", (number,))
        if seen.goods_fen + seen.freight_fen - seen.discount_fen != seen.total_fen:
            text = f"{number}: {seen.goods_fen} + {seen.freight_fen} - {seen.discount_fen} is not {seen.total_fen}"
            yield Finding("price does not add up", text, (number,))


def went_back(history: History, evidence: Evidence) -> Iterator[Finding]:
    """What the shop said an order had become, it still is, or more."""
    now = evidence.by_number()
    for one in history.acknowledged:
        said, seen = one.order.state if one.order else "", now.get(one.about)
        if seen is None or one.what not in {"order", "paid", "cancel", "receive", "refund"}:
            continue
        if _forgotten(said, seen.state, seen.refunded_fen):
            text = f"{one.about} was {said} by the shop's own word, and is {seen.state}"
            yield Finding("state lost", text, (one.about,))


def _forgotten(said: str, now: str, refunded_fen: int) -> bool:
    if said in _RANK:
        # A cancelled order was pending; one that was paid ends in a refund or not at all.
        gone_on = now in _REFUND or (now == "cancelled" and (said == "pending" or refunded_fen > 0))
        return not gone_on and _RANK.get(now, -1) < _RANK[said]
    if said == "cancelled":
        # A payment that had already been made when the order was cancelled is given back.
        return now not in {"cancelled", *_REFUND}
    if said == "refunding":
        # After a partial refund the order goes on.
        return now not in _REFUND and refunded_fen == 0
    return said == "refunded" and now != "refunded"


def texts(history: History, evidence: Evidence) -> Iterator[Finding]:
    """Reviews and messages that were acknowledged can be read."""
    for what in ("review", "message"):
        for one in history.of(what):
            if one.about not in evidence.texts:
                yield Finding(f"{what} lost", f"the {what} {one.about!r} of {one.shopper} is not in the shop")


def coupons(history: History, evidence: Evidence) -> Iterator[Finding]:
    """A coupon is used once; a cancelled order gives it back."""
    now = evidence.by_number()
    used: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
    for number, placed in history.orders.items():
        seen = now.get(number)
        if (
            placed.coupon is not None
            and seen
            and seen.discount_fen
            and seen.state not in {"cancelled", "refunded"}
        ):
            used[placed.shopper, placed.coupon].append(number)
    for (shopper, coupon), numbers in used.items():
        if len(numbers) > 1:
            text = f"coupon {coupon} of {shopper} was used {len(numbers)} times"
            yield Finding("coupon used twice", text, tuple(numbers))


def doubts(history: History, evidence: Evidence) -> Iterator[Finding]:
    """Everything that got no answer was asked again until it got one."""
    for doubt in history.doubts:
        text = f"{doubt.what} of {doubt.shopper} ({doubt.about or 'new'}) still has no answer"
        yield Finding("in doubt", text, (doubt.about,) if doubt.about else ())


def _pieces(items: tuple[tuple[int, int], ...]) -> str:
    return ", ".join(f"{quantity} of SKU {sku}" for sku, quantity in sorted(items))


RULES: tuple[Rule, ...] = (lost, doubled, changed, went_back, texts, coupons, doubts)
