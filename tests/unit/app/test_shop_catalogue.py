"""The shelves: demo data, pictures, style sheet, cache, pages."""

import io
import xml.etree.ElementTree as ElementTree

import pytest
from django.core.management import call_command
from django.test import Client

from catalog import services
from catalog.models import Product, Stock
from catalog.pictures import svg
from catalog.templatetags.money import yuan
from core.errors import ApiError


def run(command: str) -> str:
    out = io.StringIO()
    call_command(command, stdout=out)
    return out.getvalue().strip()


def test_seeding_fills_the_shop_once(client, storage_server):
    assert run("seed_demo") == "changed=52 products=24"
    assert run("seed_demo") == "changed=0 products=24"
    items = client.get("/api/v1/products").json()["items"]
    assert len(items) == 24
    for item in items:
        key = item["image_url"].removeprefix("https://cdn.test/media/")
        content, headers = storage_server.objects[f"/shop-media-1/{key}"]
        assert headers == {"Content-Type": "image/svg+xml", "Cache-Control": "public, max-age=86400"}
        assert item["name"] in ElementTree.fromstring(content)[0].text


def test_seeding_again_leaves_a_running_shop_alone(order):
    run("seed_demo")
    tea = Product.objects.get(sku="TE-001")
    order([(tea.pk, 2)])
    Product.objects.filter(pk=tea.pk).update(price_fen=1)
    assert run("seed_demo").startswith("changed=0 ")
    assert Stock.objects.get(pk=tea.pk).available == 118
    assert Product.objects.get(pk=tea.pk).price_fen == 1


def test_seeding_repairs_what_is_missing(storage_server):
    run("seed_demo")
    del storage_server.objects["/shop-media-1/products/te-001.svg"]
    assert run("seed_demo") == "changed=1 products=24"


def test_static_files_are_published_once_under_names_that_the_page_uses(client, storage_server):
    assert run("publish_static").startswith("changed=1 ")
    assert run("publish_static").startswith("changed=0 ")
    (path,) = storage_server.objects
    _, headers = storage_server.objects[path]
    assert headers["Content-Type"] == "text/css; charset=utf-8"
    assert "immutable" in headers["Cache-Control"]
    name = path.removeprefix("/shop-static-1/")
    assert f'href="https://cdn.test/static/{name}"' in client.get("/").content.decode()


def test_pages_show_products_in_chinese(client, product):
    tea = product(price_fen=1905, stock=3)
    front = client.get("/").content.decode()
    assert "龙井 T-1" in front
    assert "19.05" in front
    assert "仅剩 3 件" in front
    assert "https://cdn.test/media/p/t.svg" in front
    page = client.get(f"/products/{tea}")
    assert "龙井 T-1" in page.content.decode()
    assert client.get("/products/999").status_code == 404


def test_an_empty_shop_still_opens(client):
    assert "货架还空着" in client.get("/").content.decode()


def test_the_list_is_cached_and_every_change_shows_at_once(client, product, order, redis_server):
    tea = product(stock=10)

    def stock() -> int:
        return client.get("/api/v1/products").json()["items"][0]["stock"]

    assert stock() == 10
    Stock.objects.update(available=4)
    assert stock() == 10, "read from the cache"
    order([(tea, 1)])
    assert stock() == 3
    services.set_stock(product_id=tea, available=50)
    assert stock() == 50


def test_a_slow_reader_cannot_bring_an_old_list_back(product):
    from catalog import cache

    generation, _ = cache.load()
    cache.invalidate()
    assert generation is not None
    cache.store(generation, [{"id": 1}])
    assert cache.load()[1] is None


def test_products_of_one_category(client, product):
    product()
    assert len(client.get("/api/v1/products?category=tea").json()["items"]) == 1
    assert client.get("/api/v1/products?category=none").json()["error"]["field"] == "category"


def test_stock_cannot_be_set_below_zero_or_for_nothing(product):
    tea = product()
    with pytest.raises(ApiError):
        services.set_stock(product_id=tea, available=-1)
    with pytest.raises(ApiError):
        services.set_stock(product_id=tea + 1, available=1)


def test_stock_is_only_reserved_within_a_transaction(product):
    with pytest.raises(AssertionError):
        services.reserve_stock(quantities={product(): 1})


@pytest.mark.parametrize(("fen", "shown"), [(0, "0.00"), (5, "0.05"), (1990, "19.90"), (100_000, "1000.00")])
def test_fen_are_shown_as_yuan(fen, shown):
    assert yuan(fen) == shown


def test_pictures_are_the_same_each_time_and_safe():
    assert svg(sku="A", name="手机壳") == svg(sku="A", name="手机壳")
    ElementTree.fromstring(svg(sku="B", name="<杯&子>"))


def test_a_cart_belongs_to_its_cookie(product):
    tea = product(price_fen=700)
    buyer, other = Client(), Client()
    item = {"product_id": tea, "quantity": 2}
    for expected in (2, 4):
        added = buyer.post("/api/v1/cart/items", item, content_type="application/json", secure=True)
        assert added.json()["items"][0]["quantity"] == expected
    cookie = buyer.cookies["shop_buyer"]
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Lax", True)
    assert buyer.get("/api/v1/cart").json()["total_fen"] == 2800
    assert other.get("/api/v1/cart").json()["items"] == []
    assert buyer.delete(f"/api/v1/cart/items/{tea}").json()["items"] == []


def test_a_cart_has_limits(client, product):
    tea = product()
    item = {"product_id": tea, "quantity": 60}
    client.post("/api/v1/cart/items", item, content_type="application/json")
    refused = client.post("/api/v1/cart/items", item, content_type="application/json")
    assert refused.json()["error"]["field"] == "quantity"


def test_stores_never_see_the_buyers_token(client, product, order, redis_server):
    from shop_servers import TOKEN

    from orders.models import Order

    item = {"product_id": product(), "quantity": 1}
    client.post("/api/v1/cart/items", item, content_type="application/json")
    assert TOKEN not in str(redis_server.data)
    order(None)
    assert Order.objects.get().buyer != TOKEN
