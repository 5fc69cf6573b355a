"""Placing and looking up orders."""

import re
from typing import Any

from django.http import HttpRequest, HttpResponse

from cart.limits import MAX_LINES, MAX_QUANTITY
from core.api import answer, integer, read_object
from core.buyer import require_buyer
from core.errors import ApiError, invalid
from orders import selectors, services

_FIELDS = frozenset({"items"})
_ITEM_FIELDS = {"product_id", "quantity"}
_KEY = re.compile(r"[A-Za-z0-9._:-]{8,64}")
_LARGEST_ID = 2**63 - 1


def _key(request: HttpRequest) -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not _KEY.fullmatch(key):
        message = "send a key of 8 to 64 letters, digits, and . _ : - that is new for each order"
        raise ApiError(400, "idempotency_key_required", message, field="Idempotency-Key")
    return key


def _quantities(body: dict[str, Any]) -> dict[int, int] | None:
    if "items" not in body:
        return None
    items = body["items"]
    if not isinstance(items, list) or not 1 <= len(items) <= MAX_LINES:
        raise invalid("items", f"must be a list of 1 to {MAX_LINES} items")
    found: dict[int, int] = {}
    for number, item in enumerate(items):
        label = f"items[{number}]"
        if not isinstance(item, dict) or set(item) != _ITEM_FIELDS:
            raise invalid(label, "must have product_id and quantity, and nothing else")
        name = f"{label}.product_id"
        product_id = integer(item, "product_id", minimum=1, maximum=_LARGEST_ID, label=name)
        if product_id in found:
            raise invalid(name, "is in the list twice")
        limits = {"minimum": 1, "maximum": MAX_QUANTITY}
        found[product_id] = integer(item, "quantity", label=f"{label}.quantity", **limits)
    return found


def place(request: HttpRequest) -> HttpResponse:
    """Order the given items, or the cart: 201 for a new order, 200 for one that this key placed before."""
    buyer = require_buyer(request)
    key = _key(request)
    quantities = _quantities(read_object(request, allowed=_FIELDS))
    done = services.submit(buyer=buyer, idempotency_key=key, quantities=quantities)
    return answer(selectors.public(done.order), status=201 if done.created else 200)


def show(request: HttpRequest, *, number: str) -> HttpResponse:
    """One of the buyer's orders."""
    return answer(selectors.public(selectors.order(number=number, buyer=require_buyer(request))))
