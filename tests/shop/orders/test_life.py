"""What happens to an order after it was placed, with WeChat's sandbox on the other side."""

from datetime import timedelta

import pytest
from django.utils import timezone

from coupons.models import UserCoupon
from orders import jobs, services
from orders.models import Order, OrderEvent
from payments.models import Payment, Refund
from tests.shop.live import Live
from tests.shop.orders.counter import Buyer, at_once, buyer, level, sku
from tests.shop.orders.test_placing import coupon
from tests.shop.people import work
from tests.shop.sandbox import Wechat


def overdue(number: str) -> None:
    """Let an order's time to be paid be over."""
    past = timezone.now() - timedelta(minutes=1)
    Order.objects.filter(number=number).update(pay_until=past, due_at=past)


def paid(someone: Buyer, wechat: Wechat, number: str) -> None:
    """Pay, and let the shop know."""
    wechat.pay(someone.pay_parameters(number))
    answer = someone.post(f"/orders/{number}/sync")
    assert answer.json()["state"] == "paid", answer.content


def test_a_cancelled_order_gives_back_what_it_held(wechat: Wechat) -> None:
    someone, case = buyer(wechat.openid()), sku(5000)
    mine = coupon(someone)
    number = someone.ordered((case, 2), user_coupon_id=mine)
    someone.pay_parameters(number)
    answer = someone.post(f"/orders/{number}/cancel")
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    assert level(case).available == 10
    assert UserCoupon.objects.get(pk=mine).state == "unused"
    assert [each["state"] for each in wechat.ledger()["payments"]] == ["CLOSED"]
    again = someone.post(f"/orders/{number}/cancel")
    assert (again.status_code, level(case).available) == (200, 10)
    refused = someone.post(f"/orders/{number}/pay")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "order_state")


def test_cancelling_at_once_gives_back_once(wechat: Wechat) -> None:
    someone, case = buyer(wechat.openid()), sku()
    number = someone.ordered((case, 3))
    someone.pay_parameters(number)
    answers = at_once(8, lambda _: someone.post(f"/orders/{number}/cancel"))
    assert {answer.status_code for answer in answers} == {200}
    assert level(case).available == 10
    assert OrderEvent.objects.filter(event="cancel").count() == 1


def test_an_order_that_was_paid_meanwhile_is_not_cancelled(wechat: Wechat) -> None:
    wechat.weather(lose=1.0, retry_scale=1.0)
    someone, case = buyer(wechat.openid()), sku()
    number = someone.ordered((case, 1))
    wechat.pay(someone.pay_parameters(number))
    answer = someone.post(f"/orders/{number}/cancel")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "order_state")
    assert someone.see(number)["state"] == "paid"
    assert (level(case).available, level(case).sold) == (9, 1)


def test_an_order_is_not_cancelled_while_wechat_is_away(wechat: Wechat) -> None:
    someone, case = buyer(wechat.openid()), sku()
    number = someone.ordered((case, 1))
    someone.pay_parameters(number)
    wechat.weather(down=True)
    answer = someone.post(f"/orders/{number}/cancel")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "payment_unavailable")
    overdue(number)
    jobs.cancel_unpaid()
    assert (someone.see(number)["state"], level(case).available) == ("pending", 9)
    wechat.weather()
    jobs.cancel_unpaid()
    assert (someone.see(number)["state"], level(case).available) == ("cancelled", 10)


def test_the_delayed_message_cancels_an_unpaid_order_and_comes_to_nothing_before(wechat: Wechat) -> None:
    someone, case = buyer(wechat.openid()), sku()
    number = someone.ordered((case, 1))
    services.expire(number=number)
    assert someone.see(number)["state"] == "pending"
    overdue(number)
    assert "orders.unpaid" in work()
    assert (someone.see(number)["state"], level(case).available) == ("cancelled", 10)


def test_the_sweep_finds_orders_whose_message_was_lost(wechat: Wechat) -> None:
    someone, case = buyer(wechat.openid()), sku()
    late, fresh = someone.ordered((case, 1)), someone.ordered((case, 1))
    overdue(late)
    jobs.cancel_unpaid()
    assert (someone.see(late)["state"], someone.see(fresh)["state"]) == ("cancelled", "pending")


