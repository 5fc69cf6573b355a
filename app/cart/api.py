"""`/cart`."""

from typing import Annotated

from ninja import Router, Schema, Status
from pydantic import Field

from cart import selectors, services
from cart.store import MAX_QUANTITY
from core.fields import Body, BodyId, Id
from core.identity import VisitorRequest, visitor
from core.routes import REFUSALS

router = Router()
Quantity = Annotated[int, Field(strict=True, ge=1, le=MAX_QUANTITY)]


class ItemIn(Body):
    """So many more of a SKU."""

    sku_id: BodyId
    quantity: Quantity


class QuantityIn(Body):
    """So many in all."""

    quantity: Quantity


class LineOut(Schema):
    """A SKU in the cart at today's price. Not `available`: the stock is less than the quantity."""

    sku_id: int
    product_id: int
    name: str
    attributes: dict[str, str]
    image_url: str | None
    price_fen: int
    quantity: int
    subtotal_fen: int
    stock: int
    available: bool


class CartOut(Schema):
    """The cart, newest first. `total_fen` and `count` (of pieces) are of the available lines."""

    items: list[LineOut]
    total_fen: int
    count: int


def _cart(request: VisitorRequest) -> selectors.Cart:
    return selectors.contents(owner=request.auth.key)


@router.get("/cart", auth=visitor, response={200: CartOut, **REFUSALS}, summary="The cart")
def show(request: VisitorRequest) -> selectors.Cart:
    """The cart with today's prices and stock. What is no longer for sale is left out."""
    return _cart(request)


@router.post("/cart/items", auth=visitor, response={201: CartOut, **REFUSALS}, summary="Put into the cart")
def add(request: VisitorRequest, body: ItemIn) -> Status[selectors.Cart]:
    """Put more of a SKU into the cart, up to its stock, 99 pieces, and 100 different SKUs."""
    services.add(owner=request.auth.key, sku_id=body.sku_id, quantity=body.quantity)
    return Status(201, _cart(request))


@router.put(
    "/cart/items/{sku_id}", auth=visitor, response={200: CartOut, **REFUSALS}, summary="Set a quantity"
)
def change(request: VisitorRequest, sku_id: Id, body: QuantityIn) -> selectors.Cart:
    """Have exactly so many of a SKU in the cart, whether it was there or not."""
    services.change(owner=request.auth.key, sku_id=sku_id, quantity=body.quantity)
    return _cart(request)


@router.delete("/cart/items/{sku_id}", auth=visitor, response={200: CartOut, **REFUSALS}, summary="Take out")
def remove(request: VisitorRequest, sku_id: Id) -> selectors.Cart:
    """Take a SKU out of the cart; it may already be gone."""
    services.drop(owner=request.auth.key, sku_ids=[sku_id])
    return _cart(request)
