"""Giving money back: asked for, sent to WeChat with one number as often as it takes, and ended by what WeChat says.

Locks are taken in one order: the order's row, the payment's, the refund's.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from core import metrics
from core.conflicts import retry_conflicts
from core.errors import ApiError
from orders import services as orders
from orders.models import Order
from orders.states import State as OrderState
from outbox import services as outbox
from payments import suspicions
from payments.models import Payment, Refund
from wechat import pay

log = logging.getLogger("shop.payments")
SEND = "payments.refund"
MOST = 50
"""Refunds of one payment that WeChat allows."""
State = Refund.State
OPEN = (State.REQUESTED, State.PROCESSING, State.ABNORMAL)
VOID = (State.CLOSED, State.REFUSED)
_LATE_KEY = "late-payment"
_LOOK_AGAIN = timedelta(minutes=1)
_LONGEST_PAUSE = timedelta(hours=1)


@dataclass(frozen=True)
class Wish:
    """Who wants how much back (None for all that is left), and why. `agreed`: no merchant need look at it."""

    amount_fen: int | None
    reason: str
    by: str
    idempotency_key: str
    agreed: bool


@retry_conflicts
@transaction.atomic(using="default")
def ask(*, number: str, wish: Wish, user_id: int | None = None) -> Refund:
    """Ask for money back. Repeating it with the same key answers the same refund.

    Goods that have not left are refunded at once; for others the merchant has to agree, who may have done so already.
    A cancelled order that was paid too late has its refund already, but WeChat may have closed that.
    Raises 404; 409 `order_state`, `refund_too_much`, `refund_too_often` or `idempotency_conflict`.
    """
    order = orders.lock(number=number, user_id=user_id)
    payment = Payment.objects.using("default").select_for_update().filter(order_number=number).first()
    if payment is None or payment.state != Payment.State.PAID:
        raise ApiError(409, "order_state", f"the order is {order.state}")
    earlier = payment.refunds.using("default").filter(idempotency_key=wish.idempotency_key).first()
    if earlier is not None:
        if wish.reason != earlier.reason or wish.amount_fen not in (None, earlier.amount_fen):
            message = "this key was used for a different refund"
            raise ApiError(409, "idempotency_conflict", message, field="Idempotency-Key")
        return earlier
    amount_fen = _amount(payment, wish.amount_fen)
    if order.state != OrderState.CANCELLED:
        orders.refund_asked(order, by=wish.by)
    return _write(payment, amount_fen, wish, agreed=wish.agreed or order.shipped_at is None)


def _amount(payment: Payment, wanted: int | None) -> int:
    """The sum to give back: never more than was paid and is not given back or promised already."""
    promised = (
        payment.refunds.using("default").exclude(state__in=VOID).aggregate(sum=Sum("amount_fen"))["sum"]
    )
    left = payment.amount_fen - (promised or 0)
    amount_fen = left if wanted is None else wanted
    if not 1 <= amount_fen <= left:
        raise ApiError(409, "refund_too_much", f"at most {left} fen can be given back", field="amount_fen")
    return amount_fen


def _write(payment: Payment, amount_fen: int, wish: Wish, *, agreed: bool) -> Refund:
    place = payment.refunds.using("default").count() + 1
    if place > MOST:
        raise ApiError(409, "refund_too_often", f"WeChat gives back in at most {MOST} parts")
    refund = Refund.objects.using("default").create(
        payment=payment,
        out_refund_no=f"{payment.out_trade_no}R{place:02}",
        idempotency_key=wish.idempotency_key,
        amount_fen=amount_fen,
        reason=wish.reason,
        by=wish.by,
        created_at=timezone.now(),
    )
    if agreed:
        _agree(refund)
    return refund


def _agree(refund: Refund) -> None:
    refund.state, refund.next_look_at = State.PROCESSING, timezone.now() + _LOOK_AGAIN
    refund.save(using="default", update_fields=["state", "next_look_at"])
    outbox.add(topic=SEND, body={"out_refund_no": refund.out_refund_no})


def give_back_late(payment: Payment) -> None:
    """Give all of a payment back that came for a cancelled order; its rows are locked by the caller."""
    wish = Wish(None, "订单已取消，自动退款", orders.SHOP, _LATE_KEY, agreed=True)
    _write(payment, _amount(payment, None), wish, agreed=True)


@retry_conflicts
@transaction.atomic(using="default")
def agree(*, out_refund_no: str) -> Refund:
    """The merchant agrees to a request. Doing it again changes nothing. Raises 404, and 409 when it was refused."""
    _, _, refund = _locked(out_refund_no)
    if refund.state == State.REQUESTED:
        _agree(refund)
    elif refund.state in VOID:
        raise ApiError(409, "refund_state", f"the refund is {refund.state}")
    return refund


@retry_conflicts
@transaction.atomic(using="default")
def refuse(*, out_refund_no: str) -> Refund:
    """The merchant refuses a request, and the order goes on. Raises 404, and 409 when it has been agreed to."""
    order, payment, refund = _locked(out_refund_no)
    if refund.state not in (State.REQUESTED, State.REFUSED):
        raise ApiError(409, "refund_state", f"the refund is {refund.state}")
    if refund.state == State.REQUESTED:
        _end(order, payment, refund, State.REFUSED)
    return refund


def send(*, out_refund_no: str) -> None:
    """Tell WeChat of a refund, by the same number each time, and write down the answer. Raises 503 while it is away."""
    refund = (
        Refund.objects.using("default").select_related("payment").filter(out_refund_no=out_refund_no).first()
    )
    if refund is None:
        raise ApiError(404, "unknown_refund", "there is no such refund")
    if refund.state != State.PROCESSING:
        return
    attempts = refund.attempts + 1
    pause = min(_LOOK_AGAIN * 2 ** min(attempts, 6), _LONGEST_PAUSE)
    rows = Refund.objects.using("default").filter(pk=refund.pk, state=State.PROCESSING)
    rows.update(attempts=attempts, next_look_at=timezone.now() + pause)
    record(
        pay.refund(
            out_trade_no=refund.payment.out_trade_no,
            out_refund_no=out_refund_no,
            refund_fen=refund.amount_fen,
            total_fen=refund.payment.amount_fen,
            reason=refund.reason,
        )
    )


def look(*, out_refund_no: str) -> None:
    """Ask WeChat what became of a refund; one that it doesn't know is sent. Raises 503 while it is away."""
    # First, so that one that fails goes behind the others.
    rows = Refund.objects.using("default").filter(out_refund_no=out_refund_no, next_look_at__isnull=False)
    rows.update(next_look_at=timezone.now() + _LOOK_AGAIN)
    try:
        said = pay.query_refund(out_refund_no=out_refund_no)
    except pay.NotThere:
        send(out_refund_no=out_refund_no)
        return
    record(said)


