"""The checker against one good history, broken in each way that it must see: it finds exactly that."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

import pytest

from shopctl.shopper.checker import check, longest_gap
from shopctl.shopper.evidence import Billed, Evidence, Payment, Refund
from shopctl.shopper.history import Acknowledged, Doubt, History, Order, Stock


def order(number: str, state: str, *items: tuple[int, int], **more: int) -> Order:
    goods = 1000 * sum(quantity for _, quantity in items)
    made = Order(number, state, goods, 500, 0, goods + 500, 0, items)
    return replace(made, **more)  # type: ignore[arg-type]


def said(what: str, number: str, at: float, of: Order | None = None, **more: object) -> Acknowledged:
    made = Acknowledged(what, "s1", number, at, of, key=f"{what}-{number}")
    return replace(made, **more)  # type: ignore[arg-type]


A, B, C, D, F = "A0001", "B0001", "C0001", "D0001", "F0001"
# A: paid and received. B: cancelled. C: refunded in full before it was sent. D: refunded in part. F: a flash sale.
HISTORY = History(
    load="L",
    began=1000.0,
    ended=1060.0,
    people={"s1": "shopper L s1"},
    acknowledged=(
        said("order", A, 1001, order(A, "pending", (1, 2))),
        said("payment", A, 1002),
        said("paid", A, 1003, order(A, "paid", (1, 2))),
        said("receive", A, 1004, order(A, "received", (1, 2))),
        said("review", "很好", 1005, sku=1),
        said("order", B, 1011, order(B, "pending", (1, 1))),
        said("cancel", B, 1012, order(B, "cancelled", (1, 1))),
        said("order", C, 1021, order(C, "pending", (2, 1)), coupon=7),
        said("payment", C, 1022),
        said("refund", C, 1023, order(C, "refunding", (2, 1))),
        said("order", D, 1031, order(D, "pending", (2, 3)), coupon=8),
        said("payment", D, 1032),
        said("refund", D, 1033, order(D, "refunding", (2, 3)), amount_fen=900),
        said("order", F, 1041, order(F, "pending", (3, 1)), flash_sale=9),
        said("payment", F, 1042),
        said("message", "在吗", 1043),
    ),
    doubts=(),
    stock=Stock({1: 10, 2: 10, 3: 50}, {9: 5}),
)
EVIDENCE = Evidence(
    orders={
        "s1": (
            order(A, "received", (1, 2)),
            order(B, "cancelled", (1, 1)),
            order(C, "refunded", (2, 1), refunded_fen=1500),
            order(D, "paid", (2, 3), refunded_fen=900),
            order(F, "paid", (3, 1)),
        )
    },
    payments=(
        Payment(A, "SUCCESS", 2500, 1002),
        Payment(B, "CLOSED", 1500),
        Payment(C, "REFUND", 1500, 1022),
        Payment(D, "REFUND", 3500, 1032),
        Payment(F, "SUCCESS", 1500, 1042),
    ),
    refunds=(Refund(C, "SUCCESS", 1500), Refund(D, "SUCCESS", 900)),
    stock=Stock({1: 8, 2: 7, 3: 49}, {9: 4}),
    texts=frozenset({"很好", "在吗"}),
    bill=(
        Billed(A, 2500, False),
        Billed(C, 1500, False),
        Billed(D, 3500, False),
        Billed(F, 1500, False),
        Billed(C, 1500, True),
        Billed(D, 900, True),
    ),
)


Tamper: TypeAlias = Callable[[History, Evidence], tuple[History, Evidence]]


def shop(number: str, **more: object) -> Tamper:
    """The shop shows one order otherwise."""

    def tamper(history: History, evidence: Evidence) -> tuple[History, Evidence]:
        orders = tuple(replace(o, **more) if o.number == number else o for o in evidence.orders["s1"])  # type: ignore[arg-type]
        return history, replace(evidence, orders={"s1": orders})

    return tamper


def shop_without(number: str) -> Tamper:
    """The shop has forgotten an order."""
    left = tuple(order for order in EVIDENCE.orders["s1"] if order.number != number)
    return evidence_with(orders={"s1": left})


def shop_with(more: Order) -> Tamper:
    """The shop has one order more."""
    return evidence_with(orders={"s1": (*EVIDENCE.orders["s1"], more)})


def paid(number: str, **more: object) -> Tamper:
    """WeChat shows one payment otherwise; there is no bill yet."""
    changed = (replace(p, **more) if p.number == number else p for p in EVIDENCE.payments)  # type: ignore[arg-type]
    return evidence_with(payments=tuple(changed), bill=None)


def refunds(*all_of_them: Refund) -> Tamper:
    """WeChat's refunds are these; there is no bill yet."""
    return evidence_with(refunds=all_of_them, bill=None)


