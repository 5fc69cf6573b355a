"""From paid orders to recommendations."""

from datetime import timedelta
from itertools import count

from django.test import Client
from django.utils import timezone

from core import memory
from orders.models import Order, OrderLine
from orders.states import State
from recommendations import jobs, selectors
from tests.shop.away import caught_up
from tests.shop.catalog.shelf import product

_numbers = count(1)


def order(user: int, *products: int, state: State = State.PAID, days_ago: int = 1) -> None:
    now = timezone.now()
    number = next(_numbers)
    made = Order.objects.create(
        number=f"T{number}",
        user_id=user,
        idempotency_key=str(number),
        fingerprint="",
        state=state.value,
        goods_fen=1,
        freight_fen=0,
        discount_fen=0,
        total_fen=1,
        address={},
        created_at=now,
        pay_until=now,
        paid_at=now - timedelta(days=days_ago) if state is not State.PENDING else None,
    )
    for one in products:
        OrderLine.objects.create(
            order=made, sku_id=one, product_id=one, name="", attributes={}, price_fen=1, quantity=1
        )


def test_orders_become_recommendations(client: Client) -> None:
    shell, film, cable, tea = (product(name).pk for name in ("壳", "膜", "线", "茶"))
    order(1, shell, film)
    order(2, shell, film)
    order(3, shell, cable)
    order(4, tea)
    order(5, tea, cable, state=State.PENDING)
    order(6, tea, film, days_ago=jobs.DAYS + 1)
    jobs.recompute()
    memory.forget()
    caught_up()
    found = client.get(f"/api/v1/recommendations/{shell}").json()["items"]
    assert [card["name"] for card in found[:2]] == ["膜", "线"]
    # What went with the case, then what others bought; the rest is filled up with best sellers.
    assert [card.name for card in selectors.for_you(3)][:2] == ["膜", "茶"]
    assert [card["name"] for card in client.get("/api/v1/recommendations").json()["items"]][:2] == [
        "壳",
        "膜",
    ]
