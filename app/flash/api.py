"""`/flash-sales`."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Router, Status

from core.fields import Body, BodyId, Id
from core.identity import Customer, user
from core.routes import REFUSALS
from flash import selectors
from flash.schemas import FlashSalesOut
from flash.selectors import Offer
from orders import submission
from orders.api import ONE, IdempotencyKey, shown
from orders.schemas import OrderOut, Quantity

router = Router()


class FlashOrderIn(Body):
    """How many, and where to."""

    quantity: Quantity
    address_id: BodyId


@router.get("/flash-sales", response={200: FlashSalesOut}, summary="Flash sales")
def listed(request: HttpRequest) -> dict[str, list[Offer]]:
    """The sales that are on or begin within three days."""
    return {"items": selectors.offers()}


@router.post(
    "/flash-sales/{sale_id}/orders",
    auth=user,
    response={201: OrderOut, **ONE, **REFUSALS},
    summary="Order in a flash sale",
)
def place(
    request: HttpRequest, sale_id: Annotated[Id, Path()], body: FlashOrderIn, key: IdempotencyKey
) -> Status[dict[str, Any]]:
    """As `POST /orders`, at the sale's price and without coupons. 409 `sold_out` when nothing is left."""
    customer = request.auth  # type: ignore[attr-defined]
    assert isinstance(customer, Customer)
    sale = selectors.sale(sale_id=sale_id)
    wish = submission.Wish(
        user_id=customer.id,
        owner=customer.key,
        items={sale.sku_id: body.quantity},
        address_id=body.address_id,
        sale=sale,
    )
    done = submission.submit(wish=wish, idempotency_key=key)
    return Status(201 if done.created else 200, shown(done.order)[0])