def stock(skus: dict[int, int] | None = None, flash: dict[int, int] | None = None) -> Tamper:
    """Other numbers are left."""
    after = EVIDENCE.stock
    return evidence_with(stock=Stock({**after.skus, **(skus or {})}, {**after.flash, **(flash or {})}))


def evidence_with(**more: object) -> Tamper:
    return lambda history, evidence: (history, replace(evidence, **more))  # type: ignore[arg-type]


def ledger_with(*more: Acknowledged) -> Tamper:
    return ledger_of(*HISTORY.acknowledged, *more)


def ledger_of(*all_of_them: Acknowledged) -> Tamper:
    return lambda history, evidence: (replace(history, acknowledged=all_of_them), evidence)


def doubt(one: Doubt) -> Tamper:
    return lambda history, evidence: (replace(history, doubts=(one,)), evidence)


@dataclass(frozen=True)
class Case:
    """What was tampered with, and what has to be found: kinds with the orders that they name."""

    name: str
    tampers: tuple[Tamper, ...]
    found: set[tuple[str, tuple[str, ...]]]


EXTRA = order("X0001", "pending", (3, 1))
C_BACK, D_BACK = EVIDENCE.refunds
BILL = EVIDENCE.bill or ()
UNPAID = [one for one in HISTORY.acknowledged if (one.what, one.about) != ("payment", F)]
TWICE = [replace(one, coupon=8) if one.coupon is None else one for one in HISTORY.acknowledged[:1]]
DISCOUNTED = [replace(o, goods_fen=o.goods_fen + 10, discount_fen=10) for o in EVIDENCE.orders["s1"]]
CASES = [
    Case("an order is gone", (shop_without(F), stock({3: 50}, {9: 5})), {("order lost", (F,))}),
    Case("a request became two orders", (shop_with(EXTRA), stock({3: 48})), {("order doubled", ("X0001",))}),
    Case(
        "the second answer to a key names another order",
        (
            ledger_with(said("order", "X0001", 1050, EXTRA, key=f"order-{A}")),
            shop_with(EXTRA),
            stock({3: 48}),
        ),
        {("order doubled", (A, "X0001"))},
    ),
    Case("an order is listed twice", (shop_with(EVIDENCE.orders["s1"][1]),), {("order doubled", (B,))}),
    Case(
        "an order belongs to somebody else",
        (evidence_with(orders={"s1": EVIDENCE.orders["s1"][:4], "s2": EVIDENCE.orders["s1"][4:]}),),
        {("order of somebody else", (F,))},
    ),
    Case(
        "the price was changed, and the payment with it",
        (shop(A, goods_fen=1900, total_fen=2400), paid(A, total_fen=2400)),
        {("order changed", (A,))},
    ),
    Case(
        "pieces of an order were changed",
        (shop(A, items=((1, 3),)), stock({1: 7})),
        {("order changed", (A,))},
    ),
    Case("the price does not add up", (shop(A, freight_fen=400),), {("price does not add up", (A,))}),
    Case("a receipt was forgotten", (shop(A, state="paid"),), {("state lost", (A,))}),
    Case("a cancelled order is back", (shop(B, state="pending"), stock({1: 7})), {("state lost", (B,))}),
    Case("a payment never arrived", (shop(F, state="pending"),), {("payment not in the shop", (F,))}),
    Case(
        "an order was cancelled and its money kept",
        (shop(F, state="cancelled"), stock({3: 50}, {9: 5})),
        {("payment not in the shop", (F,))},
    ),
    Case(
        "the shop takes an order for paid that nobody paid",
        (ledger_of(*UNPAID), paid(F, state="NOTPAY", at=0)),
        {("payment not at WeChat", (F,))},
    ),
    Case(
        "WeChat lost a payment that the person made",
        (paid(F, state="NOTPAY", at=0),),
        {("payment not at WeChat", (F,)), ("payment lost", (F,))},
    ),
    Case("too little was paid", (paid(F, total_fen=1),), {("amount differs", (F,))}),
    Case(
        "an order was paid twice",
        (evidence_with(payments=(*EVIDENCE.payments, Payment(F, "SUCCESS", 1500, 1043)), bill=None),),
        {("paid twice", (F,))},
    ),
    Case(
        "a refund that the shop promised never began",
        (shop(D, refunded_fen=0, state="refunding"), refunds(C_BACK)),
        {("refund lost", (D,))},
    ),
    Case(
        "WeChat refused a refund for good",
        (shop(D, refunded_fen=0, state="refunding"), refunds(C_BACK, replace(D_BACK, state="CLOSED"))),
        {("refund lost", (D,))},
    ),
    Case(
        "the shop never heard of a refund",
        (shop(D, refunded_fen=0, state="refunding"),),
        {("refund differs", (D,))},
    ),
    Case(
        "a refund was made twice",
        (refunds(C_BACK, D_BACK, D_BACK),),
        {("refund differs", (D,)), ("refund unasked", (D,))},
    ),
    Case(
        "more was given back than was paid",
        (shop(C, refunded_fen=3000), refunds(C_BACK, C_BACK, D_BACK)),
        {("refunded too much", (C,)), ("refund unasked", (C,))},
    ),
    Case(
        "money went back that nobody had asked for",
        (shop(F, refunded_fen=100), refunds(C_BACK, D_BACK, Refund(F, "SUCCESS", 100))),
        {("refund unasked", (F,))},
    ),
    Case(
        "the bill has another amount",
        (evidence_with(bill=(Billed(A, 2499, False), *BILL[1:])),),
        {("bill differs", (A,))},
    ),
    Case("the bill lacks a refund", (evidence_with(bill=BILL[:-1]),), {("bill differs", (D,))}),
    Case("pieces were sold that are still there", (stock({2: 8}),), {("oversold", (D,))}),
    Case("stock is below nothing", (stock({3: -1}),), {("oversold", (F,))}),
    Case("pieces vanished", (stock({1: 5}),), {("stock lost", (A,))}),
    Case("a flash sale sold what it hadn't", (stock(flash={9: 5}),), {("oversold", (F,))}),
    Case(
        "a coupon was used twice",
        (ledger_of(*TWICE, *HISTORY.acknowledged[1:]), evidence_with(orders={"s1": tuple(DISCOUNTED)})),
        {("coupon used twice", (A, D))},
    ),
    Case("a review is gone", (evidence_with(texts=frozenset({"在吗"})),), {("review lost", ())}),
    Case("a message is gone", (evidence_with(texts=frozenset({"很好"})),), {("message lost", ())}),
    Case("something is still in doubt", (doubt(Doubt(1, "cancel", "s1", B, {})),), {("in doubt", (B,))}),
]


