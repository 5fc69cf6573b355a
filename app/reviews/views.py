"""Reviews of products."""

from django.http import HttpRequest, HttpResponse

from catalog import selectors as catalogue
from core.api import answer, integer, read_object, text
from core.buyer import require_buyer
from reviews import store

_FIELDS = frozenset({"rating", "text"})


def show(request: HttpRequest, *, product_id: int) -> HttpResponse:
    """A product's reviews, latest first."""
    catalogue.product(product_id=product_id)
    return answer({"items": store.load_reviews(product_id=product_id)})


def write(request: HttpRequest, *, product_id: int) -> HttpResponse:
    """Write a review, or replace one's earlier one."""
    buyer = require_buyer(request)
    body = read_object(request, allowed=_FIELDS)
    rating = integer(body, "rating", minimum=1, maximum=5)
    words = text(body, "text", maximum=500)
    catalogue.product(product_id=product_id)
    first = store.save_review(product_id=product_id, buyer=buyer, rating=rating, text=words)
    return answer({"rating": rating, "text": words}, status=201 if first else 200)
