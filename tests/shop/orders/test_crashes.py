"""A process that dies after any step of an order or a payment: what comes afterwards makes everything right.

Dying is an exception that nothing in the shop catches: a transaction that was open is rolled back, as the database does
for a client that is gone. What comes afterwards is what would come anyway: the client asks again with the same key,
WeChat notifies again, the worker gets the message again, the sweeps run.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module

import pytest
from django.utils import timezone

from coupons.models import UserCoupon
from flash.models import FlashPurchase, FlashSale
from flash.seed import seed
from orders import jobs as order_jobs
from orders import services as orders
from orders.models import Order, OrderEvent, OrderLine
from payments import jobs as payment_jobs
from payments.models import Payment, Refund
from tests.shop.orders.counter import buyer, level, refunds_ended, sku
from tests.shop.orders.test_life import overdue
from tests.shop.orders.test_placing import coupon
from tests.shop.people import work
from tests.shop.sandbox import Wechat


class Crash(BaseException):
    """The process is gone."""


@contextmanager
def dying_after(step: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Die once, when the function `module:name` has returned. The block has to come there."""
    module, name = step.split(":")
    home = import_module(module)
    real: Callable[..., object] = getattr(home, name)

    def once(*args: object, **more: object) -> object:
        monkeypatch.setattr(home, name, real)
        real(*args, **more)
        raise Crash(step)

    monkeypatch.setattr(home, name, once)
    with pytest.raises(Crash):
        yield


PLACING = {
    "the coupon was used": "coupons.services:redeem",
    "the stock was reserved": "inventory.services:reserve",
    "the lines were written": "orders.submission:_write_lines",
    "the message was written": "outbox.services:add",
    "the order was committed": "orders.submission:_write",
    "the cart was emptied": "orders.submission:_empty_cart",
}