def test_a_good_history_is_clean() -> None:
    verdict = check(HISTORY, EVIDENCE)
    assert verdict.findings == ()
    assert (verdict.orders, verdict.paid, verdict.paid_fen) == (5, 4, 9000)
    assert (verdict.refunds, verdict.refunded_fen) == (2, 2400)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_broken_history_is_found_out(case: Case) -> None:
    history, evidence = HISTORY, EVIDENCE
    for tamper in case.tampers:
        history, evidence = tamper(history, evidence)
    assert {(found.kind, found.orders) for found in check(history, evidence).findings} == case.found


def test_what_was_paid_after_the_cancellation_and_given_back_is_no_finding() -> None:
    orders = tuple(
        replace(one, refunded_fen=1500) if one.number == B else one for one in EVIDENCE.orders["s1"]
    )
    payments = tuple(replace(p, state="REFUND") if p.number == B else p for p in EVIDENCE.payments)
    back = (*EVIDENCE.refunds, Refund(B, "SUCCESS", 1500))
    evidence = replace(EVIDENCE, orders={"s1": orders}, payments=payments, refunds=back, bill=None)
    assert check(HISTORY, evidence).clean


def test_others_may_buy_as_well() -> None:
    left = Stock({1: 5, 2: 7, 3: 46}, {9: 1})
    payments = (*EVIDENCE.payments, Payment("Z0001", "SUCCESS", 300, 1030))
    assert check(HISTORY, replace(EVIDENCE, stock=left, payments=payments)).clean


def test_lost_orders_are_counted_with_the_time_that_they_span() -> None:
    kept = tuple(one for one in EVIDENCE.orders["s1"] if one.number not in {A, F})
    verdict = check(HISTORY, replace(EVIDENCE, orders={"s1": kept}))
    assert (verdict.lost_orders, verdict.lost_span_seconds) == (2, 40.0)


def test_the_longest_gap_has_no_acknowledgement_of_the_shop_in_it() -> None:
    # At 1042 WeChat acknowledged a payment, and at 1043 the shop a message; from then on there was silence until 1060.
    assert longest_gap(HISTORY) == (17.0, 1043.0)
    assert longest_gap(replace(HISTORY, acknowledged=())) == (60.0, 1000.0)
