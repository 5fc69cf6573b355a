"""The buyer's cart."""

from django.http import HttpRequest, HttpResponse

from cart import selectors, services
from cart.limits import MAX_QUANTITY
from core.api import answer, integer, read_object
from core.buyer import ensure_buyer

_FIELDS = frozenset({"product_id", "quantity"})
_LARGEST_ID = 2**63 - 1


def show(request: HttpRequest) -> HttpResponse:
    """What is in the cart."""
    return answer(selectors.contents(buyer=ensure_buyer(request)))


def add(request: HttpRequest) -> HttpResponse:
    """Put something in."""
    body = read_object(request, allowed=_FIELDS)
    product_id = integer(body, "product_id", minimum=1, maximum=_LARGEST_ID)
    quantity = integer(body, "quantity", minimum=1, maximum=MAX_QUANTITY)
    buyer = ensure_buyer(request)
    services.add_item(buyer=buyer, product_id=product_id, quantity=quantity)
    return answer(selectors.contents(buyer=buyer), status=201)


def remove(request: HttpRequest, *, product_id: int) -> HttpResponse:
    """Take something out."""
    buyer = ensure_buyer(request)
    services.remove_item(buyer=buyer, product_id=product_id)
    return answer(selectors.contents(buyer=buyer))
