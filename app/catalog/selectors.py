"""Reads of the catalogue."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings

from catalog import cache
from catalog.models import Category, Product
from core.errors import ApiError
from core.replica import read_from_replica


def _public(product: Product) -> dict[str, Any]:
    return {
        "id": product.pk,
        "sku": product.sku,
        "name": product.name,
        "description": product.description,
        "category": product.category.slug,
        "price_fen": product.price_fen,
        "stock": product.stock.available,
        "sold": product.stock.sold,
        "image_url": settings.MEDIA_URL + product.image_key if product.image_key else None,
    }


@read_from_replica
def _read_products() -> list[dict[str, Any]]:
    active = Product.objects.filter(active=True, stock__isnull=False)
    return [_public(product) for product in active.select_related("category", "stock")]


def products() -> list[dict[str, Any]]:
    """Everything on sale, from the cache when it can be."""
    generation, items = cache.load()
    if items is None:
        items = _read_products()
        if generation is not None:
            cache.store(generation, items)
    return items


@read_from_replica
def product(*, product_id: int) -> dict[str, Any]:
    """One product on sale, or a 404."""
    active = Product.objects.filter(active=True, stock__isnull=False, pk=product_id)
    found = active.select_related("category", "stock").first()
    if found is None:
        raise ApiError(404, "unknown_product", f"there is no product {product_id}", field="product_id")
    return _public(found)


@read_from_replica
def categories() -> list[Category]:
    """The shelves, in order."""
    return list(Category.objects.all())


def sellable(*, product_ids: Iterable[int]) -> dict[int, Product]:
    """Products as the primary has them now: what an order is priced from."""
    wanted = Product.objects.using("default").filter(pk__in=set(product_ids), active=True)
    return {found.pk: found for found in wanted}
