"""Flash sales: exact to the piece, with Redis and without."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from core.errors import ApiError
from flash import gate
from flash.models import FlashPurchase, FlashSale
from flash.seed import seed
from orders.models import Order
from tests.shop.away import without_redis
from tests.shop.orders.counter import Buyer, at_once, buyer, level, sku


@pytest.fixture(autouse=True)
def _closed() -> None:
    gate._breaker.close()


def sale(case: int, *, total: int = 10, per_user: int = 1, price_fen: int = 990) -> FlashSale:
    """A sale that is on."""
    seed(sku_id=case, price_fen=price_fen, total=total, per_user=per_user)
    return FlashSale.objects.get(sku_id=case)


def rush(someone: Buyer, which: FlashSale, quantity: int = 1, key: str | None = None) -> Any:
    """Order in a sale; the answer."""
    body = {"quantity": quantity, "address_id": someone.address_id}
    return someone.post(f"/flash-sales/{which.pk}/orders", body, key=key)


def test_a_flash_order_has_the_sales_price(client: Any) -> None:
    someone, case = buyer(), sku(2500)
    which = sale(case)
    shown = client.get("/api/v1/flash-sales").json()["items"]
    assert [(one["price_fen"], one["original_price_fen"], one["left"]) for one in shown] == [(990, 2500, 10)]
    answer = rush(someone, which)
    assert (answer.status_code, answer.json()["goods_fen"]) == (201, 990)
    which.refresh_from_db()
    assert (which.left, level(case).available) == (9, 9)


@pytest.mark.parametrize("with_redis", [True, False])
def test_a_rush_sells_exactly_what_there_is(with_redis: bool) -> None:
    case = sku(2500, stock=100)
    which = sale(case, total=20)
    buyers = [buyer() for _ in range(60)]
    if with_redis:
        answers = at_once(60, lambda number: rush(buyers[number], which))
    else:
        with without_redis():
            answers = at_once(60, lambda number: rush(buyers[number], which))
        gate._breaker.close()
    assert sorted(answer.status_code for answer in answers) == [201] * 20 + [409] * 40
    assert {a.json()["error"]["code"] for a in answers if a.status_code == 409} == {"sold_out"}
    which.refresh_from_db()
    assert (which.left, level(case).available, Order.objects.count()) == (0, 80, 20)


@pytest.mark.parametrize("keys", ["the same key", "another key each time"])
def test_nobody_gets_more_than_their_share(keys: str) -> None:
    someone, case = buyer(), sku(2500, stock=100)
    which = sale(case, total=50, per_user=2)
    key = "flash-key-1" if keys == "the same key" else None
    answers = at_once(10, lambda _: rush(someone, which, key=key))
    orders, expected = Order.objects.count(), 1 if key else 2
    assert (orders, FlashPurchase.objects.count()) == (expected, expected)
    refused = [answer.json()["error"]["code"] for answer in answers if answer.status_code == 409]
    assert refused == ([] if key else ["flash_limit"] * 8)
    which.refresh_from_db()
    assert which.left == 50 - expected


def test_who_has_bought_sees_the_order_again_after_all_is_gone() -> None:
    someone, case = buyer(), sku(2500)
    which = sale(case, total=1)
    first = rush(someone, which, key="flash-key-1")
    assert rush(buyer(), which).json()["error"]["code"] == "sold_out"
    again = rush(someone, which, key="flash-key-1")
    assert (again.status_code, again.json()) == (200, first.json())


def test_a_cancelled_order_lets_another_buyer_in() -> None:
    someone, other, case = buyer(), buyer(), sku(2500)
    which = sale(case, total=1)
    number = rush(someone, which).json()["number"]
    assert rush(other, which).status_code == 409
    someone.post(f"/orders/{number}/cancel")
    which.refresh_from_db()
    assert (which.left, level(case).available) == (1, 10)
    assert rush(other, which).status_code == 201
    assert rush(someone, which).json()["error"]["code"] == "sold_out"


def test_what_fails_behind_the_gate_opens_it_again() -> None:
    someone, case = buyer(), sku(2500, stock=0)
    which = sale(case, total=1)
    for _ in range(3 * gate.SURPLUS):
        assert rush(someone, which).json()["error"]["code"] == "out_of_stock"


def test_the_gate_turns_away_without_asking_mysql_for_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "SECONDS", 60)
    which = sale(sku(2500), total=1)
    assert [gate.passes(sale_id=which.pk, quantity=1) for _ in range(14)] == [True] * 11 + [False] * 3
    gate.hand_back(sale_id=which.pk, quantity=1)
    assert gate.passes(sale_id=which.pk, quantity=1)
    gate.reopen(sale_id=which.pk)
    # Handing back to a count that is gone must not make one that never ends.
    gate.hand_back(sale_id=which.pk, quantity=100)
    assert not gate.passes(sale_id=which.pk, quantity=12)


@pytest.mark.parametrize(("begins", "ends"), [(1, 2), (-2, -1)])
def test_outside_its_time_there_is_no_sale(begins: int, ends: int) -> None:
    which = sale(sku(2500))
    now = timezone.now()
    FlashSale.objects.update(starts_at=now + timedelta(hours=begins), ends_at=now + timedelta(hours=ends))
    assert rush(buyer(), which).json()["error"]["code"] == "not_on_sale"
    which.refresh_from_db()
    assert which.left == 10


def test_a_sale_that_is_not_there() -> None:
    someone = buyer()
    body = {"quantity": 1, "address_id": someone.address_id}
    assert someone.post("/flash-sales/987654/orders", body).status_code == 404
    assert someone.post("/flash-sales/x/orders", body).status_code == 400
    assert someone.post("/flash-sales/1/orders", {**body, "quantity": 0}).status_code == 400


def test_the_seed_makes_one_sale() -> None:
    assert [seed(sku_id=7, price_fen=1, total=1) for _ in range(2)] == [True, False]


def test_a_gate_that_is_closed_says_so() -> None:
    which = sale(sku(2500), total=1)
    FlashSale.objects.update(left=0)
    with pytest.raises(ApiError) as refused, gate.entered(which, 1):
        pytest.fail("nobody gets in")
    assert refused.value.code == "sold_out"
