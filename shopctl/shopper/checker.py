"""The checker: a ledger against what the shop and WeChat say. Pure; everything it reads is plain data."""

from __future__ import annotations

from itertools import pairwise

from shopctl.shopper import money, rules, stock
from shopctl.shopper.evidence import Evidence, Finding, Verdict
from shopctl.shopper.history import History

RULES = (*rules.RULES, *money.RULES, *stock.RULES)


def check(history: History, evidence: Evidence, *, resolved: int = 0) -> Verdict:
    """Everything that doesn't add up, and the two figures of a recovery. `resolved`: doubts that were asked again."""
    findings = tuple(finding for rule in RULES for finding in rule(history, evidence))
    taken = [p for p in evidence.payments if p.taken and p.number in history.orders]
    back = [r for r in evidence.refunds if r.state == "SUCCESS" and r.number in history.orders]
    lost = _lost(history, findings)
    gap, since = longest_gap(history)
    return Verdict(
        findings=findings,
        orders=len(history.orders),
        paid=len(taken),
        paid_fen=sum(payment.total_fen for payment in taken),
        refunds=len(back),
        refunded_fen=sum(refund.amount_fen for refund in back),
        resolved_doubts=resolved,
        lost_orders=len(lost),
        lost_span_seconds=round(max(lost) - min(lost), 3) if lost else 0.0,
        longest_gap_seconds=round(gap, 3),
        gap_began=since,
    )


def _lost(history: History, findings: tuple[Finding, ...]) -> list[float]:
    """When those orders were acknowledged that are no more."""
    numbers = [number for finding in findings if finding.kind == "order lost" for number in finding.orders]
    return [history.orders[number].at for number in numbers]


def longest_gap(history: History) -> tuple[float, float]:
    """The longest time without an acknowledgement while shoppers were shopping, and when it began."""
    # What a person did at WeChat says nothing about the shop.
    told = [one.at for one in history.acknowledged if one.what != "payment"]
    inside = [at for at in told if history.began < at < history.ended]
    moments = [history.began, *inside, history.ended]
    return max(
        ((later - sooner, sooner) for sooner, later in pairwise(moments)), default=(0.0, history.began)
    )
