"""Orders, payments, flash sales and the worker do their work with just the rights of their process groups."""

import pytest
from django.db import connection
from django.utils import timezone

from flash.models import FlashSale
from flash.seed import seed
from orders import jobs as order_jobs
from orders import services as orders
from outbox import schedule, services
from outbox.registry import discover
from payments import jobs as payment_jobs
from payments import reconciliation
from payments import services as payments
from payments.models import Payment, Refund
from tests.shop.live import Live
from tests.shop.orders.counter import buyer, level, refunds_ended, sku
from tests.shop.orders.test_life import overdue
from tests.shop.orders.test_placing import coupon
from tests.shop.people import work
from tests.shop.sandbox import Wechat
from tests.shop.test_least_rights import as_group
from tests.shop.test_rights import granted

__all__ = ["granted"]


def test_what_buyers_do_is_within_the_rights_of_trade(
    wechat: Wechat, live: Live, granted: dict[str, str]
) -> None:
    someone, case = buyer(wechat.openid()), sku(6000)
    mine = coupon(someone)
    seed(sku_id=case, price_fen=100, total=5, per_user=5)
    sale = FlashSale.objects.get()
    with as_group(granted, "trade"):
        first = someone.ordered((case, 1), user_coupon_id=mine)
        someone.pay_parameters(first)
        assert someone.post(f"/orders/{first}/cancel").json()["state"] == "cancelled"
        wish = {"quantity": 1, "address_id": someone.address_id}
        flash = someone.post(f"/flash-sales/{sale.pk}/orders", wish).json()["number"]
        assert someone.post(f"/orders/{flash}/cancel").json()["state"] == "cancelled"
        second = someone.ordered((case, 1))
        wechat.pay(someone.pay_parameters(second))
        wechat.settled()
        assert someone.see(second)["state"] == "paid"
        answer = someone.post(f"/orders/{second}/refunds", {"reason": "不想要了"})
        assert answer.json()["state"] == "refunding"
    with as_group(granted, "worker"):
        work()
    refunds_ended(wechat)
    with as_group(granted, "trade"):
        wechat.settled()
        assert someone.see(second)["state"] == "refunded"
    assert level(case).available == 10


def test_what_the_worker_does_is_within_its_rights(wechat: Wechat, granted: dict[str, str]) -> None:
    someone, case = buyer(wechat.openid()), sku(6000)
    seed(sku_id=case, price_fen=100, total=5)
    wish = {"quantity": 1, "address_id": someone.address_id}
    flash = someone.post(f"/flash-sales/{FlashSale.objects.get().pk}/orders", wish).json()["number"]
    unpaid = someone.ordered((case, 1), user_coupon_id=coupon(someone))
    someone.pay_parameters(unpaid)
    late = someone.ordered((case, 1))
    parameters = someone.pay_parameters(late)
    Payment.objects.filter(order_number=late).update(state="closed")
    orders._release(late, "shop")
    wechat.pay(parameters)
    for number in (flash, unpaid):
        overdue(number)
    shipped = someone.ordered((case, 1))
    wechat.pay(someone.pay_parameters(shipped))
    with as_group(granted, "worker"):
        services.relay(send=lambda message: None)
        services.forget_sent()
        order_jobs.cancel_unpaid()
        payments.sync(order_number=late)
        payments.sync(order_number=shipped)
        work()
        refunds_ended(wechat)
        Refund.objects.update(next_look_at=timezone.now())
        payment_jobs.look_at_refunds()
        wechat.weather(bills_at_once=True)
        assert reconciliation.check(day=timezone.localdate()).differences == []
        discover()
        for _ in range(2):
            schedule.run_due()
    states = [someone.see(number)["state"] for number in (flash, unpaid, late, shipped)]
    assert states == ["cancelled", "cancelled", "cancelled", "paid"]
    assert someone.see(late)["refunded_fen"] == 6000


@pytest.mark.parametrize("group", ["catalogue", "user", "service"])
@pytest.mark.parametrize("table", ["payments_payment", "payments_refund", "outbox_jobrun"])
def test_other_groups_see_nothing_of_the_money(granted: dict[str, str], group: str, table: str) -> None:
    with as_group(granted, group), pytest.raises(Exception, match="denied"), connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table}")  # noqa: S608 - names of the test's own
