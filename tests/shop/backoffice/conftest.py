"""Members of the staff, and something for them to work on."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth.hashers import reset_hashers
from django.test import Client
from django.utils import timezone

from backoffice import roles, throttle
from tests.shop.conftest import Shop

PASSWORD = "correct-horse-battery"
Hire = Callable[[str], Client]


@pytest.fixture
def hire(shop: Shop) -> Hire:
    """A browser in which a member of the staff with this role has logged in."""
    roles.establish()

    def hired(role: str) -> Client:
        user = roles.employ(name=f"the-{role}", role=role, password=PASSWORD)
        client = Client()
        client.force_login(user)
        return client

    return hired


@pytest.fixture(autouse=True)
def quick() -> Iterator[None]:
    """Passwords that are checked in no time; production's take their time on purpose."""
    before = settings.PASSWORD_HASHERS
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    reset_hashers(setting="PASSWORD_HASHERS")
    yield
    settings.PASSWORD_HASHERS = before
    reset_hashers(setting="PASSWORD_HASHERS")


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """Attempts to log in that a process counted for itself are forgotten."""
    yield
    throttle._own.clear()
    throttle._breaker.close()


def order(number: str = "A1", *, state: str = "paid", user_id: int = 7) -> int:
    """An order with a line and, when it was paid, with its payment; its id."""
    from orders.models import Order, OrderLine
    from payments.models import Payment

    now, fen = timezone.now(), 9900
    paid = state not in ("pending", "cancelled")
    made = Order.objects.create(
        number=number,
        user_id=user_id,
        idempotency_key=number,
        fingerprint="",
        state=state,
        goods_fen=fen,
        freight_fen=0,
        discount_fen=0,
        total_fen=fen,
        address={"name": "张三", "phone": "13800000000", "province": "广东省", "city": "深圳市"},
        created_at=now,
        pay_until=now + timedelta(minutes=30),
        paid_at=now if paid else None,
    )
    OrderLine.objects.create(
        order=made, sku_id=7, product_id=70, name="手机壳", attributes={}, price_fen=fen, quantity=1
    )
    if paid:
        Payment.objects.create(
            order_number=number,
            out_trade_no=number,
            openid="o1",
            description="手机壳",
            amount_fen=fen,
            state="paid",
            expires_at=now,
            transaction_id=f"42{number}",
            paid_at=now,
            created_at=now,
        )
    return int(made.pk)
