"""The demo shop."""

from io import StringIO
from xml.etree import ElementTree

import pytest
from django.core.management import call_command
from django.test import Client

from catalog.demo.many import invent
from catalog.demo.seed import pictures
from catalog.models import Product, Sku
from core import memory
from core.drivers import storage
from inventory.models import Stock
from tests.shop.away import caught_up
from tests.shop.conftest import Shop


def run(command: str, **options: object) -> str:
    said = StringIO()
    call_command(command, stdout=said, **options)
    return said.getvalue().strip()


def test_the_demo_shop_is_made_once_and_never_reset(shop: Shop, client: Client) -> None:
    memory.forget()
    first = run("seed_demo")
    assert int(first.split()[0].removeprefix("changed=")) > 200
    count = Product.objects.count()
    assert 35 <= count <= 60
    sku = Sku.objects.get(code="DG-001-1")
    sku.price_fen = 1
    sku.save()
    Product.objects.filter(pk=sku.product_id).update(name="改名")
    Stock.objects.filter(pk=sku.pk).update(available=7)
    assert run("seed_demo") == f"changed=0 products={count}"
    sku.refresh_from_db()
    assert (sku.price_fen, Stock.objects.get(pk=sku.pk).available) == (1, 7)

    caught_up()
    home = client.get("/api/v1/home").json()
    assert len(home["banners"]) == 3
    assert len(home["categories"]) == 4
    assert home["flash_sales"]
    assert all(card["image_url"] and card["price_fen"] for card in home["featured"])
    page = client.get("/api/v1/products?page_size=50").json()
    assert page["total"] == count
    prefix = "https://cdn.test/media/"
    for address in (page["items"][0]["image_url"], home["banners"][0]["image_url"]):
        key = address.removeprefix(prefix)
        head = storage.client().head_object(Bucket=shop.bucket, Key=key)
        assert head["ContentType"] == "image/svg+xml"


def test_every_picture_is_well_formed_and_there_are_no_two_for_one_key() -> None:
    keys = [(one.key, ElementTree.fromstring(one.content).tag) for one in pictures()]
    assert len(dict(keys)) == len(keys) > 120
    assert {tag for _, tag in keys} == {"{http://www.w3.org/2000/svg}svg"}


def test_every_picture_that_a_row_names_is_drawn() -> None:
    from catalog.demo.seed import create_missing
    from catalog.models import Banner, Category, ProductImage

    create_missing()
    drawn = {one.key for one in pictures()}
    named: set[str] = set()
    for rows, column in (
        (ProductImage, "key"),
        (Sku, "image_key"),
        (Category, "image_key"),
        (Banner, "image_key"),
    ):
        named.update(rows.objects.values_list(column, flat=True))
    assert named <= drawn
    assert Sku.objects.filter(product__name="磨砂手机壳").count() == 6


def test_many_products_are_made_up_the_same_every_time(client: Client) -> None:
    assert list(invent(50)) == list(invent(50))
    assert len({made.name for made in invent(20_000)}) == 20_000
    assert run("seed_many", products=30) == "changed=30 products=30"
    assert run("seed_many", products=40) == "changed=10 products=40"
    memory.forget()
    page = client.get("/api/v1/products?category=many&page_size=50").json()
    assert page["total"] == 40
    assert any(card["in_stock"] for card in page["items"])


@pytest.mark.parametrize("code", ["DG-001", "ST-003"])
def test_a_product_has_at_most_six_variants(code: str) -> None:
    from catalog.demo.goods import GOODS

    for item in GOODS:
        assert 1 <= len(item.colors) * max(1, len(item.options)) <= 6, item.code
    assert code in {item.code for item in GOODS}
