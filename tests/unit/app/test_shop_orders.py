"""Ordering: idempotent, never oversold, priced by the shop."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.test import Client

from catalog.models import Product, Stock
from orders.models import Order, OrderLine, OutboxMessage


def available(product_id: int) -> int:
    return Stock.objects.get(pk=product_id).available


def test_an_order_takes_stock_and_is_priced_in_fen(product, order, client):
    tea, cup = product(price_fen=1999), product(sku="T-2", price_fen=350, stock=5)
    placed = order([(cup, 2), (tea, 3)])
    assert placed.status_code == 201
    assert placed.json()["total_fen"] == 3 * 1999 + 2 * 350
    assert placed.json()["status"] == "placed"
    assert (available(tea), available(cup)) == (7, 3)
    again = client.get(f"/api/v1/orders/{placed.json()['number']}")
    assert again.json() == placed.json()
    assert len(again.json()["number"]) <= 32


def test_a_repeated_request_gives_the_same_order(product, order):
    tea = product()
    first, second = order([(tea, 2)]), order([(tea, 2)])
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert available(tea) == 8
    assert Order.objects.count() == 1


def test_the_order_of_items_does_not_make_a_different_request(product, order):
    tea, cup = product(), product(sku="T-2")
    assert order([(tea, 1), (cup, 2)]).status_code == 201
    assert order([(cup, 2), (tea, 1)]).status_code == 200


def test_a_key_used_for_something_else_is_a_conflict(product, order):
    tea = product()
    order([(tea, 2)])
    other = order([(tea, 3)])
    assert other.status_code == 409
    assert other.json()["error"]["code"] == "idempotency_conflict"
    assert available(tea) == 8


def test_keys_belong_to_their_buyer(product, order):
    tea = product()
    stranger = Client(headers={"X-Buyer-Token": "somebody-elses-token-0002"})
    mine, theirs = order([(tea, 1)]), order([(tea, 1)], by=stranger)
    assert theirs.status_code == 201
    assert mine.json()["number"] != theirs.json()["number"]
    hidden = stranger.get(f"/api/v1/orders/{mine.json()['number']}")
    assert hidden.status_code == 404
    assert hidden.json()["error"]["code"] == "unknown_order"


def test_all_lines_or_none(product, order):
    plenty, scarce = product(stock=10), product(sku="T-2", stock=1)
    refused = order([(plenty, 2), (scarce, 2)])
    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "out_of_stock"
    assert (available(plenty), available(scarce)) == (10, 1)
    assert (Order.objects.count(), OrderLine.objects.count(), OutboxMessage.objects.count()) == (0, 0, 0)
    # The key was not used up: the buyer corrects the order and sends it again.
    assert order([(plenty, 2)]).status_code == 201


def _at_once(count: int, act) -> list[int]:
    barrier = threading.Barrier(count)

    def run(number: int) -> int:
        try:
            barrier.wait()
            return int(act(number).status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return sorted(pool.map(run, range(count)))


def test_many_buyers_cannot_oversell(product, order):
    tea = product(stock=5)
    statuses = _at_once(12, lambda number: order([(tea, 1)], key=f"buyer-{number:03}"))
    assert statuses == [201] * 5 + [409] * 7
    assert available(tea) == 0
    assert sum(OrderLine.objects.values_list("quantity", flat=True)) == 5


def test_the_same_request_many_times_at_once_is_one_order(product, order):
    tea = product(stock=1)
    statuses = _at_once(8, lambda number: order([(tea, 1)]))
    assert statuses == [200] * 7 + [201]
    assert available(tea) == 0


def test_ordering_the_cart_empties_it_once(product, order, client):
    tea, cup = product(), product(sku="T-2")
    for product_id in (tea, cup):
        item = {"product_id": product_id, "quantity": 2}
        assert client.post("/api/v1/cart/items", item, content_type="application/json").status_code == 201
    first, second = order(None), order(None)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert {item["product_id"] for item in first.json()["items"]} == {tea, cup}
    assert client.get("/api/v1/cart").json() == {"items": [], "total_fen": 0}
    assert order(None, key="key-00002").json()["error"]["code"] == "cart_empty"


def test_orders_go_on_without_redis(product, order, client, redis_down):
    tea = product()
    assert order([(tea, 1)]).status_code == 201
    assert client.get("/api/v1/products").json()["items"][0]["stock"] == 9
    assert client.get("/api/v1/cart").json()["error"]["code"] == "cart_unavailable"


def test_a_later_price_does_not_change_an_order(product, order, client):
    tea = product(price_fen=1000)
    number = order([(tea, 2)]).json()["number"]
    Product.objects.filter(pk=tea).update(price_fen=5000)
    assert client.get(f"/api/v1/orders/{number}").json()["total_fen"] == 2000


@pytest.mark.parametrize("key", ["", "short", "x" * 65, "with space", "ключ-ключ"])
def test_orders_need_a_good_key(product, order, key):
    refused = order([(product(), 1)], key=key)
    assert refused.status_code == 400
    assert refused.json()["error"]["field"] == "Idempotency-Key"


def test_orders_need_a_buyer(product, order):
    refused = order([(product(), 1)], by=Client())
    assert refused.status_code == 401
    assert refused.json()["error"]["code"] == "buyer_required"


def test_products_off_sale_cannot_be_ordered(product, order):
    refused = order([(product(active=False), 1)])
    assert refused.status_code == 400
    assert refused.json()["error"]["field"] == "items"
