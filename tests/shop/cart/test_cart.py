"""The cart over HTTP: whose it is, what it shows, and what it refuses."""

import itertools
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cart.store import MAX_LINES, MAX_QUANTITY
from catalog.models import Product, Sku
from core.drivers import redis
from inventory.services import set_stock
from tests.shop.away import without_redis
from tests.shop.catalog import shelf
from tests.shop.people import log_in

_guests = itertools.count(1)


def guest() -> Client:
    return Client(headers={"X-Guest-Token": f"guest-of-the-cart-tests-{next(_guests):04d}"})


def add(client: Client, sku_id: object, quantity: object = 1) -> Any:
    body = {"sku_id": sku_id, "quantity": quantity}
    return client.post("/api/v1/cart/items", body, content_type="application/json")


def put(client: Client, sku_id: object, quantity: object) -> Any:
    return client.put(f"/api/v1/cart/items/{sku_id}", {"quantity": quantity}, content_type="application/json")


def lines(client: Client) -> dict[int, int]:
    return {item["sku_id"]: item["quantity"] for item in client.get("/api/v1/cart").json()["items"]}


def sku(name: str = "硅胶手机壳", price_fen: int = 2990, stock: int = 10, **fields: Any) -> int:
    return int(shelf.product(name, price_fen, stock=stock, **fields).skus.get().pk)


def code(answer: HttpResponse) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]  # type: ignore[attr-defined]


def test_what_was_put_in_is_shown_with_price_and_stock() -> None:
    client, case = guest(), sku(attributes={"颜色": "黑"})
    cable = sku("数据线", 1500, stock=3)
    assert client.get("/api/v1/cart").json() == {"items": [], "total_fen": 0, "count": 0}
    assert add(client, case, 2).status_code == 201
    answer = add(client, cable)
    assert answer.status_code == 201
    assert answer.json() == client.get("/api/v1/cart").json()
    assert answer.json()["total_fen"] == 2 * 2990 + 1500
    assert answer.json()["count"] == 3
    newest, oldest = answer.json()["items"]
    assert (newest["sku_id"], newest["stock"], newest["name"]) == (cable, 3, "数据线")
    product = Product.objects.get(skus=case)
    assert oldest == {
        "sku_id": case,
        "product_id": product.pk,
        "name": "硅胶手机壳",
        "attributes": {"颜色": "黑"},
        "image_url": f"https://cdn.test/media/{product.image_key}",
        "price_fen": 2990,
        "quantity": 2,
        "subtotal_fen": 5980,
        "stock": 10,
        "available": True,
    }


def test_adding_sums_and_setting_replaces() -> None:
    client, case = guest(), sku()
    add(client, case, 2)
    assert lines_of(add(client, case, 3)) == {case: 5}
    assert lines_of(put(client, case, 4)) == {case: 4}
    assert lines_of(put(client, case, 4)) == {case: 4}
    for _ in range(2):
        assert lines_of(client.delete(f"/api/v1/cart/items/{case}")) == {}
    assert lines_of(put(client, case, 1)) == {case: 1}


def lines_of(answer: Any) -> dict[int, int]:
    return {item["sku_id"]: item["quantity"] for item in answer.json()["items"]}


def test_each_visitor_has_a_cart_of_their_own() -> None:
    case, first, second, user = sku(), guest(), guest(), log_in().client
    add(first, case, 1)
    add(user, case, 2)
    assert [lines(client) for client in (first, second, user)] == [{case: 1}, {}, {case: 2}]


def test_nobody_in_particular_has_no_cart() -> None:
    assert code(Client().get("/api/v1/cart")) == (401, "login_required")
    assert code(Client(headers={"X-Guest-Token": "short"}).get("/api/v1/cart")) == (400, "invalid")


def test_a_user_whose_session_has_ended_does_not_become_a_guest() -> None:
    client = guest()
    add(client, sku())
    answer = client.get("/api/v1/cart", headers={"Authorization": "Bearer ended"})
    assert code(answer) == (401, "login_required")


