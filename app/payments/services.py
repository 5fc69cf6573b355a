"""The payments of orders. WeChat is asked while no transaction is open; what it says is written under row locks.

Locks are taken in one order: the order's row, then the payment's.
"""

import logging
from datetime import timedelta
from enum import Enum

from django.db import IntegrityError, transaction
from django.utils import timezone

from core import metrics
from core.conflicts import retry_conflicts
from core.errors import ApiError
from orders import services as orders
from orders.models import Order
from orders.states import State as OrderState
from payments import refunds, suspicions
from payments.claims import Claim, doubt
from payments.models import Payment
from wechat import pay

log = logging.getLogger("shop.payments")
_PREPAY_LIFE = timedelta(hours=2) - timedelta(minutes=5)
_NOTIFIED_WITHIN = timedelta(minutes=2)


class Booked(Enum):
    """What became of a payment that WeChat told of."""

    PAID = "paid"
    KNOWN = "known"
    LATE = "late"
    """The order was cancelled: the money goes back."""
    REFUSED = "refused"
    """Not as agreed: nothing was booked, and people have to look at it."""


def prepay(*, number: str, user_id: int, openid: str) -> dict[str, str]:
    """What the client gives to `wx.requestPayment` for an order.

    Raises 404; 409 `order_state` when the order can't be paid, any more or already, and `openid_required` for a user
    who has never logged in with WeChat; 503 while WeChat is away.
    """
    if not openid:
        raise ApiError(409, "openid_required", "log in with WeChat to pay")
    payment = _announce(number, user_id, openid)
    if payment.prepay_id and payment.prepaid_at and payment.prepaid_at > timezone.now() - _PREPAY_LIFE:
        return pay.payment_parameters(payment.prepay_id)
    asked_at = timezone.now()
    try:
        prepay_id = pay.prepay(
            out_trade_no=payment.out_trade_no,
            description=payment.description,
            amount_fen=payment.amount_fen,
            openid=payment.openid,
            expires_at=payment.expires_at,
        )
    except pay.PayError as error:
        if error.reason == "ORDERPAID":
            sync(order_number=number)
            raise ApiError(409, "order_state", "the order is paid") from error
        raise
    with transaction.atomic(using="default"):
        _payable(number, user_id)
        rows = Payment.objects.using("default").filter(pk=payment.pk, state=Payment.State.OPEN)
        if rows.update(prepay_id=prepay_id, prepaid_at=asked_at) != 1:
            raise ApiError(409, "order_state", "the order can't be paid any more")
    return pay.payment_parameters(prepay_id)


@retry_conflicts
@transaction.atomic(using="default")
def _announce(number: str, user_id: int, openid: str) -> Payment:
    """The order's payment, written before WeChat hears of it: what was announced there is always known here."""
    order = _payable(number, user_id)
    first = order.lines.using("default").first()
    assert first is not None
    payment, _ = Payment.objects.using("default").get_or_create(
        order_number=number,
        defaults={
            "out_trade_no": number,
            "openid": openid,
            "description": first.name[:120],
            "amount_fen": order.total_fen,
            "expires_at": order.pay_until,
            "created_at": timezone.now(),
        },
    )
    if payment.state != Payment.State.OPEN:
        raise ApiError(409, "order_state", f"the payment is {payment.state}")
    return payment


def _payable(number: str, user_id: int) -> Order:
    order = orders.lock(number=number, user_id=user_id)
    if order.state != OrderState.PENDING or order.pay_until <= timezone.now():
        raise ApiError(409, "order_state", "the order can't be paid any more, or is paid")
    return order


def sync(*, order_number: str) -> None:
    """Ask WeChat whether an order is paid, and book it. Without a payment that could be there is nothing to ask."""
    payment = _find(order_number)
    if payment is None or payment.state == Payment.State.PAID:
        return
    try:
        said = pay.query(out_trade_no=payment.out_trade_no)
    except pay.NotThere:
        return
    if said.paid:
        book(said)


