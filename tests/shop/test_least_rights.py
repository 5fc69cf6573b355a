"""Logins, carts, coupons and parcels work with just the rights and secrets that each process group has."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from django.conf import settings
from django.db import connections
from django.test import Client

from coupons import seed as coupons
from logistics import jobs as logistics_jobs
from logistics import seed as freight
from logistics import services as logistics
from logistics.messages import upload
from shop.environment import Withheld
from shop.needs import USES, Part
from tests.shop.conftest import forget_clients
from tests.shop.orders.counter import buyer, sku
from tests.shop.sandbox import Wechat
from tests.shop.test_rights import granted  # noqa: F401 - a fixture
from users import jobs as users_jobs
from users import services as users

API = "/api/v1"


SECTIONS = {
    Part.REDIS: "redis",
    Part.RABBITMQ: "rabbitmq",
    Part.MONGODB: "mongodb",
    Part.S3: "storage",
    Part.WECHAT: "wechat",
    Part.PAY: "pay",
    Part.PUSH: "push",
}


@contextmanager
def as_group(accounts: dict[str, str], group: str) -> Iterator[None]:
    """Speak to MySQL as a process of this group does, and have no more secrets than it."""
    login, shop = connections["default"].settings_dict, settings.SHOP
    before = login["USER"]
    connections.close_all()
    forget_clients()
    login["USER"] = accounts[group]
    withheld = {SECTIONS[part]: Withheld(group, part) for part in SECTIONS if part not in USES[group]}
    settings.SHOP = replace(shop, **withheld)
    try:
        yield
    finally:
        connections.close_all()
        login["USER"], settings.SHOP = before, shop
        # Made of this group's settings.
        forget_clients()


def test_the_user_group_can_do_its_work(wechat: Wechat, granted: dict[str, str]) -> None:  # noqa: F811
    code, phone = wechat.login(), wechat.phone()
    address = {"name": "王", "phone": "13800138000", "province": "广东省", "city": "深圳", "street": "1 号"}
    with as_group(granted, "user"):
        token = (
            Client()
            .post(f"{API}/auth/wechat", {"code": code}, content_type="application/json")
            .json()["token"]
        )
        client = Client(headers={"Authorization": f"Bearer {token}"})

        def post(path: str, body: dict[str, str]) -> int:
            return int(client.post(f"{API}{path}", body, content_type="application/json").status_code)

        assert post("/me/phone", {"code": phone}) == 200
        assert (
            client.patch(f"{API}/me", {"nickname": "阿明"}, content_type="application/json").status_code
            == 200
        )
        assert post("/me/addresses", address) == 201
        (kept,) = client.get(f"{API}/me/addresses").json()["items"]
        where = f"{API}/me/addresses/{kept['id']}"
        assert client.put(where, address, content_type="application/json").status_code == 200
        assert client.delete(where).status_code == 204
        assert post("/auth/logout-everywhere", {}) == 204


def test_trade_worker_and_admin_can_do_theirs(wechat: Wechat, granted: dict[str, str]) -> None:  # noqa: F811
    coupons.seed()
    freight.seed()
    someone, case = buyer(wechat.openid()), sku(6000)
    client = someone.client
    with as_group(granted, "trade"):
        assert someone.post("/cart/items", {"sku_id": case, "quantity": 1}).status_code == 201
        offer = client.get(f"{API}/coupons").json()["claimable"][-1]
        mine = someone.post(f"/coupons/{offer['id']}/claim").json()["id"]
        checkout = someone.post("/checkout", {"address_id": someone.address_id, "user_coupon_id": mine})
        assert checkout.json()["total_fen"] == 6000 + 800 - offer["discount_fen"]
        number = someone.ordered((case, 1), user_coupon_id=mine)
        wechat.pay(someone.pay_parameters(number))
        assert someone.post(f"/orders/{number}/sync").json()["state"] == "paid"
    with as_group(granted, "admin"):
        logistics.ship(number=number, carrier="SF", tracking_number="SF123456", by="staff:1")
    with as_group(granted, "worker"):
        upload({"number": number})
        logistics_jobs.remind()
        users_jobs.forget_sessions()
    with as_group(granted, "trade"):
        assert len(client.get(f"{API}/orders/{number}/tracking").json()["events"]) == 1
    with as_group(granted, "admin"):
        logistics.upload_again(number=number)
        users.block(user_id=someone.person.id)
    assert client.get(f"{API}/me").status_code == 401


def test_the_worker_gives_coupons_back(wechat: Wechat, granted: dict[str, str]) -> None:  # noqa: F811
    from orders.models import Order
    from orders.services import expire

    coupons.seed()
    someone, case = buyer(wechat.openid()), sku(6000)
    offer = someone.client.get(f"{API}/coupons").json()["claimable"][-1]
    mine = someone.post(f"/coupons/{offer['id']}/claim").json()["id"]
    number = someone.ordered((case, 1), user_coupon_id=mine)
    Order.objects.update(pay_until="2024-01-01T00:00Z")
    with as_group(granted, "worker"):
        expire(number=number)
    assert [one["state"] for one in someone.client.get(f"{API}/coupons").json()["mine"]] == ["unused"]
