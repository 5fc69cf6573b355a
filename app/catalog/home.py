"""The first page."""

from datetime import datetime

from ninja import Schema

from catalog.cached import LISTS, SHELVES, cache
from catalog.lists import Wanted
from catalog.lists import page as list_page
from catalog.pages import read_banners, read_categories
from catalog.schemas import BannerAnswer, Card, CategoryAnswer
from flash.selectors import offers

SECONDS = 5
FEATURED = 20


class FlashSale(Schema):
    """A sale as in `GET /flash-sales`, but `left` is some seconds old."""

    id: int
    sku_id: int
    product_id: int
    name: str
    image_url: str | None
    price_fen: int
    original_price_fen: int
    starts_at: datetime
    ends_at: datetime
    total: int
    left: int
    per_user: int


class Home(Schema):
    """What the first page shows. `flash_sales` are those of `GET /flash-sales`."""

    banners: list[BannerAnswer]
    categories: list[CategoryAnswer]
    featured: list[Card]
    flash_sales: list[FlashSale]


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
        flash_sales=[FlashSale.model_validate(vars(offer)) for offer in offers()],
    )
    return home.model_dump_json().encode()
