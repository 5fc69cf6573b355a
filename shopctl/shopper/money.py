"""Every fen accounted for: what must hold between the shop, WeChat's ledger and its bill. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from shopctl.shopper.evidence import Evidence, Finding, Payment
from shopctl.shopper.history import Acknowledged, History
from shopctl.shopper.rules import PAID, Rule

# A refund that WeChat has taken on; ABNORMAL and CLOSED give nothing back.
_ALIVE = frozenset({"SUCCESS", "PROCESSING"})


def payments(history: History, evidence: Evidence) -> Iterator[Finding]:
    """An order is paid in the shop if and only if it is at WeChat, once, with the order's amount."""
    taken: defaultdict[str, list[Payment]] = defaultdict(list)
    for payment in evidence.payments:
        if payment.taken:
            taken[payment.number].append(payment)
    for number, order in evidence.by_number().items():
        at_wechat = taken.get(number, [])
        given_back = order.state == "cancelled" and order.refunded_fen == order.total_fen
        if at_wechat and order.state not in PAID and not given_back:
            text = f"{number} was paid at WeChat and is {order.state} in the shop"
            yield Finding("payment not in the shop", text, (number,))
        if order.state in PAID and not at_wechat:
            text = f"{number} is {order.state} in the shop and was never paid at WeChat"
            yield Finding("payment not at WeChat", text, (number,))
        if len(at_wechat) > 1:
            yield Finding("paid twice", f"{number} was paid {len(at_wechat)} times at WeChat", (number,))
        for payment in at_wechat:
            if payment.total_fen != order.total_fen:
                text = f"{number} costs {order.total_fen} fen, and {payment.total_fen} fen were paid"
                yield Finding("amount differs", text, (number,))


def acknowledged(history: History, evidence: Evidence) -> Iterator[Finding]:
    """What the person paid is at WeChat."""
    there = {payment.number for payment in evidence.payments if payment.taken}
    for paid in history.of("payment"):
        if paid.about not in there:
            text = f"{paid.shopper} paid {paid.about}, and WeChat knows nothing of it"
            yield Finding("payment lost", text, (paid.about,))


def refunds(history: History, evidence: Evidence) -> Iterator[Finding]:
    """What was given back is the same in the shop, at WeChat and in what was acknowledged."""
    done: defaultdict[str, int] = defaultdict(int)
    begun: defaultdict[str, int] = defaultdict(int)
    for refund in evidence.refunds:
        if refund.state in _ALIVE:
            begun[refund.number] += refund.amount_fen
        if refund.state == "SUCCESS":
            done[refund.number] += refund.amount_fen
    asked: defaultdict[str, list[Acknowledged]] = defaultdict(list)
    for one in history.of("refund"):
        asked[one.about].append(one)
    for number, order in evidence.by_number().items():
        if done[number] != order.refunded_fen:
            text = f"{number}: {order.refunded_fen} fen refunded in the shop, {done[number]} fen at WeChat"
            yield Finding("refund differs", text, (number,))
        if done[number] > order.total_fen:
            text = f"{number} cost {order.total_fen} fen, and {done[number]} fen were given back"
            yield Finding("refunded too much", text, (number,))
        wanted = _wanted(asked[number], order.total_fen)
        # What was sent comes back only when the merchant agrees.
        asks_merchant = order.state == "refunding" and order.shipped
        if begun[number] < wanted and not asks_merchant:
            text = f"{number}: the shop promised {wanted} fen back, WeChat has {begun[number]} fen"
            yield Finding("refund lost", text, (number,))
        if begun[number] > wanted and order.state != "cancelled" and not _automatic(history, number):
            text = f"{number}: {begun[number]} fen go back, and {wanted} fen were asked for"
            yield Finding("refund unasked", text, (number,))


def _wanted(asked: list[Acknowledged], total_fen: int) -> int:
    if any(one.amount_fen == 0 for one in asked):
        return total_fen
    return sum(one.amount_fen for one in asked)


def _automatic(history: History, number: str) -> bool:
    """Whether the shop gives back by itself what was paid for an order that had been cancelled."""
    cancelled = any(one.about == number for one in history.of("cancel"))
    return cancelled or any(doubt.about == number and doubt.what == "refund" for doubt in history.doubts)


def bill(history: History, evidence: Evidence) -> Iterator[Finding]:
    """WeChat's bill has the same payments and refunds as its ledger."""
    if evidence.bill is None:
        return
    ours = set(evidence.by_number())
    for refund in (False, True):
        billed = _sums((b.number, b.amount_fen) for b in evidence.bill if b.refund is refund)
        if refund:
            kept = _sums((r.number, r.amount_fen) for r in evidence.refunds if r.state == "SUCCESS")
        else:
            kept = _sums((p.number, p.total_fen) for p in evidence.payments if p.taken)
        for number in sorted(ours & (set(billed) | set(kept))):
            if billed.get(number, 0) != kept.get(number, 0):
                what = "refunds" if refund else "payments"
                text = (
                    f"{number}: {what} of {kept.get(number, 0)} fen, {billed.get(number, 0)} fen in the bill"
                )
                yield Finding("bill differs", text, (number,))


def _sums(amounts: Iterable[tuple[str, int]]) -> dict[str, int]:
    sums: defaultdict[str, int] = defaultdict(int)
    for number, amount in amounts:
        sums[number] += amount
    return dict(sums)


RULES: tuple[Rule, ...] = (payments, acknowledged, refunds, bill)
