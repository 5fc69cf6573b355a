"""Giving money back, at WeChat's sandbox."""

from typing import Any

import pytest
from django.utils import timezone

import outbox
from orders import services as orders
from payments import jobs, refunds
from payments.models import Payment, Refund, Suspicion
from tests.shop.live import Live
from tests.shop.orders.counter import Buyer, at_once, buyer, level, refunds_ended, sku
from tests.shop.people import work
from tests.shop.sandbox import Wechat
from wechat import pay


@pytest.fixture
def someone(wechat: Wechat) -> Buyer:
    """Somebody whom WeChat knows."""
    return buyer(wechat.openid())


def bought(someone: Buyer, wechat: Wechat, case: int, quantity: int = 2) -> str:
    """A paid order's number."""
    number = someone.ordered((case, quantity))
    wechat.pay(someone.pay_parameters(number))
    assert someone.post(f"/orders/{number}/sync").json()["state"] == "paid"
    return number


def ask(someone: Buyer, number: str, amount_fen: int | None = None, key: str | None = None) -> Any:
    """Ask for money back; the answer."""
    amount = {} if amount_fen is None else {"amount_fen": amount_fen}
    return someone.post(f"/orders/{number}/refunds", {"reason": "不想要了", **amount}, key=key)


def settle(wechat: Wechat) -> None:
    """Let the worker and WeChat do their work, without a notification arriving."""
    work()
    refunds_ended(wechat)
    Refund.objects.filter(state="processing").update(next_look_at=timezone.now())
    jobs.look_at_refunds()


def test_all_of_it_goes_back_by_wechats_notification(someone: Buyer, wechat: Wechat, live: Live) -> None:
    case = sku()
    number = bought(someone, wechat, case)
    answer = ask(someone, number)
    assert (answer.status_code, answer.json()["state"]) == (200, "refunding")
    work()
    told = [each["event"] for each in wechat.settled()["notifications"] if each["state"] == "delivered"]
    assert "REFUND.SUCCESS" in told
    order = someone.see(number)
    assert (order["state"], order["refunded_fen"]) == ("refunded", 5000)
    assert (level(case).available, level(case).sold) == (10, 0)
    assert Payment.objects.get().refunded_fen == 5000


def test_parts_go_back_until_nothing_is_left(someone: Buyer, wechat: Wechat) -> None:
    case = sku()
    number = bought(someone, wechat, case)
    assert ask(someone, number, 2000).json()["state"] == "refunding"
    settle(wechat)
    order = someone.see(number)
    assert (order["state"], order["refunded_fen"]) == ("paid", 2000)
    refused = ask(someone, number, 3001)
    assert (refused.status_code, refused.json()["error"]["field"]) == (409, "amount_fen")
    ask(someone, number)
    settle(wechat)
    order = someone.see(number)
    assert (order["state"], order["refunded_fen"]) == ("refunded", 5000)
    assert ask(someone, number, 1).status_code == 409
    assert sorted(each["amount"] for each in wechat.ledger()["refunds"]) == [2000, 3000]


def test_the_same_key_asks_once(someone: Buyer, wechat: Wechat) -> None:
    number = bought(someone, wechat, sku())
    answers = at_once(8, lambda _: ask(someone, number, 1000, key="refund-key-1"))
    assert {answer.status_code for answer in answers} == {200}
    assert Refund.objects.count() == 1
    conflict = ask(someone, number, 999, key="refund-key-1")
    assert (conflict.status_code, conflict.json()["error"]["code"]) == (409, "idempotency_conflict")


def test_more_than_was_paid_never_goes_back_however_many_ask_at_once(someone: Buyer, wechat: Wechat) -> None:
    number = bought(someone, wechat, sku())
    answers = at_once(10, lambda _: ask(someone, number, 1000))
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [409] * 5
    settle(wechat)
    assert someone.see(number)["refunded_fen"] == 5000


def test_wechat_gives_back_in_at_most_fifty_parts(someone: Buyer, wechat: Wechat) -> None:
    number = bought(someone, wechat, sku())
    Refund.objects.bulk_create(
        Refund(
            payment=Payment.objects.get(),
            out_refund_no=f"{number}R{place:02}",
            idempotency_key=f"key-{place}",
            amount_fen=1,
            reason="",
            by="staff:1",
            state="success",
            created_at=timezone.now(),
        )
        for place in range(1, 51)
    )
    answer = ask(someone, number, 1)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "refund_too_often")


def test_the_merchant_has_to_agree_once_the_goods_have_left(someone: Buyer, wechat: Wechat) -> None:
    case = sku()
    number = bought(someone, wechat, case)
    orders.mark_shipped(number=number, by="staff:1")
    assert ask(someone, number).json()["state"] == "refunding"
    work()
    assert wechat.ledger()["refunds"] == []
    for _ in range(2):
        refunds.agree(out_refund_no=Refund.objects.get().out_refund_no)
    settle(wechat)
    assert someone.see(number)["state"] == "refunded"
    # The goods are not in the house: only a stock-taking brings them back.
    assert (level(case).available, level(case).sold) == (8, 2)


def test_a_refused_request_lets_the_order_go_on(someone: Buyer, wechat: Wechat) -> None:
    number = bought(someone, wechat, sku())
    orders.mark_shipped(number=number, by="staff:1")
    ask(someone, number)
    request = Refund.objects.get().out_refund_no
    for _ in range(2):
        refunds.refuse(out_refund_no=request)
    settle(wechat)
    assert (someone.see(number)["state"], wechat.ledger()["refunds"]) == ("shipped", [])
    assert ask(someone, number, 5000).status_code == 200


