"""A shop that shoppers can be sent through: goods, a flash sale, coupons, a worker, and somebody who ships."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import requests
from django.db import close_old_connections, connections
from django.utils import timezone

from shopctl.drivers.http_session import Address
from shopctl.shopper.bill import Merchant
from shopctl.shopper.target import Target
from tests.shop.catalog import shelf
from tests.shop.conftest import Shop
from tests.shop.live import Live
from tests.shop.sandbox import Wechat

NAMES = ("透明手机壳", "磨砂手机壳", "保温杯", "蓝牙耳机", "数据线", "机械键盘", "棉质T恤", "帆布鞋")


@pytest.fixture
def goods(shop: Shop, clean: None) -> None:
    """Products, a flash sale of 30 pieces, a coupon and a price for delivery."""
    from core import memory
    from coupons.models import Coupon
    from flash.models import FlashSale
    from logistics.models import FreightRule

    products = [
        shelf.product(name, 990 + 1000 * n, 1990 + 1000 * n, stock=200) for n, name in enumerate(NAMES)
    ]
    now = timezone.now()
    day = timedelta(days=1)
    sku = products[0].skus.first()
    assert sku
    FlashSale.objects.create(
        sku_id=sku.pk, price_fen=100, starts_at=now - day, ends_at=now + day, total=30, left=30, per_user=3
    )
    Coupon.objects.create(
        name="满 20 减 5",
        threshold_fen=2000,
        discount_fen=500,
        total=1000,
        per_user=2,
        valid_from=now - day,
        valid_until=now + day,
    )
    FreightRule.objects.create(base_fen=800, free_above_fen=9900)
    memory.forget()


@pytest.fixture
def target(goods: None, live: Live, wechat: Wechat) -> Target:
    """The shop and WeChat, as a phone finds them."""
    # The first request loads the shop, for which WeChat's verification would not wait.
    requests.get(f"{live.url}/api/v1/client", timeout=120).raise_for_status()
    wechat.push_to(f"{live.url}/api/v1/wechat/push")
    account = wechat.account
    merchant = Merchant(account.mch_id, account.certificate_serial, account.private_key)
    return Target(Address(live.url), Address(wechat.url), merchant)


@pytest.fixture
def worker(target: Target) -> Iterator[None]:
    """The shop's worker, in threads of this process."""
    from outbox import registry
    from outbox import worker as program

    registry.discover()
    stop = threading.Event()
    # At the end its tables are emptied under it, which it rightly complains of.
    logging.getLogger("shop.worker").setLevel(logging.CRITICAL)
    thread = threading.Thread(target=program.run, args=(stop,), kwargs={"handlers": 2})
    thread.start()
    yield
    stop.set()
    thread.join(30)
    logging.getLogger("shop.worker").setLevel(logging.NOTSET)


@contextmanager
def shipping() -> Iterator[list[str]]:
    """A merchant who ships what is paid; the numbers of what was shipped."""
    from core.errors import ApiError
    from logistics import services as logistics
    from orders.models import Order

    home, shipped = threading.Event(), list[str]()

    def work() -> None:
        while not home.wait(0.3):
            close_old_connections()
            for number in Order.objects.filter(state="paid").values_list("number", flat=True)[:2]:
                try:
                    logistics.ship(number=number, carrier="SF", tracking_number=f"SF{number}", by="staff:1")
                except ApiError:
                    # The buyer has just asked for the money back.
                    continue
                shipped.append(number)
        connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield shipped
    finally:
        home.set()
        thread.join(10)
