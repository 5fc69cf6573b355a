"""Paying at WeChat's sandbox, which signs, encrypts and notifies as WeChat does."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from payments import jobs
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


def test_a_payment_whose_notification_was_lost_is_asked_after(wechat: Wechat) -> None:
    wechat.weather(lose=1.0, retry_scale=1.0)
    someone, case = buyer(wechat.openid()), sku()
    number, fresh = someone.ordered((case, 1)), someone.ordered((case, 1))
    for each in (number, fresh):
        wechat.pay(someone.pay_parameters(each))
    ago = timezone.now() - timedelta(minutes=3)
    Payment.objects.filter(order_number=number).update(prepaid_at=ago)
    jobs.ask_after_payments()
    assert [someone.see(each)["state"] for each in (number, fresh)] == ["paid", "pending"]