@pytest.mark.parametrize("step", PLACING.values(), ids=PLACING)
def test_an_order_asked_for_again_is_there_once(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    someone, case = buyer(), sku(5000)
    mine = coupon(someone)
    someone.post("/cart/items", {"sku_id": case, "quantity": 2})
    wish = {"address_id": someone.address_id, "user_coupon_id": mine}
    with dying_after(step, monkeypatch):
        someone.post("/orders", wish, key="crashed-order")
    answer = someone.post("/orders", wish, key="crashed-order")
    assert answer.status_code in (200, 201), answer.content
    assert (Order.objects.count(), OrderLine.objects.count()) == (1, 1)
    assert (answer.json()["total_fen"], level(case).available) == (9500, 8)
    assert UserCoupon.objects.get(pk=mine).order_number == answer.json()["number"]


FLASH = {"the pieces were taken": "flash.services:take", **PLACING}
del FLASH["the coupon was used"], FLASH["the cart was emptied"]


@pytest.mark.parametrize("step", FLASH.values(), ids=FLASH)
def test_a_flash_order_asked_for_again_is_there_once(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    someone, case = buyer(), sku(5000)
    seed(sku_id=case, price_fen=100, total=1)
    sale = FlashSale.objects.get()
    wish = {"quantity": 1, "address_id": someone.address_id}
    with dying_after(step, monkeypatch):
        someone.post(f"/flash-sales/{sale.pk}/orders", wish, key="crashed-flash")
    answer = someone.post(f"/flash-sales/{sale.pk}/orders", wish, key="crashed-flash")
    assert answer.status_code in (200, 201), answer.content
    sale.refresh_from_db()
    assert (sale.left, level(case).available, FlashPurchase.objects.count()) == (0, 9, 1)


PAYING = {
    "the payment was written": "payments.services:_announce",
    "WeChat knew of it": "wechat.pay:prepay",
    "the client had its parameters": "wechat.pay:payment_parameters",
}


@pytest.mark.parametrize("step", PAYING.values(), ids=PAYING)
def test_a_payment_begun_again_is_one(wechat: Wechat, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    someone, case = buyer(wechat.openid()), sku(5000)
    number = someone.ordered((case, 2))
    with dying_after(step, monkeypatch):
        someone.pay_parameters(number)
    wechat.pay(someone.pay_parameters(number))
    assert someone.post(f"/orders/{number}/sync").json()["state"] == "paid"
    assert len(wechat.ledger()["payments"]) == Payment.objects.count() == 1


BOOKING = {
    "WeChat was asked": "wechat.pay:query",
    "the order was marked paid": "orders.services:mark_paid",
    "the stock was counted as sold": "inventory.services:sold",
    "all was committed": "payments.services:_book",
}


@pytest.mark.parametrize("step", BOOKING.values(), ids=BOOKING)
def test_a_payment_told_again_is_booked_once(
    wechat: Wechat, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    someone, case = buyer(wechat.openid()), sku(5000)
    number = someone.ordered((case, 2))
    wechat.pay(someone.pay_parameters(number))
    with dying_after(step, monkeypatch):
        someone.post(f"/orders/{number}/sync")
    for _ in range(2):
        assert someone.post(f"/orders/{number}/sync").json()["state"] == "paid"
    assert (level(case).available, level(case).sold) == (8, 2)
    assert Payment.objects.get().state == "paid"
    assert OrderEvent.objects.filter(event="pay").count() == 1


CLOSING = {
    "WeChat was asked": "wechat.pay:query",
    "WeChat had closed it": "wechat.pay:close",
    "the payment was closed here": "payments.services:_mark_closed",
    "the coupon went back": "coupons.services:give_back",
    "the pieces went back": "inventory.services:release",
    "all was committed": "orders.services:_release",
}


@pytest.mark.parametrize("step", CLOSING.values(), ids=CLOSING)
def test_a_cancellation_that_stopped_is_finished_by_the_sweep(
    wechat: Wechat, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    someone, case = buyer(wechat.openid()), sku(5000)
    mine = coupon(someone)
    number = someone.ordered((case, 2), user_coupon_id=mine)
    someone.pay_parameters(number)
    with dying_after(step, monkeypatch):
        someone.post(f"/orders/{number}/cancel")
    overdue(number)
    for _ in range(2):
        order_jobs.cancel_unpaid()
    assert (someone.see(number)["state"], level(case).available) == ("cancelled", 10)
    assert UserCoupon.objects.get(pk=mine).state == "unused"
    assert wechat.ledger()["payments"][0]["state"] == "CLOSED"


@pytest.mark.parametrize("step", ["WeChat was asked", "WeChat had closed it", "the payment was closed here"])
def test_a_payment_that_meets_a_cancellation_that_stopped_is_booked_or_impossible(
    wechat: Wechat, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    someone, case = buyer(wechat.openid()), sku(5000)
    number = someone.ordered((case, 2))
    parameters = someone.pay_parameters(number)
    with dying_after(CLOSING[step], monkeypatch):
        someone.post(f"/orders/{number}/cancel")
    possible = step == "WeChat was asked"
    try:
        wechat.pay(parameters)
    except AssertionError:
        assert not possible
    overdue(number)
    order_jobs.cancel_unpaid()
    assert someone.see(number)["state"] == ("paid" if possible else "cancelled")
    assert (level(case).available, level(case).sold) == ((8, 2) if possible else (10, 0))


REFUNDING = {
    "the refund was written": "payments.refunds:ask",
    "WeChat had taken it on": "wechat.pay:refund",
    "WeChat's answer was written": "payments.refunds:record",
    "the refund was ended here": "payments.refunds:_end",
    "the goods were back": "inventory.services:restock",
}


@pytest.mark.parametrize("step", REFUNDING.values(), ids=REFUNDING)
def test_a_refund_that_stopped_gives_the_money_back_once(
    wechat: Wechat, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    someone, case = buyer(wechat.openid()), sku(5000)
    number = someone.ordered((case, 2))
    wechat.pay(someone.pay_parameters(number))
    someone.post(f"/orders/{number}/sync")

    def until_done() -> None:
        someone.post(f"/orders/{number}/refunds", {"reason": "不想要了"}, key="crashed-refund")
        work()
        refunds_ended(wechat)
        Refund.objects.filter(state="processing").update(next_look_at=timezone.now())
        payment_jobs.look_at_refunds()

    with dying_after(step, monkeypatch):
        until_done()
    for _ in range(2):
        until_done()
    order = someone.see(number)
    assert (order["state"], order["refunded_fen"]) == ("refunded", 10000)
    assert [(r["status"], r["amount"]) for r in wechat.ledger()["refunds"]] == [("SUCCESS", 10000)]
    assert (level(case).available, level(case).sold) == (10, 0)


LATE = {
    "the refund was written": "payments.refunds:give_back_late",
    "all was committed": "payments.services:_book",
    "WeChat had taken the refund on": "wechat.pay:refund",
}


@pytest.mark.parametrize("step", LATE.values(), ids=LATE)
def test_a_late_payment_goes_back_once_whatever_stopped(
    wechat: Wechat, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from payments import services as payments

    someone, case = buyer(wechat.openid()), sku(5000)
    number = someone.ordered((case, 1))
    parameters = someone.pay_parameters(number)
    Payment.objects.update(state="closed")
    orders._release(number, "shop")
    wechat.pay(parameters)

    def until_done() -> None:
        payments.sync(order_number=number)
        work()

    with dying_after(step, monkeypatch):
        until_done()
    for _ in range(2):
        until_done()
    refunds_ended(wechat)
    assert [(r["status"], r["amount"]) for r in wechat.ledger()["refunds"]] == [("SUCCESS", 5000)]
    assert (someone.see(number)["state"], level(case).available) == ("cancelled", 10)
    assert Refund.objects.count() == 1
