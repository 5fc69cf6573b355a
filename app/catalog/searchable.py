"""The catalogue as a search index wants it: in batches, and what has changed since a moment."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from catalog.models import Category, Product, Sku
from core.replica import read_from_replica

BATCH = 2000


@dataclass(frozen=True)
class Searchable:
    """A product that is on sale, with every text that it may be found by. `categories`: its own, and the one above."""

    id: int
    name: str
    text: str
    categories: tuple[int, ...]
    price_fen: int
    in_stock: bool
    sold: int


@dataclass(frozen=True)
class State:
    """Changes whenever a product or a category does."""

    listed: int
    updated_at: datetime | None
    shelves: tuple[tuple[int, int | None, str], ...]


def state() -> State:
    """From the primary, as an index is kept up by comparing with it."""
    products = Product.objects.using("default")
    newest = products.aggregate(newest=Max("updated_at"))["newest"]
    shelves = Category.objects.using("default").order_by("pk").values_list("pk", "parent", "name")
    return State(products.filter(listed=True).count(), newest, tuple(shelves))


def changed_since(moment: datetime) -> list[int]:
    """Ids of the products that were saved at or after that moment, on sale or not."""
    changed = Product.objects.using("default").filter(updated_at__gte=moment)
    return list(changed.order_by("updated_at").values_list("pk", flat=True)[:BATCH])


def everything() -> Iterator[list[Searchable]]:
    """All products on sale, batch by batch; from the primary, as what a replica lacks would never be missed."""
    last = 0
    while batch := _batch(last):
        yield batch
        last = batch[-1].id


def _batch(after: int) -> list[Searchable]:
    products = Product.objects.using("default").filter(listed=True, pk__gt=after)
    return some(products.order_by("pk").values_list("pk", flat=True)[:BATCH])


def some(product_ids: Iterable[int]) -> list[Searchable]:
    """Those of these products that are on sale, as the primary has them."""
    numbers = list(product_ids)
    products = Product.objects.using("default").filter(pk__in=numbers, listed=True).order_by("pk")
    above = {one.pk: one for one in Category.objects.using("default").all()}
    attributes: dict[int, dict[str, None]] = {}
    skus = Sku.objects.using("default").filter(product__in=numbers, active=True)
    for number, values in skus.values_list("product", "attributes"):
        attributes.setdefault(number, {}).update(dict.fromkeys(values.values()))
    found = []
    for row in products.values_list("pk", "name", "subtitle", "category", "price_fen", "in_stock", "sold"):
        number, name, subtitle, own, price_fen, in_stock, sold = row
        assert price_fen is not None, "what is listed has a price"
        category = above[own]
        shelves = [category] if category.parent_id is None else [category, above[category.parent_id]]
        texts = [subtitle, *(shelf.name for shelf in shelves), *attributes.get(number, {})]
        ids = tuple(shelf.pk for shelf in shelves)
        found.append(Searchable(number, name, " ".join(texts), ids, price_fen, in_stock, sold))
    return found


@read_from_replica
def category_id(slug: str) -> int | None:
    """The id of a category."""
    return Category.objects.filter(slug=slug).values_list("pk", flat=True).first()


@read_from_replica
def category_names() -> list[str]:
    """The names of all categories."""
    return list(Category.objects.values_list("name", flat=True))
