"""Recommendations over HTTP."""

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router, Schema
from ninja.decorators import decorate_view

from catalog.schemas import Card
from core.fields import Id
from core.identity import Visitor, visitor
from core.memory import answer, remembered
from core.routes import REFUSALS
from recommendations import selectors

router = Router()


class Cards(Schema):
    """At most ten products."""

    items: list[Card]


def _answer(items: list[Card]) -> HttpResponse:
    return answer(Cards.model_construct(items=items).model_dump_json().encode())


@router.get("/recommendations", auth=visitor, response={200: Cards, **REFUSALS})
def for_you(request: HttpRequest) -> HttpResponse:
    """What this visitor may like."""
    asking: Visitor = request.auth  # type: ignore[attr-defined]
    return _answer(selectors.for_you(asking.customer.id if asking.customer else None))


@router.get("/recommendations/{product_id}", response={200: Cards, **REFUSALS})
@decorate_view(remembered)
def bought_together(request: HttpRequest, product_id: Annotated[Id, Path()]) -> HttpResponse:
    """What is bought together with a product."""
    return _answer(selectors.bought_together(product_id))
