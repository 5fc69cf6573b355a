"""Reads of the catalogue that other domains need too."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from django.conf import settings

from catalog.models import Product, Sku
from catalog.schemas import Card
from core.replica import read_from_replica


@dataclass(frozen=True)
class SkuForSale:
    """A variant as an order is priced from it."""

    sku_id: int
    product_id: int
    name: str
    attributes: dict[str, str]
    price_fen: int
    image_key: str
    weight_grams: int
    category_id: int


def media_url(key: str) -> str | None:
    """Where a browser finds a picture."""
    return settings.MEDIA_URL + key if key else None


def skus_for_sale(*, sku_ids: Iterable[int]) -> dict[int, SkuForSale]:
    """The SKUs that are on sale now, from the primary; one that isn't is missing."""
    found = Sku.objects.using("default").filter(pk__in=set(sku_ids), active=True, product__on_shelf=True)
    return {
        sku.pk: SkuForSale(
            sku_id=sku.pk,
            product_id=sku.product_id,
            name=sku.product.name,
            attributes=sku.attributes,
            price_fen=sku.price_fen,
            image_key=sku.image_key or sku.product.image_key,
            weight_grams=sku.weight_grams,
            category_id=sku.product.category_id,
        )
        for sku in found.select_related("product").defer("product__description")
    }


def product_names(*, product_ids: Iterable[int]) -> dict[int, str]:
    """Names of products, on the shelf or not."""
    return dict(Product.objects.using("default").filter(pk__in=set(product_ids)).values_list("pk", "name"))


class Carded(Protocol):
    """The columns of a product that a card is made of (`CARD`)."""

    id: int
    name: str
    subtitle: str
    image_key: str
    price_fen: int | None
    market_price_fen: int | None
    sold: int
    in_stock: bool
    rating: Decimal | None


CARD = tuple(Carded.__annotations__)


def card_fields(product: Carded) -> dict[str, object]:
    """What every answer about a product has."""
    return {
        "id": product.id,
        "name": product.name,
        "subtitle": product.subtitle,
        "image_url": media_url(product.image_key),
        "price_fen": product.price_fen,
        "market_price_fen": product.market_price_fen,
        "sold": product.sold,
        "in_stock": product.in_stock,
        "rating": float(product.rating) if product.rating is not None else None,
    }


@read_from_replica
def cards(product_ids: Sequence[int]) -> list[Card]:
    """Cards of the products that are on sale, in the order given. One query."""
    if not product_ids:
        return []
    # Rows without models, which would take more time than the query: a search has nothing else to do.
    rows = Product.objects.filter(pk__in=product_ids, listed=True).values_list(*CARD, named=True)
    found = {row.id: Card.model_construct(**card_fields(row)) for row in rows}
    return [found[number] for number in product_ids if number in found]
