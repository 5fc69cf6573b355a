"""WeChat's trade bill: reading it, and comparing it with the shop's books to the fen. Pure.

Bills are CSV with a backtick before each value, amounts in yuan (https://pay.weixin.qq.com/doc/v3/merchant/4012791918).
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

_COLUMNS = frozenset({"微信订单号", "商户退款单号", "交易状态", "应结订单金额", "退款金额"})
_TOTALS = frozenset({"总交易单数", "应结订单总金额", "退款总金额"})


class BillUnreadable(Exception):  # noqa: N818 - says what it is
    """The text is no trade bill."""


@dataclass(frozen=True)
class Bill:
    """A day: paid fen by WeChat's transaction id, refunded fen by the shop's refund number."""

    payments: Mapping[str, int]
    refunds: Mapping[str, int]


@dataclass(frozen=True)
class Difference:
    """One thing that the two sides don't agree on, in fen; None where a side doesn't have it."""

    kind: str
    reference: str
    ours: int | None
    theirs: int | None


def fen(yuan: str) -> int:
    """`12.34` → 1234, exactly. Raises BillUnreadable for anything that isn't whole fen."""
    try:
        amount = Decimal(yuan) * 100
    except InvalidOperation as error:
        raise BillUnreadable(f"not an amount: {yuan!r}") from error
    if not amount.is_finite() or amount != amount.to_integral_value():
        raise BillUnreadable(f"not whole fen: {yuan!r}")
    return int(amount)


def parse(text: str) -> Bill:
    """Read a bill. Its own summary has to agree with its rows. Raises BillUnreadable."""
    rows = [[cell.strip().lstrip("`") for cell in row] for row in csv.reader(text.splitlines()) if row]
    if len(rows) < 3 or not (set(rows[0]) >= _COLUMNS and set(rows[-2]) >= _TOTALS):
        raise BillUnreadable("the headings are not those of a trade bill")
    payments: dict[str, int] = {}
    refunds: dict[str, int] = {}
    for cells in rows[1:-2]:
        row = _named(rows[0], cells)
        if row["交易状态"] == "SUCCESS":
            _put(payments, row["微信订单号"], fen(row["应结订单金额"]))
        elif row["交易状态"] in ("REFUND", "REVOKED"):
            _put(refunds, row["商户退款单号"], fen(row["退款金额"]))
        else:
            raise BillUnreadable(f"a state that isn't known: {row['交易状态']!r}")
    summary = _named(rows[-2], rows[-1])
    found = (len(rows) - 3, sum(payments.values()), sum(refunds.values()))
    said = (fen(summary["总交易单数"]) // 100, fen(summary["应结订单总金额"]), fen(summary["退款总金额"]))
    if found != said:
        raise BillUnreadable(f"the rows make {found}, the summary says {said}")
    return Bill(payments, refunds)


def _named(heads: list[str], cells: list[str]) -> dict[str, str]:
    if len(heads) != len(cells):
        raise BillUnreadable(f"a row of {len(cells)} cells under {len(heads)} headings")
    return dict(zip(heads, cells, strict=True))


def _put(sums: dict[str, int], reference: str, amount: int) -> None:
    if not reference or reference in sums:
        raise BillUnreadable(f"{reference!r} is there twice, or empty")
    sums[reference] = amount


def compare(ours: Bill, theirs: Bill) -> list[Difference]:
    """Everything that isn't the same on both sides, payments first, each by reference."""
    return [
        *_compare("payment", ours.payments, theirs.payments),
        *_compare("refund", ours.refunds, theirs.refunds),
    ]


def _compare(what: str, ours: Mapping[str, int], theirs: Mapping[str, int]) -> Iterable[Difference]:
    for reference in sorted({*ours, *theirs}):
        mine, other = ours.get(reference), theirs.get(reference)
        if mine == other:
            continue
        kind = "missing_here" if mine is None else "missing_there" if other is None else "other_amount"
        yield Difference(f"{what}_{kind}", reference, mine, other)


def as_json(difference: Difference) -> dict[str, Any]:
    """A difference as it is stored."""
    return dict(vars(difference))
