"""The first page."""

from typing import Any

from ninja import Schema

from catalog.cached import LISTS, SHELVES, cache
from catalog.lists import Wanted, page as list_page
from catalog.pages import read_banners, read_categories
from catalog.schemas import BannerAnswer, Card, CategoryAnswer

SECONDS = 5
FEATURED = 20


class Home(Schema):
    """What the first page shows. `flash_sales` are those of `GET /flash-sales`."""

    banners: list[BannerAnswer]
    categories: list[CategoryAnswer]
    featured: list[Card]
    flash_sales: list[dict[str, Any]]


def page() -> bytes:
    """The page, from the cache when it can be."""
    found = cache.read("home", tags=(LISTS, SHELVES), seconds=SECONDS, make=_make)
    assert found is not None
    return found


def _make() -> bytes | None:
    home = Home.model_construct(
        banners=read_banners(),
        categories=read_categories(),
        featured=list_page(Wanted(page_size=FEATURED)).items,
        flash_sales=[],
    )
    return home.model_dump_json().encode()
