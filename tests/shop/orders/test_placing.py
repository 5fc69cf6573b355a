"""Placing orders over HTTP."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cart import selectors as carts
from catalog.models import Sku
from coupons.models import Coupon, UserCoupon
from logistics.models import FreightRule
from orders.models import Order, OrderEvent
from outbox.models import OutboxMessage
from tests.shop.orders.counter import Buyer, at_once, buyer, level, sku


def coupon(someone: Buyer, *, threshold: int = 3000, discount: int = 500) -> int:
    """A coupon that the buyer has."""
    now = timezone.now()
    kind = Coupon.objects.create(
        name="满减",
        threshold_fen=threshold,
        discount_fen=discount,
        total=10,
        valid_from=now - timedelta(days=1),
        valid_until=now + timedelta(days=1),
    )
    return UserCoupon.objects.create(coupon=kind, user_id=someone.person.id, number=1, claimed_at=now).pk


def test_an_order_has_the_price_that_checkout_said(client: Any) -> None:
    someone, case, cable = buyer(), sku(2500), sku(1999, name="数据线")
    FreightRule.objects.create(province="广东", base_fen=800)
    FreightRule.objects.create(province="", base_fen=2000)
    mine = coupon(someone)
    asked = {
        "items": [{"sku_id": case, "quantity": 2}, {"sku_id": cable, "quantity": 1}],
        "address_id": someone.address_id,
        "user_coupon_id": mine,
    }
    said = someone.post("/checkout", asked).json()
    sums = {"goods_fen": 6999, "freight_fen": 800, "discount_fen": 500, "total_fen": 7299}
    assert {name: said[name] for name in sums} == sums
    assert [one["id"] for one in said["coupons"]] == [mine]
    assert level(case).available == 10
    answer = someone.post("/orders", asked)
    assert answer.status_code == 201, answer.content
    order = answer.json()
    assert {name: order[name] for name in sums} == sums
    assert order["items"] == said["items"]
    assert (order["state"], order["address"]["city"]) == ("pending", "广州市")
    assert (level(case).available, level(cable).available) == (8, 9)
    assert UserCoupon.objects.get(pk=mine).order_number == order["number"]


def test_an_order_keeps_the_price_of_its_moment() -> None:
    someone, case = buyer(), sku(2500)
    number = someone.ordered((case, 1))
    Sku.objects.filter(pk=case).update(price_fen=9900)
    assert someone.see(number)["items"][0]["price_fen"] == 2500


def test_the_cart_is_ordered_and_empty_afterwards() -> None:
    someone, case = buyer(), sku(2500)
    someone.post("/cart/items", {"sku_id": case, "quantity": 3})
    answer = someone.post("/orders", {"address_id": someone.address_id}, key="cart-order-1")
    assert (answer.status_code, answer.json()["goods_fen"]) == (201, 7500)
    assert someone.client.get("/api/v1/cart").json()["items"] == []
    again = someone.post("/orders", {"address_id": someone.address_id}, key="cart-order-1")
    assert (again.status_code, again.json()["number"]) == (200, answer.json()["number"])
    empty = someone.post("/orders", {"address_id": someone.address_id})
    assert (empty.status_code, empty.json()["error"]["code"]) == (409, "cart_empty")


def test_a_delayed_message_watches_over_every_order() -> None:
    someone, case = buyer(), sku()
    number = someone.ordered((case, 1))
    message = OutboxMessage.objects.get(topic="orders.unpaid")
    assert message.body == {"number": number}
    late = message.not_before - Order.objects.get(number=number).pay_until
    # It may be handled half a second early, and has to find the order overdue all the same.
    assert timedelta(seconds=0.5) < late < timedelta(seconds=30)
    assert 29 * 60 < (message.not_before - timezone.now()).total_seconds() <= 30 * 60 + 1
    assert [(e.event, e.by) for e in OrderEvent.objects.all()] == [("place", f"user:{someone.person.id}")]


def test_the_same_key_again_answers_the_same_order() -> None:
    someone, case = buyer(), sku()
    first = someone.order((case, 2), key="same-key-1")
    again = someone.order((case, 2), key="same-key-1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert level(case).available == 8


@pytest.mark.parametrize("more", [{"remark": "快点"}, {"items": [{"sku_id": 1, "quantity": 1}]}])
def test_a_key_is_for_one_order_only(more: dict[str, Any]) -> None:
    someone, case = buyer(), sku()
    someone.order((case, 2), key="same-key-1")
    answer = someone.order((case, 2), key="same-key-1", **more)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "idempotency_conflict")


def test_keys_of_different_users_have_nothing_to_do_with_each_other() -> None:
    case = sku()
    orders = [buyer().order((case, 1), key="same-key-1") for _ in range(2)]
    assert [answer.status_code for answer in orders] == [201, 201]
    assert orders[0].json()["number"] != orders[1].json()["number"]


def test_the_same_key_at_once_places_one_order() -> None:
    someone, case = buyer(), sku(stock=2)
    answers = at_once(12, lambda _: someone.order((case, 2), key="same-key-1"))
    assert sorted(answer.status_code for answer in answers) == [200] * 11 + [201]
    assert len({answer.json()["number"] for answer in answers}) == 1
    assert level(case).available == 0
    assert OutboxMessage.objects.filter(topic="orders.unpaid").count() == 1


def test_the_cart_that_the_same_request_has_just_ordered_is_no_empty_cart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two of the same: the second has found no order yet, and looks into the cart after the first has emptied it."""
    someone, case = buyer(), sku()
    someone.post("/cart/items", {"sku_id": case, "quantity": 2})
    wish, look, first = {"address_id": someone.address_id}, carts.quantities, []

    def overtaken(*, owner: str) -> dict[int, int]:
        monkeypatch.setattr(carts, "quantities", look)
        first.append(someone.post("/orders", wish, key="same-key-1"))
        return look(owner=owner)

    monkeypatch.setattr(carts, "quantities", overtaken)
    second = someone.post("/orders", wish, key="same-key-1")
    assert (first[0].status_code, second.status_code) == (201, 200), second.content
    assert first[0].json() == second.json()


