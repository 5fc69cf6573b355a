"""No piece sold that was not there: stock before, stock after, and the orders between. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from shopctl.shopper.evidence import Evidence, Finding
from shopctl.shopper.history import History, Order
from shopctl.shopper.rules import Rule


def _holds(order: Order) -> tuple[bool, bool]:
    """Whether an order has its pieces: certainly, and perhaps. What was sent does not come back by a refund."""
    if order.state == "cancelled" or (order.state == "refunded" and not order.shipped):
        return False, False
    return order.state != "refunding" or order.shipped, True


def skus(history: History, evidence: Evidence) -> Iterator[Finding]:
    """Stock went down by what our orders have. More than that, and others bought too, or pieces vanished."""
    least: defaultdict[int, int] = defaultdict(int)
    most: defaultdict[int, int] = defaultdict(int)
    numbers: defaultdict[int, list[str]] = defaultdict(list)
    for number, order in evidence.by_number().items():
        surely, perhaps = _holds(order)
        for sku, quantity in order.items:
            least[sku] += quantity * surely
            most[sku] += quantity * perhaps
            if perhaps:
                numbers[sku].append(number)
    yield from _compare(
        "SKU", history.stock.skus, evidence.stock.skus, least, most, numbers, _others(history, evidence)
    )


def flash(history: History, evidence: Evidence) -> Iterator[Finding]:
    """The same for what is left of flash sales."""
    least: defaultdict[int, int] = defaultdict(int)
    most: defaultdict[int, int] = defaultdict(int)
    numbers: defaultdict[int, list[str]] = defaultdict(list)
    orders = evidence.by_number()
    for number, sale in history.flash_orders.items():
        if number in orders:
            surely, perhaps = _holds(orders[number])
            pieces = sum(quantity for _, quantity in orders[number].items)
            least[sale] += pieces * surely
            most[sale] += pieces * perhaps
            numbers[sale].append(number)
    before, after = history.stock.flash, evidence.stock.flash
    yield from _compare("flash sale", before, after, least, most, numbers, _others(history, evidence))


def _compare(
    what: str,
    before: Mapping[int, int],
    after: Mapping[int, int],
    least: Mapping[int, int],
    most: Mapping[int, int],
    numbers: Mapping[int, list[str]],
    others: bool,
) -> Iterator[Finding]:
    for which in sorted(set(before) & set(after)):
        gone, about = before[which] - after[which], tuple(numbers.get(which, ()))
        story = f"{what} {which}: {before[which]} pieces before, {after[which]} after"
        if after[which] < 0:
            yield Finding("oversold", story, about)
        elif gone < least.get(which, 0):
            yield Finding("oversold", f"{story}, and {least[which]} were sold", about)
        elif gone > most.get(which, 0) and not others:
            yield Finding("stock lost", f"{story}, and only {most.get(which, 0)} were sold", about)


def _others(history: History, evidence: Evidence) -> bool:
    """Whether somebody else bought here as well: WeChat has payments for orders that are none of ours."""
    ours = set(evidence.by_number()) | set(history.orders)
    return any(payment.number not in ours and payment.at >= history.began for payment in evidence.payments)


RULES: tuple[Rule, ...] = (skus, flash)
