"""Products for tests, made as the merchants' admin makes them."""

from itertools import count
from typing import Any

from django.db import transaction

from catalog.models import Category, Product, ProductImage, Sku
from catalog.services import product_changed, shelves_changed
from inventory.services import set_stock

_codes = count(1)


def category(slug: str = "digital", name: str = "数码", *, parent: Category | None = None) -> Category:
    """A category, new or known."""
    with transaction.atomic():
        found, _ = Category.objects.get_or_create(slug=slug, defaults={"name": name, "parent": parent})
        shelves_changed()
    return found


def product(
    name: str,
    *prices: int,
    shelf: Category | None = None,
    stock: int = 10,
    attributes: dict[str, str] | None = None,
    images: int = 1,
    **fields: Any,
) -> Product:
    """A product on the shelf with a SKU for each price (fen)."""
    with transaction.atomic():
        made = Product.objects.create(name=name, category=shelf or category(), **fields)
        for price in prices or (1000,):
            sku = Sku.objects.create(
                product=made, code=f"T{next(_codes)}", price_fen=price, attributes=attributes or {}
            )
            set_stock(sku_id=sku.pk, available=stock)
        for number in range(images):
            ProductImage.objects.create(product=made, key=f"products/{made.pk}-{number}.svg", position=number)
        product_changed(made.pk)
    made.refresh_from_db()
    return made
