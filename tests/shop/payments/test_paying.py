"""Paying at WeChat's sandbox, which signs, encrypts and notifies as WeChat does."""

from django.conf import settings

from payments.models import Payment
from tests.shop.live import Live
from tests.shop.orders.counter import buyer, level, sku
from tests.shop.sandbox import Wechat


def test_a_paid_order_is_paid_here_once_wechat_says_so(wechat: Wechat, live: Live) -> None:
    someone, case = buyer(wechat.openid()), sku(2500, stock=3)
    number = someone.ordered((case, 2))
    assert (someone.see(number)["state"], level(case).available) == ("pending", 1)
    parameters = someone.pay_parameters(number)
    assert parameters["appId"] == settings.SHOP.wechat.app_id
    wechat.pay(parameters)
    assert [each["state"] for each in wechat.settled()["notifications"]] == ["delivered"]
    order = someone.see(number)
    assert (order["state"], order["total_fen"]) == ("paid", 5000)
    assert order["paid_at"] is not None
    assert (level(case).available, level(case).sold) == (1, 2)
    paid = wechat.ledger()["payments"][0]
    payment = Payment.objects.get(order_number=number)
    assert (payment.transaction_id, payment.amount_fen) == (paid["transaction_id"], paid["total"])
