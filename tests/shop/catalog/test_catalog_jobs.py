"""What the worker does for the catalogue."""

from collections.abc import Iterator

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.test import Client

from catalog import jobs, messages
from catalog.models import Category, Product, validate_attributes
from catalog.services import CHANGED, product_changed
from catalog.summary import Summary, Variant, summarise
from core import memory
from inventory import services as inventory
from inventory.selectors import Level
from outbox.models import OutboxMessage
from reviews import ratings
from reviews.shelf import Rating
from tests.shop.catalog.shelf import category, product


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    memory.forget()
    yield
    memory.forget()


def card(client: Client) -> dict[str, object]:
    memory.forget()
    found: dict[str, object] = client.get("/api/v1/products").json()["items"][0]
    return found


def variant(
    price: int, *, active: bool = True, image: str = "", available: int = 0, sold: int = 0
) -> Variant:
    return Variant(active, price, price + 1, image, Level(available, sold))


NOTHING = Summary(False, None, None, "", False, 0)


@pytest.mark.parametrize(
    ("on_shelf", "variants", "images", "expected"),
    [
        (True, [], [], NOTHING),
        (True, [variant(5, active=False, available=1)], [], NOTHING),
        (True, [variant(5), variant(3)], [], Summary(True, 3, 4, "", False, 0)),
        (False, [variant(5, available=1)], ["i"], Summary(False, 5, 6, "i", True, 0)),
        (True, [variant(5, image="s")], ["i", "j"], Summary(True, 5, 6, "i", False, 0)),
        (True, [variant(5), variant(6, image="s")], [], Summary(True, 5, 6, "s", False, 0)),
        # What is not for sale any more was sold all the same, but is not in stock.
        (
            True,
            [variant(5, sold=2), variant(3, active=False, available=9, sold=4)],
            [],
            Summary(True, 5, 6, "", False, 6),
        ),
    ],
)
def test_a_summary(on_shelf: bool, variants: list[Variant], images: list[str], expected: Summary) -> None:
    assert summarise(on_shelf=on_shelf, variants=variants, images=images) == expected


def test_sales_and_stock_reach_the_lists(client: Client) -> None:
    sku = product("磨砂手机壳", stock=2).skus.get()
    assert (card(client)["sold"], card(client)["in_stock"]) == (0, True)
    with transaction.atomic():
        inventory.reserve(quantities={sku.pk: 2})
        inventory.sold(quantities={sku.pk: 2})
    jobs.refresh_summaries()
    assert (card(client)["sold"], card(client)["in_stock"]) == (2, False)


def test_what_shows_nothing_new_is_not_announced() -> None:
    sku = product("磨砂手机壳", stock=9).skus.get()
    OutboxMessage.objects.all().delete()
    jobs.refresh_summaries()
    assert not OutboxMessage.objects.exists()
    with transaction.atomic():
        inventory.reserve(quantities={sku.pk: 1})
        inventory.sold(quantities={sku.pk: 1})
    jobs.refresh_summaries()
    assert not OutboxMessage.objects.filter(topic=CHANGED).exists(), (
        "a number sold is left to the caches' time"
    )
    assert Product.objects.get().sold == 1


def test_ratings_reach_cards_and_pages(client: Client) -> None:
    made = product("磨砂手机壳")
    ratings.changed(made.pk, Rating(count=3, total=13))
    messages.rated({"product_id": made.pk})
    assert card(client)["rating"] == 4.3
    page = client.get(f"/api/v1/products/{made.pk}").json()
    assert (page["rating"], page["reviews"]) == (4.3, {"count": 3, "average": 4.3})
    ratings.changed(made.pk, Rating(count=0, total=0))
    jobs.refresh_ratings()
    assert card(client)["rating"] is None


def test_a_change_is_broadcast_with_it_or_not_at_all() -> None:
    made = product("磨砂手机壳")
    OutboxMessage.objects.all().delete()
    with transaction.atomic():
        product_changed(made.pk)
        transaction.set_rollback(True)
    assert not OutboxMessage.objects.exists()
    number = made.pk
    made.skus.all().delete()
    made.images.all().delete()
    Product.objects.filter(pk=number).delete()
    product_changed(number)
    message = OutboxMessage.objects.get()
    assert (message.topic, message.broadcast, message.body) == (CHANGED, True, {"product_ids": [number]})


def test_there_are_two_levels_of_categories() -> None:
    top = category()
    below = category("cases", "手机壳", parent=top)
    below.full_clean()
    with pytest.raises(ValidationError, match="两级"):
        Category(slug="deep", name="深", parent=below).full_clean()
    top.parent = category("tea", "茶叶")
    with pytest.raises(ValidationError, match="两级"):
        top.full_clean()


@pytest.mark.parametrize(
    "value", [[], "黑", {"颜色": 1}, {"": "黑"}, {"颜色": ""}, {str(n): "x" for n in range(7)}]
)
def test_attributes_are_texts(value: object) -> None:
    with pytest.raises(ValidationError):
        validate_attributes(value)
    validate_attributes({"颜色": "黑", "机型": "小米 17"})
    validate_attributes({})
