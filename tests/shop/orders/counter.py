"""A shop counter for tests: somebody with an address, something to buy, and what they do with an order."""

import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import connections
from django.test import Client

from inventory import selectors as inventory
from inventory.selectors import Level
from tests.shop.catalog.shelf import product
from tests.shop.people import Person, log_in
from tests.shop.sandbox import Wechat

T = TypeVar("T")


@dataclass
class Buyer:
    """A user with an address."""

    person: Person
    address_id: int
    client: Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.person.client

    def post(self, path: str, body: dict[str, Any] | None = None, *, key: str | None = None) -> Any:
        """Post JSON to the API, with a new idempotency key unless one is given."""
        headers = {"Idempotency-Key": key or uuid.uuid4().hex}
        return self.client.post(
            f"/api/v1{path}", body or {}, content_type="application/json", headers=headers
        )

    def order(self, *items: tuple[int, int], key: str | None = None, **more: Any) -> Any:
        """Ask for an order; the answer."""
        asked = [{"sku_id": sku_id, "quantity": quantity} for sku_id, quantity in items]
        body = {"items": asked, "address_id": self.address_id, **more}
        return self.post("/orders", body, key=key)

    def ordered(self, *items: tuple[int, int], **more: Any) -> str:
        """The number of an order that was placed."""
        answer = self.order(*items, **more)
        assert answer.status_code == 201, answer.content
        return str(answer.json()["number"])

    def see(self, number: str) -> dict[str, Any]:
        """The order as the user sees it."""
        answer = self.client.get(f"/api/v1/orders/{number}")
        assert answer.status_code == 200, answer.content
        found: dict[str, Any] = answer.json()
        return found

    def pay_parameters(self, number: str) -> dict[str, str]:
        """What the client gives to WeChat."""
        answer = self.post(f"/orders/{number}/pay")
        assert answer.status_code == 200, answer.content
        found: dict[str, str] = answer.json()
        return found


def buyer(openid: str | None = None, *, province: str = "广东省") -> Buyer:
    """Somebody who has logged in and has an address."""
    from users.models import Address, User

    person = log_in(openid)
    address = Address.objects.create(
        user=User.objects.get(pk=person.id),
        name="王小明",
        phone="13800138000",
        province=province,
        city="广州市",
        district="天河区",
        street="体育西路 1 号",
        is_default=True,
    )
    return Buyer(person, address.pk)


def sku(price_fen: int = 2500, *, stock: int = 10, name: str = "手机壳") -> int:
    """Something to buy: its SKU's id."""
    found = product(name, price_fen, stock=stock).skus.first()
    assert found is not None
    return int(found.pk)


def level(sku_id: int) -> Level:
    """The stock of a SKU."""
    return inventory.levels(sku_ids=[sku_id])[sku_id]


def refunds_ended(wechat: Wechat, seconds: float = 60) -> None:
    """Wait until WeChat has no refund in the making, whether its notifications arrive or not."""
    deadline = time.monotonic() + seconds
    while any(refund["status"] == "PROCESSING" for refund in wechat.ledger()["refunds"]):
        assert time.monotonic() < deadline, wechat.ledger()["refunds"]
        time.sleep(0.05)


def at_once(count: int, act: Callable[[int], T]) -> list[T]:
    """Do something in so many threads at the same time; what each returned."""

    def one(number: int) -> T:
        try:
            return act(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))