def test_a_coupon_used_at_once_is_used_once() -> None:
    someone, case = buyer(), sku(5000, stock=20)
    mine = coupon(someone)
    answers = at_once(8, lambda _: someone.order((case, 1), user_coupon_id=mine))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    assert Order.objects.filter(discount_fen=500).count() == 1
    assert level(case).available == 19


def test_fifty_buyers_of_ten_pieces_get_ten() -> None:
    case, other = sku(stock=10), sku(stock=1000, name="数据线")
    buyers = [buyer() for _ in range(50)]
    # In different orders of SKUs, which would deadlock if rows were locked as they come.
    answers = at_once(50, lambda n: buyers[n].order(*((case, 1), (other, 1))[:: 1 if n % 2 else -1]))
    assert sorted(answer.status_code for answer in answers) == [201] * 10 + [409] * 40
    assert {a.json()["error"]["code"] for a in answers if a.status_code == 409} == {"out_of_stock"}
    assert (level(case).available, level(other).available) == (0, 990)
    assert Order.objects.count() == 10


def test_what_is_refused_leaves_nothing_behind() -> None:
    someone, case, rare = buyer(), sku(5000), sku(stock=1, name="限量")
    mine = coupon(someone)
    answer = someone.order((case, 1), (rare, 2), user_coupon_id=mine)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "out_of_stock")
    assert (level(case).available, level(rare).available) == (10, 1)
    assert UserCoupon.objects.get(pk=mine).order_number is None
    assert (Order.objects.count(), OutboxMessage.objects.filter(topic="orders.unpaid").count()) == (0, 0)


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 400, "address_id"),
        ({"address_id": True}, 400, "address_id"),
        ({"address_id": "1"}, 400, "address_id"),
        ({"address_id": 1, "items": []}, 400, "items"),
        ({"address_id": 1, "items": [{"sku_id": 1}]}, 400, "items[0].quantity"),
        ({"address_id": 1, "items": [{"sku_id": 1, "quantity": 0}]}, 400, "items[0].quantity"),
        ({"address_id": 1, "items": [{"sku_id": 1, "quantity": 100}]}, 400, "items[0].quantity"),
        ({"address_id": 1, "items": [{"sku_id": 1, "quantity": 1.5}]}, 400, "items[0].quantity"),
        ({"address_id": 1, "items": [{"sku_id": 2**70, "quantity": 1}]}, 400, "items[0].sku_id"),
        ({"address_id": 1, "items": [{"sku_id": 987654, "quantity": 1}]}, 400, "items"),
        ({"address_id": 1, "remark": "x" * 201}, 400, "remark"),
        ({"address_id": 1, "remark": "\x00"}, 400, "remark"),
        ({"address_id": 1, "price_fen": 1}, 400, "price_fen"),
    ],
)
def test_bad_input_is_refused_by_field(body: dict[str, Any], status: int, field: str) -> None:
    answer = buyer().post("/orders", body)
    assert (answer.status_code, answer.json()["error"].get("field")) == (status, field), answer.content


