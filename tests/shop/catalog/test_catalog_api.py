"""The catalogue as a client sees it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import Banner, Sku
from catalog.selectors import skus_for_sale
from catalog.services import product_changed, shelves_changed
from core import memory
from inventory.services import set_stock
from tests.shop.away import caught_up
from tests.shop.catalog.shelf import category, product


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    memory.forget()
    yield
    memory.forget()


def names(client: Client, address: str) -> list[str]:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content
    return [item["name"] for item in answer.json()["items"]]


def test_a_product_page_has_all_that_is_for_sale(client: Client) -> None:
    shelf = category("cases", "手机壳", parent=category())
    made = product(
        "磨砂手机壳",
        2990,
        1990,
        shelf=shelf,
        stock=3,
        images=2,
        attributes={"颜色": "黑"},
        description="防摔",
    )
    hidden = Sku.objects.create(product=made, code="OFF", price_fen=1, active=False)
    set_stock(sku_id=hidden.pk, available=5)
    product_changed(made.pk)
    page = client.get(f"/api/v1/products/{made.pk}")
    assert page.status_code == 200
    assert page["Content-Type"].startswith("application/json")
    found = page.json()
    first = found["skus"][0]
    assert {**found, "skus": len(found["skus"])} == {
        "id": made.pk,
        "name": "磨砂手机壳",
        "subtitle": "",
        "image_url": f"https://cdn.test/media/products/{made.pk}-0.svg",
        "price_fen": 1990,
        "market_price_fen": None,
        "sold": 0,
        "in_stock": True,
        "rating": None,
        "description": "防摔",
        "category": "cases",
        "images": [f"https://cdn.test/media/products/{made.pk}-{n}.svg" for n in (0, 1)],
        "skus": 2,
        "reviews": {"count": 0, "average": None},
    }
    assert (first["price_fen"], first["stock"], first["attributes"]) == (2990, 3, {"颜色": "黑"})


def test_what_is_not_on_sale_is_not_there(client: Client) -> None:
    off = product("下架", on_shelf=False)
    bare = product("没有规格")
    Sku.objects.filter(product=bare).update(active=False)
    product_changed(bare.pk)
    assert names(client, "/api/v1/products") == []
    for number in (off.pk, bare.pk, 999_999, 2**63 - 1):
        answer = client.get(f"/api/v1/products/{number}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_product")
    assert skus_for_sale(sku_ids=Sku.objects.values_list("pk", flat=True)) == {}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("page=0", "page"),
        ("page=1001", "page"),
        ("page=x", "page"),
        ("page_size=51", "page_size"),
        ("sort=cheap", "sort"),
        ("category=A%00", "category"),
    ],
)
def test_a_bad_list_is_refused(client: Client, query: str, field: str) -> None:
    answer = client.get(f"/api/v1/products?{query}")
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)


def test_an_unknown_category_and_a_bad_number_are_refused(client: Client) -> None:
    answer = client.get("/api/v1/products?category=none")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_category")
    assert client.get("/api/v1/products/0").status_code == 400
    assert client.get(f"/api/v1/products/{2**63}").status_code == 400


@pytest.fixture
def four() -> None:
    digital, tea = category(), category("tea", "茶叶")
    cases = category("cases", "手机壳", parent=digital)
    for name, price, sold, shelf in (
        ("甲", 300, 5, digital),
        ("乙", 100, 9, cases),
        ("丙", 200, 0, tea),
        ("丁", 200, 7, cases),
    ):
        made = product(name, price, shelf=shelf)
        sku = made.skus.get()
        from inventory.models import Stock

        Stock.objects.filter(pk=sku.pk).update(sold=sold)
        product_changed(made.pk)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "甲乙丙丁"),
        ("sort=price", "乙丙丁甲"),
        ("sort=-price", "甲丁丙乙"),
        ("sort=sales", "乙丁甲丙"),
        ("sort=newest", "丁丙乙甲"),
        ("category=digital", "甲乙丁"),
        ("category=cases&sort=-price", "丁乙"),
        ("category=tea", "丙"),
        ("sort=newest&page=2&page_size=3", "甲"),
        ("page=9", ""),
    ],
)
@pytest.mark.usefixtures("four")
def test_lists_are_sorted_filtered_and_paged(client: Client, query: str, expected: str) -> None:
    assert "".join(names(client, f"/api/v1/products?{query}")) == expected


@pytest.mark.usefixtures("four")
def test_a_page_says_how_many_there_are(client: Client) -> None:
    answer = client.get("/api/v1/products?category=digital&page=2&page_size=2").json()
    assert (answer["page"], answer["page_size"], answer["total"], len(answer["items"])) == (2, 2, 3, 1)


def test_a_change_shows_at_once(client: Client) -> None:
    made = product("旧名", 500)
    address = f"/api/v1/products/{made.pk}"
    assert client.get(address).json()["name"] == "旧名"
    assert names(client, "/api/v1/products") == ["旧名"]
    with transaction.atomic():
        made.name = "新名"
        made.save()
        made.skus.update(price_fen=400)
        product_changed(made.pk)
        assert client.get(address).json()["name"] == "旧名", "nothing shows before the commit"
    found = client.get(address).json()
    assert (found["name"], found["price_fen"]) == ("新名", 400)
    assert names(client, "/api/v1/products") == ["新名"]
    made.on_shelf = False
    made.save()
    product_changed(made.pk)
    assert client.get(address).status_code == 404
    made.on_shelf = True
    made.save()
    product_changed(made.pk)
    assert client.get(address).status_code == 200, "that there was nothing is forgotten, too"


def test_categories_are_a_tree(client: Client) -> None:
    digital = category()
    category("cables", "数据线", parent=digital)
    category("tea", "茶叶")
    assert [(c["slug"], [k["slug"] for k in c["children"]]) for c in tree(client)] == [
        ("digital", ["cables"]),
        ("tea", []),
    ]
    digital.name = "数码配件"
    digital.save()
    shelves_changed()
    assert tree(client)[0]["name"] == "数码配件"


def tree(client: Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/api/v1/categories").json()["items"]
    return found


def test_home_shows_banners_categories_and_products(client: Client) -> None:
    made = product("磨砂手机壳")
    Banner.objects.create(title="新品", image_key="banners/1.svg", product=made)
    Banner.objects.create(title="藏", image_key="banners/2.svg", active=False)
    home = client.get("/api/v1/home").json()
    assert home["banners"] == [
        {"title": "新品", "image_url": "https://cdn.test/media/banners/1.svg", "product_id": made.pk}
    ]
    assert [c["slug"] for c in home["categories"]] == ["digital"]
    assert [c["name"] for c in home["featured"]] == ["磨砂手机壳"]
    assert home["flash_sales"] == []


def test_skus_for_sale_say_what_an_order_needs() -> None:
    made = product("磨砂手机壳", 2990, attributes={"颜色": "黑"})
    sku = made.skus.get()
    found = skus_for_sale(sku_ids=[sku.pk, sku.pk, 12345])
    assert list(found) == [sku.pk]
    one = found[sku.pk]
    assert (one.product_id, one.name, one.price_fen, one.attributes) == (
        made.pk,
        "磨砂手机壳",
        2990,
        {"颜色": "黑"},
    )
    assert (one.image_key, one.category_id) == (f"products/{made.pk}-0.svg", made.category_id)


def queries(client: Client, address: str) -> int:
    memory.forget()
    from core.drivers import redis

    redis.client().flushdb()
    both = [CaptureQueriesContext(connections[alias]) for alias in ("default", "replica")]
    with both[0], both[1]:
        assert client.get(address).status_code == 200
    return sum(map(len, both))


def test_pages_take_few_queries_however_much_is_on_them(client: Client) -> None:
    for number in range(8):
        made = product(f"商品{number}", 100, 200, 300, images=4)
    caught_up()
    assert queries(client, f"/api/v1/products/{made.pk}") == 4
    assert queries(client, "/api/v1/products") == 3
    assert queries(client, "/api/v1/products?category=digital") == 4
    assert queries(client, "/api/v1/categories") == 1
    assert queries(client, "/api/v1/home") <= 6


def test_what_is_cached_takes_no_query(client: Client) -> None:
    made = product("磨砂手机壳")
    address = f"/api/v1/products/{made.pk}"
    client.get(address)
    memory.forget()
    both = [CaptureQueriesContext(connections[alias]) for alias in ("default", "replica")]
    with both[0], both[1]:
        assert client.get(address).json()["name"] == "磨砂手机壳"
    assert sum(map(len, both)) == 0