def test_prices_and_stock_are_those_of_the_moment() -> None:
    client, case = guest(), sku(stock=5)
    add(client, case, 4)
    Sku.objects.filter(pk=case).update(price_fen=1000)
    set_stock(sku_id=case, available=3)
    cart = client.get("/api/v1/cart").json()
    (line,) = cart["items"]
    assert (line["price_fen"], line["subtotal_fen"], line["stock"], line["available"]) == (
        1000,
        4000,
        3,
        False,
    )
    # What can't be had is not part of the sum.
    assert (cart["total_fen"], cart["count"]) == (0, 0)
    assert put(client, case, 3).json()["total_fen"] == 3000


def test_what_is_taken_off_the_shelf_is_left_out_until_it_is_back() -> None:
    client, case = guest(), sku()
    add(client, case)
    Product.objects.update(on_shelf=False)
    assert lines(client) == {}
    assert code(add(client, case)) == (404, "not_found")
    Product.objects.update(on_shelf=True)
    assert lines(client) == {case: 1}


def test_more_than_there_is_is_refused() -> None:
    client, case, many = guest(), sku(stock=5), sku("贴膜", stock=1000)
    add(client, case, 3)
    answer = add(client, case, 3)
    assert code(answer) == (409, "not_enough_stock")
    assert answer.json()["error"]["field"] == "quantity"
    assert code(put(client, case, 6)) == (409, "not_enough_stock")
    add(client, many, 60)
    assert code(add(client, many, 40)) == (409, "too_many")
    assert lines(client) == {case: 3, many: 60}
    assert code(add(client, sku("绝版", stock=0))) == (409, "not_enough_stock")


def test_a_cart_holds_a_hundred_different_things() -> None:
    client = guest()
    skus = [one.pk for one in shelf.product("袜子", *range(100, 201), stock=5).skus.order_by("pk")]
    assert len(skus) == MAX_LINES + 1
    for sku_id in skus[:-1]:
        assert add(client, sku_id).status_code == 201
    assert code(add(client, skus[-1])) == (409, "cart_full")
    assert code(put(client, skus[-1], 1)) == (409, "cart_full")
    assert add(client, skus[0]).status_code == 201
    with CaptureQueriesContext(connection) as queries:
        assert len(lines(client)) == MAX_LINES
    assert len(queries) == 2


@pytest.mark.parametrize("quantity", [0, -1, MAX_QUANTITY + 1, 1.5, True, "3", None, 2**70])
def test_a_quantity_is_a_whole_number_from_1_to_99(quantity: object) -> None:
    client, case = guest(), sku(stock=1000)
    for answer in (add(client, case, quantity), put(client, case, quantity)):
        assert code(answer) == (400, "invalid")
        assert answer.json()["error"]["field"] == "quantity"
    assert lines(client) == {}


@pytest.mark.parametrize(
    ("sku_id", "status"), [(0, 400), (-1, 400), ("x", 400), (2**63, 400), (2**63 - 1, 404)]
)
def test_an_unknown_sku_is_refused(sku_id: object, status: int) -> None:
    client = guest()
    assert add(client, sku_id).status_code == status
    assert put(client, sku_id, 1).status_code == status


@pytest.mark.parametrize("body", ["", "[]", "{", '{"sku_id": 1, "quantity": 1, "price_fen": 1}', '"\\ud800"'])
def test_a_body_that_is_none_is_refused(body: str) -> None:
    answer = guest().post("/api/v1/cart/items", body, content_type="application/json")
    assert answer.status_code == 400
    assert set(answer.json()) == {"error"}


def test_a_cart_is_kept_for_thirty_days_after_its_last_change() -> None:
    client = guest()
    add(client, sku())
    (name,) = redis.client().keys("cart:*")
    assert 30 * 24 * 3600 - 60 < redis.client().ttl(name) <= 30 * 24 * 3600


def test_without_redis_there_is_no_cart_but_an_answer() -> None:
    client, case = guest(), sku()
    with without_redis():
        answers = [client.get("/api/v1/cart"), add(client, case), put(client, case, 1)]
        answers.append(client.delete(f"/api/v1/cart/items/{case}"))
    assert {code(answer) for answer in answers} == {(503, "cart_unavailable")}
