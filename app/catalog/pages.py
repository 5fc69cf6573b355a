"""The catalogue's answers as bytes, kept in the cache.

How old they may be when nobody says that something changed: see the `_SECONDS` here, and one second in the process's
own memory (`core.memory`). A change that goes through `catalog.services` shows at once, in other processes within that
second. Stock in lists (`in_stock`) is up to 40 s old, on a product's page up to 6 s; carts and orders ask inventory.
"""

from catalog.cached import LISTS, SHELVES, cache, product_tag
from catalog.lists import Wanted, page
from catalog.models import Banner, Category, Product
from catalog.schemas import BannerAnswer, Categories, CategoryAnswer, ProductPage, Reviews, SkuAnswer
from catalog.selectors import card_fields, media_url
from core.errors import ApiError
from core.replica import read_from_replica
from inventory.selectors import available

LIST_SECONDS = 15
# A page shows its stock, which orders change without a word until it is gone.
PRODUCT_SECONDS = 5
CATEGORY_SECONDS = 60


def products(wanted: Wanted) -> bytes:
    """A page of the list."""
    key = f"products:{wanted.category or ''}:{wanted.sort}:{wanted.page}:{wanted.page_size}"

    def make() -> bytes | None:
        return page(wanted).model_dump_json().encode()

    found = cache.read(key, tags=(LISTS, SHELVES), seconds=LIST_SECONDS, make=make)
    assert found is not None
    return found


def product(product_id: int) -> bytes:
    """A product's page. Raises 404 `unknown_product`, which is remembered as well."""

    def make() -> bytes | None:
        found = read_product(product_id)
        return found.model_dump_json().encode() if found else None

    tags = (product_tag(product_id), SHELVES)
    found = cache.read(f"product:{product_id}", tags=tags, seconds=PRODUCT_SECONDS, make=make)
    if found is None:
        raise ApiError(404, "unknown_product", f"there is no product {product_id}", field="product_id")
    return found


def categories() -> bytes:
    """The tree of categories."""

    def make() -> bytes | None:
        return Categories.model_construct(items=read_categories()).model_dump_json().encode()

    found = cache.read("categories", tags=(SHELVES,), seconds=CATEGORY_SECONDS, make=make)
    assert found is not None
    return found


@read_from_replica
def read_product(product_id: int) -> ProductPage | None:
    """A product that is on sale, with everything that its page shows. Four queries, the stock's from the primary."""
    product = Product.objects.filter(pk=product_id, listed=True).select_related("category").first()
    if product is None:
        return None
    skus = list(product.skus.filter(active=True))
    stock = available(sku_ids=[sku.pk for sku in skus])
    fields = card_fields(product) | {"in_stock": any(stock.values())}
    return ProductPage.model_construct(
        **fields,
        description=product.description,
        category=product.category.slug,
        images=[str(media_url(key)) for key in product.images.values_list("key", flat=True)],
        skus=[
            SkuAnswer.model_construct(
                id=sku.pk,
                code=sku.code,
                attributes=sku.attributes,
                price_fen=sku.price_fen,
                market_price_fen=sku.market_price_fen,
                stock=stock[sku.pk],
                image_url=media_url(sku.image_key),
            )
            for sku in skus
        ],
        reviews=Reviews(count=product.review_count, average=fields["rating"]),
    )


@read_from_replica
def read_categories() -> list[CategoryAnswer]:
    """The tree. One query."""
    below: dict[int | None, list[Category]] = {}
    for category in Category.objects.all():
        below.setdefault(category.parent_id, []).append(category)

    def answers(parent: int | None) -> list[CategoryAnswer]:
        return [
            CategoryAnswer(
                slug=one.slug, name=one.name, image_url=media_url(one.image_key), children=answers(one.pk)
            )
            for one in below.get(parent, [])
        ]

    return answers(None)


@read_from_replica
def read_banners() -> list[BannerAnswer]:
    """The banners shown, in order. One query."""
    return [
        BannerAnswer(title=one.title, image_url=str(media_url(one.image_key)), product_id=one.product_id)
        for one in Banner.objects.filter(active=True)
    ]
