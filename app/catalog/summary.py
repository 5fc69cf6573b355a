"""What lists show of a product, worked out from its SKUs, pictures and stock, and kept in its row."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from catalog.models import Product, ProductImage, Sku
from inventory.selectors import Level, levels

COLUMNS = ("listed", "price_fen", "market_price_fen", "image_key", "in_stock", "sold")
BATCH = 500


@dataclass(frozen=True)
class Variant:
    """What counts of a SKU."""

    active: bool
    price_fen: int
    market_price_fen: int | None
    image_key: str
    level: Level


@dataclass(frozen=True)
class Summary:
    """The values of `COLUMNS`."""

    listed: bool
    price_fen: int | None
    market_price_fen: int | None
    image_key: str
    in_stock: bool
    sold: int


def summarise(*, on_shelf: bool, variants: Sequence[Variant], images: Sequence[str]) -> Summary:
    """The cheapest active variant gives the prices; what variants off sale have sold still counts."""
    active = [variant for variant in variants if variant.active]
    cheapest = min(active, key=lambda variant: variant.price_fen, default=None)
    pictures = [*images, *(variant.image_key for variant in active)]
    return Summary(
        listed=on_shelf and cheapest is not None,
        price_fen=cheapest.price_fen if cheapest else None,
        market_price_fen=cheapest.market_price_fen if cheapest else None,
        image_key=next((key for key in pictures if key), ""),
        in_stock=any(variant.level.available for variant in active),
        sold=sum(variant.level.sold for variant in variants),
    )


def refresh(product_ids: Iterable[int]) -> list[int]:
    """Bring the summaries of these products up to date; the ids of those that differ in more than `sold`."""
    numbers = sorted(set(product_ids))
    shown: list[int] = []
    for start in range(0, len(numbers), BATCH):
        shown += _refresh(numbers[start : start + BATCH])
    return shown


def outdated(product_ids: Iterable[int]) -> list[int]:
    """Those of these products whose summaries differ; found without a lock, for jobs that look at everything."""
    rows = Product.objects.using("default").filter(pk__in=list(product_ids)).only("on_shelf", *COLUMNS)
    return [product.pk for product, summary in _summed(list(rows)) if _different(product, summary)]


@transaction.atomic(using="default")
def _refresh(numbers: list[int]) -> list[int]:
    # Locked before the SKUs are read: two refreshes must not overwrite the newer one's result by the older one's.
    rows = Product.objects.using("default").filter(pk__in=numbers).only("on_shelf", *COLUMNS)
    products = list(rows.order_by("pk").select_for_update())
    now, changed, shown = timezone.now(), [], []
    for product, summary in _summed(products):
        different = _different(product, summary)
        for name in different:
            setattr(product, name, getattr(summary, name))
        if different:
            product.updated_at = now
            changed.append(product)
        if different - {"sold"}:
            shown.append(product.pk)
    Product.objects.using("default").bulk_update(changed, [*COLUMNS, "updated_at"], batch_size=250)
    return shown


def _different(product: Product, summary: Summary) -> set[str]:
    return {name for name in COLUMNS if getattr(product, name) != getattr(summary, name)}


def _summed(products: list[Product]) -> Iterator[tuple[Product, Summary]]:
    numbers = [product.pk for product in products]
    variants, images = _variants(numbers), _images(numbers)
    for product in products:
        number = product.pk
        yield (
            product,
            summarise(
                on_shelf=product.on_shelf,
                variants=variants.get(number, []),
                images=images.get(number, []),
            ),
        )


def _variants(numbers: list[int]) -> Mapping[int, list[Variant]]:
    columns = ("pk", "product", "active", "price_fen", "market_price_fen", "image_key")
    skus = list(Sku.objects.using("default").filter(product__in=numbers).order_by("pk").values_list(*columns))
    stock = levels(sku_ids=[sku[0] for sku in skus])
    found: dict[int, list[Variant]] = {}
    for sku, number, active, price, market_price, key in skus:
        found.setdefault(number, []).append(Variant(active, price, market_price, key, stock[sku]))
    return found


def _images(numbers: list[int]) -> Mapping[int, list[str]]:
    found: dict[int, list[str]] = {}
    for number, key in (
        ProductImage.objects.using("default").filter(product__in=numbers).values_list("product", "key")
    ):
        found.setdefault(number, []).append(key)
    return found