@retry_conflicts
@transaction.atomic(using="default")
def record(said: pay.RefundResult) -> None:
    """Write down what WeChat says of a refund. Doing it again, or in any order, changes nothing.

    Sums that were not agreed are kept as a suspicion. Raises 404 for a number that was never given out here.
    """
    order, payment, refund = _locked(said.out_refund_no)
    if (said.refund_fen, said.out_trade_no) != (refund.amount_fen, payment.out_trade_no):
        sums = {"out_trade_no": said.out_trade_no, "refund_fen": said.refund_fen}
        suspicions.note("other_refund", said.out_refund_no, sums)
        return
    refund.refund_id = said.refund_id or refund.refund_id
    refund.accepted_at = said.accepted_at or refund.accepted_at
    refund.save(using="default", update_fields=["refund_id", "accepted_at"])
    if refund.state == State.SUCCESS or refund.state in VOID:
        if refund.accepted_at is not None:
            _rest(refund)
        return
    if said.state == "SUCCESS":
        payment.refunded_fen += refund.amount_fen
        payment.save(using="default", update_fields=["refunded_fen"])
        refund.refunded_at = said.refunded_at or timezone.now()
        refund.save(using="default", update_fields=["refunded_at"])
        _end(order, payment, refund, State.SUCCESS)
    elif said.state == "CLOSED":
        _end(order, payment, refund, State.CLOSED)
    elif said.state == "ABNORMAL" and refund.state != State.ABNORMAL:
        refund.state = State.ABNORMAL
        refund.save(using="default", update_fields=["state"])
        _count(refund)


def _end(order: Order, payment: Payment, refund: Refund, state: Refund.State) -> None:
    refund.state = state
    refund.save(using="default", update_fields=["state"])
    # A notification doesn't say on which day's bill the refund is: without an answer it is asked after once more.
    if state != State.SUCCESS or refund.accepted_at is not None:
        _rest(refund)
    if state == State.CLOSED and order.state == OrderState.CANCELLED:
        sums = {"out_trade_no": payment.out_trade_no, "refund_fen": refund.amount_fen}
        suspicions.note("money_kept", refund.out_refund_no, sums)
    others = payment.refunds.using("default").filter(state__in=OPEN).exists()
    orders.refund_ended(order, refunded_fen=payment.refunded_fen, others_open=others)
    _count(refund)


def _rest(refund: Refund) -> None:
    refund.next_look_at = None
    refund.save(using="default", update_fields=["next_look_at"])


def _count(refund: Refund) -> None:
    metrics.REFUNDS.labels(str(refund.state)).inc()
    log.info("refund %s: %s", refund.out_refund_no, refund.state)


def _locked(out_refund_no: str) -> tuple[Order, Payment, Refund]:
    found = (
        Refund.objects.using("default").select_related("payment").filter(out_refund_no=out_refund_no).first()
    )
    if found is None:
        raise ApiError(404, "unknown_refund", "there is no such refund")
    order = orders.lock(number=found.payment.order_number)
    payment = Payment.objects.using("default").select_for_update().get(pk=found.payment_id)
    return order, payment, Refund.objects.using("default").select_for_update().get(pk=found.pk)


def to_look_at(*, limit: int) -> list[str]:
    """Numbers of refunds that WeChat should have ended by now, or has ended without saying when it took them on."""
    rows = Refund.objects.using("default").filter(
        state__in=(State.PROCESSING, State.ABNORMAL, State.SUCCESS), next_look_at__lte=timezone.now()
    )
    return list(rows.order_by("next_look_at").values_list("out_refund_no", flat=True)[:limit])
