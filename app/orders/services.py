"""What happens to an order once it is there. Each function that changes one locks its row first, before any other.

Those that take an `Order` belong to the transaction of the caller, who got it from `lock`.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from core import metrics
from core.conflicts import retry_conflicts
from core.errors import ApiError
from coupons import services as coupons
from flash import services as flash
from inventory import services as inventory
from orders.models import Order, OrderEvent
from orders.states import FINAL, Event, IllegalTransition, State, next_state, resuming
from payments import services as payments

RECEIVED_OF_ITSELF = timedelta(days=10)
REFUND_WINDOW = timedelta(days=7)
SHOP = "shop"
WECHAT = "wechat"


def lock(*, number: str, user_id: int | None = None) -> Order:
    """An order's row, held until the transaction ends. Raises 404, also for somebody else's with `user_id`."""
    assert transaction.get_connection("default").in_atomic_block, "a lock ends with its transaction"
    rows = Order.objects.using("default").select_for_update().filter(number=number)
    found = (rows if user_id is None else rows.filter(user_id=user_id)).first()
    if found is None:
        raise ApiError(404, "unknown_order", "there is no such order")
    return found


def quantities(order: Order) -> dict[int, int]:
    """How much of which SKU an order is about."""
    return dict(order.lines.using("default").values_list("sku_id", "quantity"))


def happened(order: Order, event: Event, *, by: str, at: datetime | None = None, **changes: object) -> None:
    """Let an event happen to a locked order, with other columns to change. Raises 409 `order_state`."""
    try:
        order.state = next_state(State(order.state), event)
    except IllegalTransition as error:
        raise ApiError(409, "order_state", f"the order is {order.state}") from error
    at = at or timezone.now()
    for name, value in changes.items():
        setattr(order, name, value)
    order.due_at = _due(order)
    if order.state in FINAL:
        order.closed_at = at
    order.save(using="default", update_fields=["state", "due_at", "closed_at", *changes])
    OrderEvent.objects.using("default").create(order=order, at=at, event=event, by=by)


def _due(order: Order) -> datetime | None:
    if order.state == State.SHIPPED and order.shipped_at:
        return order.shipped_at + RECEIVED_OF_ITSELF
    if order.state == State.RECEIVED and order.received_at:
        return order.received_at + REFUND_WINDOW
    return None


def mark_paid(order: Order, *, at: datetime) -> bool:
    """WeChat has the money for a locked order. False when the order is cancelled, and the money has to go back."""
    if order.state != State.PENDING:
        return False
    happened(order, Event.PAY, by=WECHAT, paid_at=at)
    inventory.sold(quantities=quantities(order))
    return True


def mark_shipped(*, number: str, by: str) -> Order:
    """The goods have left. Raises 404, and 409 unless the order is paid."""
    with transaction.atomic(using="default"):
        order = lock(number=number)
        happened(order, Event.SHIP, by=by, shipped_at=timezone.now())
    return order


@retry_conflicts
def receive(*, number: str, user_id: int) -> Order:
    """The user has the goods. Doing it again changes nothing."""
    with transaction.atomic(using="default"):
        order = lock(number=number, user_id=user_id)
        if order.state not in (State.RECEIVED, State.COMPLETED):
            happened(order, Event.RECEIVE, by=f"user:{user_id}", received_at=timezone.now())
    return order


@retry_conflicts
def pass_time(*, number: str, now: datetime) -> None:
    """Let happen to an order what happens of itself by now: received after ten days, completed after seven more."""
    with transaction.atomic(using="default"):
        order = lock(number=number)
        if order.due_at is None or order.due_at > now:
            return
        if order.state == State.SHIPPED:
            happened(order, Event.RECEIVE, by=SHOP, at=now, received_at=now)
        elif order.state == State.RECEIVED:
            happened(order, Event.COMPLETE, by=SHOP, at=now)


def cancel(*, number: str, user_id: int, by: str | None = None) -> Order:
    """The user doesn't want the order any more; `by` is who says so for them. Doing it again changes nothing.

    Raises 404; 409 `order_state` when it is paid, by now or already, and `being_paid` while it is; 503 while WeChat is
    away, as it may be paid there.
    """
    with transaction.atomic(using="default"):
        order = lock(number=number, user_id=user_id)
    if order.state == State.PENDING:
        order = _close(number, by=by or f"user:{user_id}")
    if order.state != State.CANCELLED:
        raise ApiError(409, "order_state", f"the order is {order.state}")
    return order


def expire(*, number: str) -> None:
    """Cancel an order whose time to be paid is over. Raises as `cancel` does while WeChat won't say or is busy."""
    with transaction.atomic(using="default"):
        order = lock(number=number)
    if order.state == State.PENDING and order.pay_until <= timezone.now():
        _close(number, by=SHOP)


def _close(number: str, *, by: str) -> Order:
    """Query and close at WeChat, and only then release what the order holds; or find that it was paid."""
    payments.stop(order_number=number)
    return _release(number, by)


@retry_conflicts
def _release(number: str, by: str) -> Order:
    with transaction.atomic(using="default"):
        order = lock(number=number)
        if order.state != State.PENDING:
            return order
        # A payment may have been announced since WeChat was asked.
        if not payments.stopped(order_number=number):
            raise ApiError(409, "being_paid", "the order is being paid at this moment")
        happened(order, Event.CANCEL, by=by)
        coupons.give_back(order_number=number)
        if order.flash_sale_id is not None:
            flash.give_back(order_number=number)
        inventory.release(quantities=quantities(order))
    metrics.ORDERS_CANCELLED.labels(by.partition(":")[0]).inc()
    return order


def refund_asked(order: Order, *, by: str) -> None:
    """A part of a locked order's money, or all, shall go back."""
    happened(order, Event.ASK_REFUND, by=by)


def refund_ended(order: Order, *, refunded_fen: int, others_open: bool) -> None:
    """A refund of a locked order has ended, and so much has gone back in all. Without others open the order goes on."""
    order.refunded_fen = refunded_fen
    order.save(using="default", update_fields=["refunded_fen"])
    if order.state != State.REFUNDING:
        return
    if refunded_fen == order.total_fen:
        happened(order, Event.REFUND_ALL, by=WECHAT)
        if order.shipped_at is None:
            inventory.restock(quantities=quantities(order))
    elif not others_open:
        event = resuming(shipped=order.shipped_at is not None, received=order.received_at is not None)
        happened(order, event, by=WECHAT)