@pytest.mark.parametrize("key", ["", "short", "with spaces in it", "x" * 65, "中文中文中文中文"])
def test_a_bad_key_is_refused(key: str) -> None:
    someone = buyer()
    headers = {"Idempotency-Key": key} if key else {}
    body = {"address_id": someone.address_id}
    answer = someone.client.post("/api/v1/orders", body, content_type="application/json", headers=headers)
    assert answer.status_code == 400
    assert "dempotency" in answer.json()["error"]["field"]


def test_somebody_elses_things_are_not_there() -> None:
    someone, other, case = buyer(), buyer(), sku()
    number = other.ordered((case, 1))
    assert someone.order((case, 1), address_id=other.address_id).status_code == 404
    assert someone.order((case, 1), user_coupon_id=coupon(other)).status_code == 404
    assert someone.client.get(f"/api/v1/orders/{number}").status_code == 404
    for act in ("pay", "sync", "cancel", "receive"):
        assert someone.post(f"/orders/{number}/{act}").status_code == 404, act
    assert someone.post(f"/orders/{number}/refunds", {"reason": "不想要了"}).status_code == 404
    assert other.see(number)["state"] == "pending"


def test_nobody_orders_without_logging_in(client: Any) -> None:
    for path in ("/orders", "/checkout"):
        answer = client.post(f"/api/v1{path}", {}, content_type="application/json")
        assert answer.status_code == 401, path


def test_orders_are_listed_newest_first_by_state_and_page() -> None:
    someone, case = buyer(), sku(stock=50)
    numbers = [someone.ordered((case, 1)) for _ in range(3)]
    buyer().ordered((case, 1))
    someone.post(f"/orders/{numbers[1]}/cancel")
    listed = someone.client.get("/api/v1/orders?page_size=2").json()
    assert ([o["number"] for o in listed["items"]], listed["total"]) == ([numbers[2], numbers[1]], 3)
    second = someone.client.get("/api/v1/orders?page_size=2&page=2").json()
    assert [o["number"] for o in second["items"]] == [numbers[0]]
    pending = someone.client.get("/api/v1/orders?state=pending").json()
    assert [o["number"] for o in pending["items"]] == [numbers[2], numbers[0]]
    for query in ("state=lost", "page=0", "page_size=51", "page=x"):
        assert someone.client.get(f"/api/v1/orders?{query}").status_code == 400, query


def test_a_page_of_orders_takes_the_same_few_queries_however_long_it_is() -> None:
    someone, case = buyer(), sku(stock=50)
    counts = []
    for _ in range(2):
        for _ in range(4):
            someone.ordered((case, 1))
        with CaptureQueriesContext(connection) as queries:
            someone.client.get("/api/v1/orders")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 4, queries.captured_queries


def test_an_order_takes_few_queries_however_many_things_are_in_it() -> None:
    someone, things = buyer(), [sku() for _ in range(6)]
    counts = []
    someone.client.get("/api/v1/orders")
    for many in (1, 6):
        with CaptureQueriesContext(connection) as queries:
            someone.ordered(*((thing, 1) for thing in things[:many]))
        counts.append(len([query for query in queries.captured_queries if "SAVEPOINT" not in query["sql"]]))
    # One more for each thing: its stock's conditional UPDATE.
    assert counts[1] - counts[0] == 5
    assert counts[0] <= 14, queries.captured_queries


def test_who_has_ten_unpaid_orders_pays_or_cancels_one_first() -> None:
    someone, case = buyer(), sku(stock=50)
    numbers = [someone.ordered((case, 1)) for _ in range(10)]
    key = "the-eleventh"
    refused = someone.order((case, 1), key=key)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "too_many_unpaid")
    # Nothing was taken for it; and an order that is there is still answered under its key.
    assert level(case).available == 40
    assert Order.objects.count() == 10
    # It is about one's own orders.
    buyer().ordered((case, 1))
    someone.post(f"/orders/{numbers[3]}/cancel")
    assert someone.order((case, 1), key=key).status_code == 201
    assert someone.order((case, 1), key=key).status_code == 200
    assert someone.order((case, 1)).status_code == 409
    Order.objects.filter(number=numbers[0]).update(state="paid")
    assert someone.order((case, 1)).status_code == 201


def test_orders_that_are_sent_at_once_are_not_too_many_either() -> None:
    someone, case = buyer(), sku(stock=50)
    answers = at_once(16, lambda _: someone.order((case, 1)).status_code)
    assert sorted(answers) == [201] * 10 + [409] * 6
    assert level(case).available == 40