def test_a_payment_that_the_sweep_finds_at_wechat_counts(wechat: Wechat) -> None:
    wechat.weather(lose=1.0, retry_scale=1.0)
    someone, case = buyer(wechat.openid()), sku()
    number = someone.ordered((case, 1))
    wechat.pay(someone.pay_parameters(number))
    overdue(number)
    jobs.cancel_unpaid()
    assert someone.see(number)["state"] == "paid"


def test_a_payment_for_a_cancelled_order_is_given_back_once(wechat: Wechat, live: Live) -> None:
    """As when WeChat's answer to the query was older than the payment: cancelled here, paid there."""
    wechat.weather(duplicate=1.0)
    someone, case = buyer(wechat.openid()), sku()
    number = someone.ordered((case, 1))
    parameters = someone.pay_parameters(number)
    Payment.objects.update(state="closed")
    services._release(number, "shop")
    wechat.pay(parameters)
    wechat.settled()
    at_once(4, lambda _: work())
    ledger = wechat.settled()
    assert [(r["status"], r["amount"]) for r in ledger["refunds"]] == [("SUCCESS", 2500)]
    order = someone.see(number)
    assert (order["state"], order["refunded_fen"]) == ("cancelled", 2500)
    assert (level(case).available, level(case).sold) == (10, 0)
    assert Refund.objects.get().state == "success"


def test_a_user_being_at_the_password_keeps_the_order(
    wechat: Wechat, monkeypatch: pytest.MonkeyPatch
) -> None:
    from wechat import pay

    someone, case = buyer(wechat.openid()), sku()
    number = someone.ordered((case, 1))
    someone.pay_parameters(number)

    def busy(**_: object) -> None:
        raise pay.PayError(409, "payment_refused", "", reason="USERPAYING")

    monkeypatch.setattr(pay, "close", busy)
    answer = someone.post(f"/orders/{number}/cancel")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "being_paid")
    assert someone.see(number)["state"] == "pending"


def test_a_prepay_answer_that_comes_after_the_cancellation_is_not_given_out(
    wechat: Wechat, monkeypatch: pytest.MonkeyPatch
) -> None:
    from wechat import pay

    someone, case = buyer(wechat.openid()), sku()
    number = someone.ordered((case, 1))
    announce = pay.prepay

    def cancelled_meanwhile(**asked: object) -> str:
        services.cancel(number=number, user_id=someone.person.id)
        return announce(**asked)  # type: ignore[arg-type]

    monkeypatch.setattr(pay, "prepay", cancelled_meanwhile)
    answer = someone.post(f"/orders/{number}/pay")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "order_state")
    assert (someone.see(number)["state"], level(case).available) == ("cancelled", 10)


def test_an_order_is_received_and_completed_of_itself(wechat: Wechat) -> None:
    someone, case = buyer(wechat.openid()), sku()
    number = someone.ordered((case, 1))
    assert someone.post(f"/orders/{number}/receive").status_code == 409
    paid(someone, wechat, number)
    services.mark_shipped(number=number, by="staff:1")
    assert someone.see(number)["shipped_at"] is not None
    jobs.pass_time()
    assert someone.see(number)["state"] == "shipped"
    for state in ("received", "completed"):
        Order.objects.update(due_at=timezone.now())
        jobs.pass_time()
        assert someone.see(number)["state"] == state
    assert Order.objects.get().due_at is None
    told = OrderEvent.objects.values_list("event", "by")
    assert list(told) == [
        ("place", f"user:{someone.person.id}"),
        ("pay", "wechat"),
        ("ship", "staff:1"),
        ("receive", "shop"),
        ("complete", "shop"),
    ]
    refused = someone.post(f"/orders/{number}/refunds", {"reason": "太晚了"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "order_state")


def test_receiving_twice_is_receiving_once(wechat: Wechat) -> None:
    someone, case = buyer(wechat.openid()), sku()
    number = someone.ordered((case, 1))
    paid(someone, wechat, number)
    services.mark_shipped(number=number, by="staff:1")
    answers = at_once(4, lambda _: someone.post(f"/orders/{number}/receive"))
    assert [answer.json()["state"] for answer in answers] == ["received"] * 4
    assert OrderEvent.objects.filter(event="receive").count() == 1
