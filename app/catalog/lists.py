"""Lists of products, paged and sorted by indexes."""

from dataclasses import dataclass

from django.db.models import QuerySet

from catalog.models import Category, Product
from catalog.schemas import CardPage
from catalog.selectors import cards
from core.errors import ApiError
from core.replica import read_from_replica

ORDERS: dict[str, tuple[str, ...]] = {
    "default": ("position", "id"),
    "price": ("price_fen", "id"),
    "-price": ("-price_fen", "-id"),
    "sales": ("-sold", "-id"),
    "newest": ("-id",),
}


@dataclass(frozen=True)
class Wanted:
    """Which part of which list."""

    category: str | None = None
    sort: str = "default"
    page: int = 1
    page_size: int = 20


def category_ids(slug: str) -> list[int]:
    """A category and those below it. Raises 404 `unknown_category`."""
    found = list(Category.objects.filter(slug=slug).values_list("pk", "children__pk"))
    if not found:
        raise ApiError(404, "unknown_category", f"there is no category {slug}", field="category")
    return [found[0][0], *(child for _, child in found if child is not None)]


def listed(slug: str | None) -> QuerySet[Product]:
    """The products on sale, of the whole shop or of a category."""
    products = Product.objects.filter(listed=True)
    return products if slug is None else products.filter(category__in=category_ids(slug))


@read_from_replica
def page(wanted: Wanted) -> CardPage:
    """A page of cards. The ids come from an index alone, and only then the rows, so that late pages stay cheap."""
    products = listed(wanted.category)
    first = (wanted.page - 1) * wanted.page_size
    numbers = products.order_by(*ORDERS[wanted.sort]).values_list("pk", flat=True)
    items = cards(list(numbers[first : first + wanted.page_size]))
    total = products.count()
    return CardPage.model_construct(items=items, page=wanted.page, page_size=wanted.page_size, total=total)


@read_from_replica
def best_sellers(*, category_id: int | None, limit: int) -> list[int]:
    """Ids of what sells best, in the shop or in one category."""
    products = Product.objects.filter(listed=True)
    if category_id is not None:
        products = products.filter(category=category_id)
    return list(products.order_by(*ORDERS["sales"]).values_list("pk", flat=True)[:limit])


@read_from_replica
def category_of(product_id: int) -> int | None:
    """The id of a product's category; None for an unknown product."""
    return Product.objects.filter(pk=product_id).values_list("category", flat=True).first()
