"""Put the demo shop on its shelves."""

from django.conf import settings
from django.db import transaction

from catalog import cache, pictures
from catalog.demo import CATEGORIES, PRODUCTS
from catalog.models import Category, Product, Stock
from core.drivers.storage import Object, put_if_changed

# A picture's key has no hash in it, so copies are asked about again after a day.
_A_DAY = "public, max-age=86400"


def upload_pictures() -> int:
    """Draw every demo product; the number of pictures that the bucket did not have yet."""
    bucket = settings.SHOP.storage.media_bucket
    drawn = (
        Object(image_key(item.sku), pictures.svg(sku=item.sku, name=item.name), "image/svg+xml", _A_DAY)
        for item in PRODUCTS
    )
    return sum(put_if_changed(bucket, picture) for picture in drawn)


def image_key(sku: str) -> str:
    """Where a demo product's picture is in the media bucket."""
    return f"products/{sku.lower()}.svg"


@transaction.atomic(using="default")
def create_missing() -> int:
    """Create what is missing and leave the rest: prices and stock of a running shop are not ours to reset."""
    changed = 0
    shelves = {}
    for position, (slug, name) in enumerate(CATEGORIES):
        values = {"name": name, "position": position}
        shelves[slug], created = Category.objects.using("default").get_or_create(slug=slug, defaults=values)
        changed += created
    for item in PRODUCTS:
        values = {
            "name": item.name,
            "description": item.description,
            "category": shelves[item.category],
            "price_fen": item.price_fen,
            "image_key": image_key(item.sku),
        }
        product, created = Product.objects.using("default").get_or_create(sku=item.sku, defaults=values)
        stocked = {"available": item.stock}
        _, filled = Stock.objects.using("default").get_or_create(product=product, defaults=stocked)
        changed += created or filled
    if changed:
        transaction.on_commit(cache.invalidate, using="default")
    return changed
