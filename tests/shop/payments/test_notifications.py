"""What the shop believes of the notifications that it gets, and what it doesn't."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from orders import services as orders
from payments.models import Payment, Refund, Suspicion
from region.wechat import account
from tests.shop.conftest import Shop, forget_clients
from tests.shop.orders.counter import Buyer, at_once, buyer, level, sku
from tests.shop.payments.letters import Letterbox, letterbox


@pytest.fixture
def box(shop: Shop, clean: None) -> Iterator[Letterbox]:
    """The keys of both sides."""
    before = settings.SHOP
    yield letterbox()
    settings.SHOP = before
    forget_clients()


def announced(someone: Buyer, case: int, *, price_fen: int = 2500) -> str:
    """An order whose payment WeChat knows of, as after `POST /orders/{number}/pay`."""
    number = someone.ordered((case, 1))
    Payment.objects.create(
        order_number=number,
        out_trade_no=number,
        openid=someone.person.openid,
        description="手机壳",
        amount_fen=price_fen,
        expires_at=timezone.now(),
        created_at=timezone.now(),
    )
    return number


def test_a_genuine_notification_is_booked_and_answered_with_204(box: Letterbox) -> None:
    someone, case = buyer(), sku()
    number = announced(someone, case)
    answer = box.tell(box.paid(number, 2500))
    assert (answer.status_code, answer.content) == (204, b"")
    assert someone.see(number)["paid_at"] == "2026-01-01T19:04:05Z"
    assert (level(case).available, level(case).sold) == (9, 1)


def test_the_same_at_once_and_again_is_booked_once(box: Letterbox) -> None:
    someone, case = buyer(), sku()
    number = announced(someone, case)
    body = box.body(box.paid(number, 2500))
    headers = box.headers(body)
    answers = at_once(12, lambda _: box.post(body, headers))
    answers.append(box.post(body, headers))
    assert {answer.status_code for answer in answers} == {204}
    assert level(case).sold == 1


WRONG: dict[str, dict[str, Any]] = {
    "other_amount": {"amount": {"total": 1, "payer_total": 1, "currency": "CNY"}},
    "other_currency": {"amount": {"total": 2500, "currency": "USD"}},
    "other_merchant": {"mchid": "1900000000"},
    "other_app": {"appid": "wx0000000000000001"},
    "no_transaction": {"transaction_id": ""},
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_was_not_agreed_is_not_booked_but_kept_for_people(box: Letterbox, kind: str) -> None:
    someone, case = buyer(), sku()
    number = announced(someone, case)
    for _ in range(2):
        answer = box.tell(box.paid(number, 2500, **WRONG[kind]))
        assert (answer.status_code, answer.json()["code"]) == (400, "FAIL")
    assert someone.see(number)["state"] == "pending"
    assert [(s.kind, s.details["out_trade_no"]) for s in Suspicion.objects.all()] == [(kind, number)]
    assert box.tell(box.paid(number, 2500)).status_code == 204


def test_one_transaction_pays_one_order(box: Letterbox) -> None:
    someone, case = buyer(), sku()
    first, second = announced(someone, case), announced(someone, case)
    transaction = {"transaction_id": "4200000000000000000000000001"}
    assert box.tell(box.paid(first, 2500, **transaction)).status_code == 204
    assert box.tell(box.paid(second, 2500, **transaction)).status_code == 400
    assert someone.see(second)["state"] == "pending"
    assert Suspicion.objects.get().kind == "transaction_used"


def test_an_order_is_paid_by_one_transaction(box: Letterbox) -> None:
    someone, case = buyer(), sku()
    number = announced(someone, case)
    box.tell(box.paid(number, 2500))
    answer = box.tell(box.paid(number, 2500, transaction_id="4200000000000000000000000009"))
    assert (answer.status_code, Suspicion.objects.get().kind) == (400, "paid_twice")
    assert level(case).sold == 1


def test_a_number_that_was_never_given_out_comes_again(box: Letterbox) -> None:
    answer = box.tell(box.paid("20260102030405deadbeef00", 2500))
    assert (answer.status_code, answer.json()["code"]) == (404, "FAIL")


@pytest.mark.parametrize(("age", "status"), [(290, 204), (-290, 204), (310, 401), (-310, 401), (86400, 401)])
def test_a_notification_is_good_for_five_minutes(box: Letterbox, age: int, status: int) -> None:
    someone, case = buyer(), sku()
    number = announced(someone, case)
    assert box.tell(box.paid(number, 2500), age=age).status_code == status
    assert someone.see(number)["state"] == ("paid" if status == 204 else "pending")


def _forged(headers: dict[str, str], name: str) -> dict[str, str]:
    made: dict[str, dict[str, str]] = {
        "nothing signed": {"Wechatpay-Signature": ""},
        "another signature": {"Wechatpay-Signature": "AAAA" + headers["Wechatpay-Signature"][4:]},
        "no base64": {"Wechatpay-Signature": "*"},
        "a probe": {"Wechatpay-Signature": "WECHATPAY/SIGNTEST/" + headers["Wechatpay-Signature"]},
        "another nonce": {"Wechatpay-Nonce": "0" * 32},
        "another time": {"Wechatpay-Timestamp": str(int(headers["Wechatpay-Timestamp"]) - 1)},
        "no time": {"Wechatpay-Timestamp": "now"},
        "digits of another script": {"Wechatpay-Timestamp": "١٢٣"},
        "an unknown key": {"Wechatpay-Serial": "PUB_KEY_ID_0000"},
        "a serial of a certificate": {"Wechatpay-Serial": "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"},
        "another algorithm": {"Wechatpay-Signature-Type": "WECHATPAY2-SM2-WITH-SM3"},
    }
    return {**headers, **made[name]}


@pytest.mark.parametrize(
    "forgery",
    [
        "nothing signed",
        "another signature",
        "no base64",
        "a probe",
        "another nonce",
        "another time",
        "no time",
        "digits of another script",
        "an unknown key",
        "a serial of a certificate",
        "another algorithm",
    ],
)
def test_forgeries_are_refused_without_asking_wechat(box: Letterbox, forgery: str) -> None:
    someone, case = buyer(), sku()
    number = announced(someone, case)
    body = box.body(box.paid(number, 2500))
    try:
        answer = box.post(body, _forged(box.headers(body), forgery))
    except UnicodeEncodeError:
        pytest.fail("the test's client can't send this header")
    assert (answer.status_code, answer.json()["code"]) == (401, "FAIL"), answer.content
    assert someone.see(number)["state"] == "pending"


def test_another_merchants_key_signs_nothing_here(box: Letterbox) -> None:
    someone, case = buyer(), sku()
    number = announced(someone, case)
    _, stranger = account.create()
    assert box.tell(box.paid(number, 2500), key=stranger).status_code == 401


def test_a_body_that_was_changed_on_its_way_is_refused(box: Letterbox) -> None:
    someone, case = buyer(), sku()
    number = announced(someone, case)
    body = box.body(box.paid(number, 2500))
    assert box.post(body.replace("letter", "Letter"), box.headers(body)).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{}",
        "[]",
        "null",
        '{"resource_type": "encrypt-resource", "resource": {"algorithm": "none"}}',
        "\x00",
    ],
)
def test_what_is_signed_but_makes_no_sense_is_refused(box: Letterbox, body: str) -> None:
    answer = box.post(body, box.headers(body))
    assert (answer.status_code, answer.json()["code"]) == (400, "FAIL"), answer.content


@pytest.mark.parametrize("resource", [{}, {"out_trade_no": "x"}, {"amount": None, "trade_state": "SUCCESS"}])
def test_a_resource_of_another_shape_is_refused(box: Letterbox, resource: dict[str, Any]) -> None:
    assert box.tell(resource).status_code == 400


def test_a_refunds_notification_belongs_to_its_own_address(box: Letterbox) -> None:
    body = box.body({}, "REFUND.SUCCESS")
    assert box.post(body, box.headers(body)).status_code == 400


def test_a_payment_for_a_cancelled_order_goes_back(box: Letterbox) -> None:
    someone, case = buyer(), sku()
    number = announced(someone, case)
    Payment.objects.update(state="closed")
    orders._release(number, "shop")
    answers = at_once(6, lambda _: box.tell(box.paid(number, 2500)))
    assert {answer.status_code for answer in answers} == {204}
    refund = Refund.objects.get()
    assert (refund.amount_fen, refund.state, refund.by) == (2500, "processing", "shop")
    assert (someone.see(number)["state"], level(case).available) == ("cancelled", 10)
