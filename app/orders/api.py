"""`/checkout` and `/orders`."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Header, Path, Query, Router, Status
from pydantic import Field

from core.identity import Customer, user
from core.routes import REFUSALS
from logistics import selectors as logistics
from orders import checkout as checking
from orders import schemas, selectors, services, submission
from orders.models import Order
from orders.schemas import (
    CheckoutIn,
    CheckoutOut,
    Key,
    Number,
    OrderIn,
    OrderOut,
    OrderPage,
    PayOut,
    RefundIn,
)
from orders.states import State
from payments import refunds
from payments import services as payments

router = Router()
IdempotencyKey = Annotated[Key, Header(alias="Idempotency-Key")]
ONE: dict[int, Any] = {200: OrderOut, **REFUSALS}


def _user(request: HttpRequest) -> Customer:
    customer = request.auth  # type: ignore[attr-defined]
    assert isinstance(customer, Customer)
    return customer


def shown(*found: Order) -> list[dict[str, Any]]:
    """Orders as their user sees them."""
    sent = [order.number for order in found if order.shipped_at is not None]
    shipments = logistics.shipments(numbers=sent) if sent else {}
    return [schemas.order(order, shipments) for order in found]


def _one(request: HttpRequest, number: str) -> dict[str, Any]:
    return shown(selectors.order(number=number, user_id=_user(request).id))[0]


@router.post("/checkout", auth=user, response={200: CheckoutOut, **REFUSALS}, summary="Price an order")
def checkout(request: HttpRequest, body: CheckoutIn) -> dict[str, Any]:
    """What an order of the items, or of the cart, would cost. Nothing is reserved."""
    customer = _user(request)
    asked = checking.Question(
        user_id=customer.id,
        owner=customer.key,
        items=schemas.quantities(body.items),
        address_id=body.address_id,
        user_coupon_id=body.user_coupon_id,
    )
    return checking.answer(asked)


@router.post("/orders", auth=user, response={201: OrderOut, **ONE}, summary="Place an order")
def place(request: HttpRequest, body: OrderIn, key: IdempotencyKey) -> Status[dict[str, Any]]:
    """Order the items, or the cart: 201 for a new order, 200 for the one that this key placed before.

    409 `too_many_unpaid` for who has ten orders that are neither paid nor cancelled.
    """
    customer = _user(request)
    wish = submission.Wish(
        user_id=customer.id,
        owner=customer.key,
        items=schemas.quantities(body.items),
        address_id=body.address_id,
        user_coupon_id=body.user_coupon_id,
        remark=body.remark,
    )
    done = submission.submit(wish=wish, idempotency_key=key)
    return Status(201 if done.created else 200, shown(done.order)[0])


@router.get("/orders", auth=user, response={200: OrderPage, **REFUSALS}, summary="The user's orders")
def listed(
    request: HttpRequest,
    state: Annotated[State | None, Query()] = None,
    page: Annotated[int, Query(), Field(ge=1, le=1000)] = 1,
    page_size: Annotated[int, Query(), Field(ge=1, le=50)] = 10,
) -> dict[str, Any]:
    """The user's orders, newest first, all or those in one state."""
    found = selectors.page(user_id=_user(request).id, state=state, page=page, page_size=page_size)
    return {"items": shown(*found.orders), "page": page, "page_size": page_size, "total": found.total}


@router.get("/orders/{number}", auth=user, response=ONE, summary="An order")
def show(request: HttpRequest, number: Annotated[Number, Path()]) -> dict[str, Any]:
    """One of the user's orders."""
    return _one(request, number)


@router.post("/orders/{number}/pay", auth=user, response={200: PayOut, **REFUSALS}, summary="Begin to pay")
def pay(request: HttpRequest, number: Annotated[Number, Path()]) -> dict[str, str]:
    """Announce the payment to WeChat, or take the announcement that is there, and sign it for the client."""
    customer = _user(request)
    return payments.prepay(number=number, user_id=customer.id, openid=customer.openid)


@router.post("/orders/{number}/sync", auth=user, response=ONE, summary="Ask WeChat whether it is paid")
def sync(request: HttpRequest, number: Annotated[Number, Path()]) -> dict[str, Any]:
    """For the client that has just paid: WeChat's notification may take its time."""
    if selectors.order(number=number, user_id=_user(request).id).state == State.PENDING:
        payments.sync(order_number=number)
    return _one(request, number)


@router.post("/orders/{number}/cancel", auth=user, response=ONE, summary="Cancel an order")
def cancel(request: HttpRequest, number: Annotated[Number, Path()]) -> dict[str, Any]:
    """Cancel an order that isn't paid. WeChat is asked first: it may be paid by now."""
    services.cancel(number=number, user_id=_user(request).id)
    return _one(request, number)


@router.post("/orders/{number}/receive", auth=user, response=ONE, summary="The goods are here")
def receive(request: HttpRequest, number: Annotated[Number, Path()]) -> dict[str, Any]:
    """The user has the goods."""
    services.receive(number=number, user_id=_user(request).id)
    return _one(request, number)


@router.post("/orders/{number}/refunds", auth=user, response=ONE, summary="Ask for money back")
def refund(
    request: HttpRequest, number: Annotated[Number, Path()], body: RefundIn, key: IdempotencyKey
) -> dict[str, Any]:
    """At once while the goods have not left; afterwards the merchant has to agree."""
    customer = _user(request)
    by = f"user:{customer.id}"
    wish = refunds.Wish(body.amount_fen, body.reason, by, key, agreed=False)
    refunds.ask(number=number, wish=wish, user_id=customer.id)
    return _one(request, number)