def stop(*, order_number: str) -> None:
    """Have WeChat take no money for an order any more, or book what was paid by now.

    Raises 409 `being_paid` while the user is at it, and 503 while WeChat is away.
    """
    payment = _find(order_number)
    if payment is None or payment.state != Payment.State.OPEN:
        return
    try:
        said = pay.query(out_trade_no=payment.out_trade_no)
    except pay.NotThere:
        # The announcement may be on its way: without its answer, which is not given out after this, nobody can pay.
        _mark_closed(payment)
        return
    if said.paid:
        book(said)
        return
    if said.state not in ("CLOSED", "REVOKED"):
        _close_at_wechat(payment)
    _mark_closed(payment)


def _close_at_wechat(payment: Payment) -> None:
    try:
        pay.close(out_trade_no=payment.out_trade_no)
    except pay.PayUnavailable:
        raise
    except pay.PayError as error:
        # Paid, or about to be, since the question a moment ago.
        raise ApiError(409, "being_paid", "the order is being paid at this moment") from error


def _mark_closed(payment: Payment) -> None:
    rows = Payment.objects.using("default").filter(pk=payment.pk, state=Payment.State.OPEN)
    rows.update(state=Payment.State.CLOSED)


def stopped(*, order_number: str) -> bool:
    """Whether no money can come for an order whose row the caller has locked."""
    payment = Payment.objects.using("default").select_for_update().filter(order_number=order_number).first()
    return payment is None or payment.state == Payment.State.CLOSED


def book(said: pay.Transaction) -> Booked:
    """Write down a payment that WeChat told of, by a notification or an answer. Doing it again changes nothing.

    Raises 404 `unknown_payment` for a number that was never given out here.
    """
    try:
        booked = _book(said)
    except IntegrityError:
        # One transaction of WeChat's can't pay two orders.
        suspicions.note("transaction_used", said.transaction_id, {"out_trade_no": said.out_trade_no})
        booked = Booked.REFUSED
    if booked is not Booked.KNOWN:
        metrics.PAYMENTS.labels(booked.value).inc()
        log.info("payment of order %s: %s", said.out_trade_no, booked.value)
    return booked


@retry_conflicts
@transaction.atomic(using="default")
def _book(said: pay.Transaction) -> Booked:
    known = Payment.objects.using("default").filter(out_trade_no=said.out_trade_no).first()
    if known is None:
        raise ApiError(404, "unknown_payment", "no payment was announced under this number")
    order = orders.lock(number=known.order_number)
    payment = Payment.objects.using("default").select_for_update().get(pk=known.pk)
    wrong = doubt(said, Claim.of(payment))
    if wrong:
        suspicions.note(wrong, said.transaction_id or said.out_trade_no, suspicions.details(said))
        return Booked.REFUSED
    if payment.state == Payment.State.PAID:
        return Booked.KNOWN
    assert said.paid_at is not None
    payment.state, payment.transaction_id, payment.paid_at = (
        Payment.State.PAID,
        said.transaction_id,
        said.paid_at,
    )
    payment.save(using="default", update_fields=["state", "transaction_id", "paid_at"])
    if orders.mark_paid(order, at=said.paid_at):
        return Booked.PAID
    refunds.give_back_late(payment)
    return Booked.LATE


def to_ask_after(*, limit: int) -> list[str]:
    """Numbers of orders whose payment was begun a while ago and can still be made, those ending first first."""
    now = timezone.now()
    begun = Payment.objects.using("default").filter(
        state=Payment.State.OPEN, expires_at__gt=now, prepaid_at__lt=now - _NOTIFIED_WITHIN
    )
    return list(begun.order_by("expires_at").values_list("order_number", flat=True)[:limit])


def _find(order_number: str) -> Payment | None:
    return Payment.objects.using("default").filter(order_number=order_number).first()
