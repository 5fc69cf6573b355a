"""The first page."""

from ninja import Schema

from catalog.cached import LISTS, SHELVES, cache
from catalog.lists import Wanted
from catalog.lists import page as list_page
from catalog.pages import read_banners, read_categories
from catalog.schemas import BannerAnswer, Card, CategoryAnswer
from flash.schemas import FlashSaleOut
from flash.selectors import offers

SECONDS = 5
FEATURED = 20


class Home(Schema):
    """What the first page shows. `flash_sales` are those of `GET /flash-sales`, but `left` is some seconds old."""

    banners: list[BannerAnswer]
    categories: list[CategoryAnswer]
    featured: list[Card]
    flash_sales: list[FlashSaleOut]


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
        flash_sales=[FlashSaleOut.model_validate(vars(offer)) for offer in offers()],
    )
    return home.model_dump_json().encode()
