"""Put the demo shop on its shelves: what is missing is made, what is there is left to the shop."""

from collections.abc import Iterator

from django.conf import settings
from django.db import transaction

from catalog.demo.goods import GOODS
from catalog.demo.goods.kinds import POSTERS, SHELVES, Goods
from catalog.demo.pictures import scenes
from catalog.models import Banner, Category, Product, ProductImage, Sku
from catalog.services import products_changed, shelves_changed
from core.drivers.storage import Object
from core.publishing import publish
from inventory.seed import seed as seed_stock

# A picture's key has no hash in it, so copies are asked about again after a day.
_A_DAY = "public, max-age=86400"
_SVG = "image/svg+xml"


def color_key(item: Goods, number: int) -> str:
    """Where the picture of a product in one of its colours is."""
    return f"products/{item.code.lower()}-{number}.svg"


def pictures() -> Iterator[Object]:
    """Every picture that the demo shop shows."""
    for item in GOODS:
        base, (_, first) = f"products/{item.code.lower()}", item.colors[0]
        drawn = {
            color_key(item, number): scenes.alone(kind=item.kind, name=item.name, color=color)
            for number, (_, color) in enumerate(item.colors)
        }
        drawn[f"{base}-pair.svg"] = scenes.pair(kind=item.kind, name=item.name, color=first)
        points = list(item.points)
        drawn[f"{base}-card.svg"] = scenes.card(kind=item.kind, name=item.name, color=first, points=points)
        yield from (Object(key, content, _SVG, _A_DAY) for key, content in drawn.items())
    for shelf in SHELVES:
        content = scenes.alone(kind=shelf.kind, name=shelf.name, color=shelf.color)
        yield Object(f"categories/{shelf.slug}.svg", content, _SVG, _A_DAY)
    for poster in POSTERS:
        content = scenes.wide(
            title=poster.title, subtitle=poster.subtitle, kinds=poster.kinds, color=poster.color
        )
        yield Object(f"banners/{poster.key}.svg", content, _SVG, _A_DAY)


def upload_pictures() -> int:
    """Draw everything; the number of pictures that the bucket did not have yet."""
    return publish(settings.SHOP.storage.media_bucket, list(pictures()))


@transaction.atomic(using="default")
def create_missing() -> int:
    """Categories, products with their SKUs, pictures and stock, banners; how many things were made."""
    shelves, changed = _shelves()
    made = [product for item in GOODS if (product := _product(item, shelves[item.category])) is not None]
    changed += len(made)
    banners = sum(_banner(position) for position in range(len(POSTERS)))
    if made:
        products_changed([product.pk for product in made])
    if changed or banners:
        shelves_changed()
    return changed + banners


def _shelves() -> tuple[dict[str, Category], int]:
    shelves: dict[str, Category] = {}
    changed = 0
    for position, shelf in enumerate(SHELVES):
        values = {
            "name": shelf.name,
            "position": position,
            "image_key": f"categories/{shelf.slug}.svg",
            "parent": shelves.get(shelf.parent),
        }
        found = Category.objects.using("default").get_or_create(slug=shelf.slug, defaults=values)
        shelves[shelf.slug], created = found
        changed += created
    return shelves, changed


def _product(item: Goods, shelf: Category) -> Product | None:
    """The new product, or None when its SKUs are there: a product is known by them, as its name may be changed."""
    if Sku.objects.using("default").filter(code__startswith=f"{item.code}-").exists():
        return None
    product = Product.objects.using("default").create(
        name=item.name,
        subtitle=item.subtitle,
        description=item.description,
        category=shelf,
        position=[goods.code for goods in GOODS].index(item.code),
    )
    keys = [color_key(item, 0), *(f"products/{item.code.lower()}-{name}.svg" for name in ("pair", "card"))]
    ProductImage.objects.using("default").bulk_create(
        ProductImage(product=product, key=key, position=position) for position, key in enumerate(keys)
    )
    stocks = {}
    for variant in _variants(item, product):
        variant.save(using="default")
        stocks[variant.pk] = item.stock
    seed_stock(stocks)
    return product


def _variants(item: Goods, product: Product) -> Iterator[Sku]:
    number = 0
    for place, (color, _) in enumerate(item.colors):
        for option, more in item.options or (("", 0),):
            number += 1
            yield Sku(
                product=product,
                code=f"{item.code}-{number}",
                attributes={"颜色": color} | ({item.option: option} if option else {}),
                price_fen=item.price_fen + more,
                market_price_fen=item.market_price_fen and item.market_price_fen + more,
                weight_grams=item.weight_grams,
                image_key=color_key(item, place),
            )


def _banner(position: int) -> bool:
    poster = POSTERS[position]
    sku = Sku.objects.using("default").get(code=f"{poster.code}-1")
    values = {"title": poster.title, "product_id": sku.product_id, "position": position}
    return Banner.objects.using("default").get_or_create(
        image_key=f"banners/{poster.key}.svg", defaults=values
    )[1]
