"""The catalogue over HTTP."""

from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router, Schema
from ninja.decorators import decorate_view
from pydantic import Field

from catalog import home, pages
from catalog.lists import Wanted
from catalog.schemas import CardPage, Categories, ProductPage
from core.fields import Id
from core.memory import answer, remembered
from core.routes import REFUSALS

router = Router()
Number = Annotated[Id, Path()]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]


class ListQuery(Schema):
    """Which part of the list."""

    category: Slug | None = None
    sort: Literal["default", "price", "-price", "sales", "newest"] = "default"
    page: int = Field(1, ge=1, le=1000)
    page_size: int = Field(20, ge=1, le=50)


@router.get("/home", response={200: home.Home, **REFUSALS})
@decorate_view(remembered)
def show_home(request: HttpRequest) -> HttpResponse:
    """What the first page shows."""
    return answer(home.page())


@router.get("/categories", response={200: Categories, **REFUSALS})
@decorate_view(remembered)
def list_categories(request: HttpRequest) -> HttpResponse:
    """The tree of categories."""
    return answer(pages.categories())


@router.get("/products", response={200: CardPage, **REFUSALS})
@decorate_view(remembered)
def list_products(request: HttpRequest, query: Query[ListQuery]) -> HttpResponse:
    """Products on sale, of the whole shop or of a category and those below it."""
    return answer(pages.products(Wanted(query.category, query.sort, query.page, query.page_size)))


@router.get("/products/{product_id}", response={200: ProductPage, **REFUSALS})
@decorate_view(remembered)
def show_product(request: HttpRequest, product_id: Number) -> HttpResponse:
    """All of one product."""
    return answer(pages.product(product_id))