def test_the_same_refund_sent_at_once_goes_back_once(someone: Buyer, wechat: Wechat) -> None:
    number = bought(someone, wechat, sku())
    ask(someone, number)
    sent = Refund.objects.get().out_refund_no
    at_once(5, lambda _: refunds.send(out_refund_no=sent))
    settle(wechat)
    assert [each["amount"] for each in wechat.ledger()["refunds"]] == [5000]
    assert (Payment.objects.get().refunded_fen, someone.see(number)["refunded_fen"]) == (5000, 5000)


def test_a_refund_waits_for_wechat_to_be_back(someone: Buyer, wechat: Wechat) -> None:
    number = bought(someone, wechat, sku())
    ask(someone, number)
    wechat.weather(down=True)
    with pytest.raises(outbox.Later):
        work()
    Refund.objects.update(next_look_at=timezone.now())
    jobs.look_at_refunds()
    assert someone.see(number)["state"] == "refunding"
    wechat.weather()
    settle(wechat)
    assert someone.see(number)["state"] == "refunded"


@pytest.mark.parametrize(
    ("outcome", "state", "order_state"), [("CLOSED", "closed", "paid"), ("ABNORMAL", "abnormal", "refunding")]
)
def test_a_refund_that_fails_at_wechat(
    someone: Buyer, wechat: Wechat, outcome: str, state: str, order_state: str
) -> None:
    wechat.weather(refund_outcome=outcome)
    number = bought(someone, wechat, sku())
    ask(someone, number)
    settle(wechat)
    assert (Refund.objects.get().state, someone.see(number)["state"]) == (state, order_state)
    assert someone.see(number)["refunded_fen"] == 0
    # What failed for good can be asked for again; what is stuck is still promised.
    assert ask(someone, number).status_code == (200 if outcome == "CLOSED" else 409)


def test_a_late_payment_whose_refund_wechat_closed_goes_back_by_another(
    someone: Buyer, wechat: Wechat, live: Live
) -> None:
    number = someone.ordered((sku(), 2))
    parameters = someone.pay_parameters(number)
    # As after a restore of the database: the shop holds the payment for closed, WeChat doesn't.
    Payment.objects.update(state="closed")
    assert someone.post(f"/orders/{number}/cancel").json()["state"] == "cancelled"
    wechat.weather(refund_outcome="CLOSED")
    wechat.pay(parameters)
    wechat.settled()
    work()
    refunds_ended(wechat)
    wechat.settled()
    assert Refund.objects.get().state == "closed"
    assert Suspicion.objects.get().kind == "money_kept"
    wechat.weather()
    assert ask(someone, number).json()["state"] == "cancelled"
    work()
    refunds_ended(wechat)
    wechat.settled()
    assert someone.see(number)["refunded_fen"] == Payment.objects.get().refunded_fen == 5000
    assert ask(someone, number).status_code == 409


def test_a_refund_known_by_a_notification_alone_is_put_on_its_day(someone: Buyer, wechat: Wechat) -> None:
    number = bought(someone, wechat, sku())
    ask(someone, number)
    known = Refund.objects.get()
    pay.refund(
        out_trade_no=number, out_refund_no=known.out_refund_no, refund_fen=5000, total_fen=5000, reason="x"
    )
    # The answer was lost on its way; the notification arrives.
    told = pay.RefundResult(known.out_refund_no, number, "50", "SUCCESS", 5000, 5000, None, timezone.now())
    refunds.record(told)
    assert (Refund.objects.get().state, Refund.objects.get().accepted_at) == ("success", None)
    refunds_ended(wechat)
    Refund.objects.update(next_look_at=timezone.now())
    jobs.look_at_refunds()
    ended = Refund.objects.get()
    assert ended.accepted_at is not None
    assert (ended.next_look_at, Payment.objects.get().refunded_fen) == (None, 5000)


def test_what_wechat_says_in_any_order_ends_the_same(someone: Buyer, wechat: Wechat) -> None:
    number = bought(someone, wechat, sku())
    ask(someone, number)
    known = Refund.objects.get()

    def said(state: str) -> pay.RefundResult:
        return pay.RefundResult(known.out_refund_no, number, "50", state, 5000, 5000, None, timezone.now())

    for state in ("SUCCESS", "PROCESSING", "CLOSED", "ABNORMAL", "SUCCESS"):
        refunds.record(said(state))
    assert (Refund.objects.get().state, Payment.objects.get().refunded_fen) == ("success", 5000)


def test_another_sum_than_was_asked_for_is_not_booked(someone: Buyer, wechat: Wechat) -> None:
    number = bought(someone, wechat, sku())
    ask(someone, number, 1000)
    known = Refund.objects.get()
    refunds.record(
        pay.RefundResult(known.out_refund_no, number, "50", "SUCCESS", 5000, 5000, None, timezone.now())
    )
    assert (Refund.objects.get().state, Payment.objects.get().refunded_fen) == ("processing", 0)
    assert Suspicion.objects.get().kind == "other_refund"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"reason": ""},
        {"reason": "x" * 81},
        {"reason": "好", "amount_fen": 0},
        {"reason": "好", "amount_fen": "1"},
        {"reason": "好", "amount_fen": 2**70},
    ],
)
def test_bad_input_is_refused(body: dict[str, Any]) -> None:
    answer = buyer().post("/orders/20260102030405deadbeef00/refunds", body)
    assert answer.status_code == 400, answer.content


def test_an_unpaid_order_has_nothing_to_give_back(someone: Buyer) -> None:
    number = someone.ordered((sku(), 1))
    assert ask(someone, number).json()["error"]["code"] == "order_state"
