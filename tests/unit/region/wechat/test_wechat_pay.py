"""Orders at WeChat Pay, with `wechatpayv3` on the other side: each accepts the other's signatures."""

import datetime
import json
import time
from typing import Any

import pytest
import requests
from wechatpayv3 import WeChatPay
from wechatpayv3.utils import build_authorization, rsa_sign

from region.wechat.server.signing import private_key
from tests.shop.sandbox import Wechat
from tests.unit.region.wechat.orders import code, order, paid, prepaid, refund, said
from tests.unit.region.wechat.shop import Shop, client

PATH = "/v3/pay/transactions/out-trade-no/order-0001"


def asked(wechat: Wechat, authorization: str, path: str) -> tuple[int, Any]:
    answer = requests.get(wechat.url + path, headers={"Authorization": authorization}, timeout=5)
    return answer.status_code, answer.json()


def signed(wechat: Wechat, path: str, **changes: str) -> str:
    account = wechat.account
    key = private_key(account.private_key)
    mch_id, serial = changes.pop("mch_id", account.mch_id), changes.pop("serial", account.certificate_serial)
    made: str = build_authorization(path, "GET", mch_id, serial, key, nonce_str=changes.pop("nonce", None))
    return made


def test_the_life_of_an_order(wechat: Wechat, merchant: WeChatPay) -> None:
    prepay_id = prepaid(wechat, merchant, "order-0001")
    assert prepay_id.startswith("wx")
    status, found = said(merchant.query(out_trade_no="order-0001"))
    assert (status, found["trade_state"], found["amount"]["total"]) == (200, "NOTPAY", 1234)
    assert "transaction_id" not in found
    transaction = wechat.pay(prepay_id)["transaction_id"]
    for query in ({"out_trade_no": "order-0001"}, {"transaction_id": transaction}):
        status, found = said(merchant.query(**query))
        assert (status, found["trade_state"], found["transaction_id"]) == (200, "SUCCESS", transaction)
        assert found["payer"] == {"openid": wechat.openid()}
        assert datetime.datetime.fromisoformat(found["success_time"]).tzinfo
    assert code(merchant.close(out_trade_no="order-0001")) == (400, "ORDERPAID")
    assert code(merchant.pay(**order(wechat, "order-0001"))) == (400, "ORDERPAID")


def test_an_unpaid_order_is_closed_as_often_as_one_likes_and_never_paid(
    wechat: Wechat, merchant: WeChatPay
) -> None:
    prepay_id = prepaid(wechat, merchant, "order-0001")
    for _ in range(2):
        assert merchant.close(out_trade_no="order-0001")[0] == 204
    assert said(merchant.query(out_trade_no="order-0001"))[1]["trade_state"] == "CLOSED"
    answer = requests.post(f"{wechat.url}/sandbox/pay", json={"prepay_id": prepay_id}, timeout=5)
    assert (answer.status_code, answer.json()["code"]) == (409, "ORDER_CLOSED")
    assert code(merchant.pay(**order(wechat, "order-0001"))) == (400, "ORDER_CLOSED")


def test_the_same_number_wants_the_same_parameters(wechat: Wechat, merchant: WeChatPay) -> None:
    first = prepaid(wechat, merchant, "order-0001")
    assert prepaid(wechat, merchant, "order-0001") == first
    assert code(merchant.pay(**order(wechat, "order-0001", 1))) == (400, "INVALID_REQUEST")
    other = {**order(wechat, "order-0001"), "payer": {"openid": wechat.openid("小红")}}
    assert code(merchant.pay(**other)) == (403, "OUT_TRADE_NO_USED")


def test_whoever_is_typing_the_password_holds_the_order(wechat: Wechat, merchant: WeChatPay) -> None:
    prepay_id = prepaid(wechat, merchant, "order-0001")
    assert wechat.pay(prepay_id, "begin")["state"] == "USERPAYING"
    assert code(merchant.close(out_trade_no="order-0001")) == (202, "USERPAYING")
    assert wechat.pay(prepay_id, "fail")["state"] == "PAYERROR"
    assert wechat.pay(prepay_id, "cancel")["state"] == "NOTPAY"
    assert wechat.pay(prepay_id)["state"] == "SUCCESS"


def test_an_order_whose_time_is_over_is_closed(wechat: Wechat, merchant: WeChatPay) -> None:
    soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=4)
    prepay_id = prepaid(wechat, merchant, "order-0001", time_expire=soon.isoformat())
    time.sleep(max(0.0, soon.timestamp() - time.time()) + 0.1)
    answer = requests.post(f"{wechat.url}/sandbox/pay", json={"prepay_id": prepay_id}, timeout=5)
    assert answer.json()["code"] == "ORDER_CLOSED"
    assert said(merchant.query(out_trade_no="order-0001"))[1]["trade_state"] == "CLOSED"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"description": "长" * 128}, "/description"),
        ({"out_trade_no": "short"}, "/out_trade_no"),
        ({"out_trade_no": "x" * 33}, "/out_trade_no"),
        ({"out_trade_no": "with space"}, "/out_trade_no"),
        ({"notify_url": "https://a.test/n?x=1"}, "/notify_url"),
        ({"notify_url": "ftp://a.test/n"}, "/notify_url"),
        ({"amount": {"total": 0}}, "/amount/total"),
        ({"amount": {"total": 1.5}}, "/amount/total"),
        ({"amount": {"total": 1, "currency": "USD"}}, "/amount/currency"),
        ({"payer": {"openid": "nobody"}}, "/payer/openid"),
        ({"time_expire": "tomorrow"}, "/time_expire"),
        ({"time_expire": "2020-01-01T00:00:00+08:00"}, "/time_expire"),
    ],
)
def test_what_can_not_be_read_is_refused_with_its_place(
    wechat: Wechat, merchant: WeChatPay, change: dict[str, Any], field: str
) -> None:
    status, refused = said(merchant.pay(**{**order(wechat, "order-0001"), **change}))
    assert (status, refused["code"], refused["detail"]["field"]) == (400, "PARAM_ERROR", field)
    assert code(merchant.query(out_trade_no="order-0001")) == (404, "ORDER_NOT_EXIST")


def test_a_request_must_be_signed_by_the_merchant(wechat: Wechat, merchant: WeChatPay) -> None:
    path = f"{PATH}?mchid={wechat.account.mch_id}"
    good = signed(wechat, path)
    tampered = good.replace('signature="', 'signature="AAAA')
    for authorization in ("", "Basic x", good, tampered, signed(wechat, PATH)):
        wanted = 404 if authorization == good else 401
        status, refused = asked(wechat, authorization, path)
        assert (status, refused["code"]) == (wanted, "ORDER_NOT_EXIST" if wanted == 404 else "SIGN_ERROR")
    assert asked(wechat, signed(wechat, path, mch_id="1900000000"), path)[0] == 401
    assert asked(wechat, signed(wechat, path, serial="0" * 40), path)[0] == 401


def test_a_request_can_not_be_repeated(wechat: Wechat) -> None:
    path = f"{PATH}?mchid={wechat.account.mch_id}"
    authorization = signed(wechat, path, nonce="once")
    assert asked(wechat, authorization, path)[1]["code"] == "ORDER_NOT_EXIST"
    status, refused = asked(wechat, authorization, path)
    assert (status, refused["code"], refused["detail"]["issue"]) == (401, "SIGN_ERROR", "nonce replayed")


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_request_is_of_this_minute(wechat: Wechat, seconds: int) -> None:
    account, path = wechat.account, f"{PATH}?mchid={wechat.account.mch_id}"
    # One of the future comes nearer until it is looked at.
    stamp = int(time.time()) + seconds + (30 if seconds > 0 else 0)
    text = f"GET\n{path}\n{stamp}\nnonce\n\n"
    signature = rsa_sign(private_key(account.private_key), text)
    authorization = (
        f'WECHATPAY2-SHA256-RSA2048 mchid="{account.mch_id}",nonce_str="nonce",signature="{signature}",'
        f'timestamp="{stamp}",serial_no="{account.certificate_serial}"'
    )
    assert asked(wechat, authorization, path)[0] == 401


def test_an_answer_that_was_tampered_with_is_not_accepted(wechat: Wechat, shop: Shop) -> None:
    other = client(wechat, shop)
    other._core._public_key = private_key(wechat.account.private_key).public_key()
    with pytest.raises(Exception, match="failed to verify the signature"):
        other.pay(**order(wechat, "order-0001"))


def test_refunds_up_to_what_was_paid(wechat: Wechat, merchant: WeChatPay) -> None:
    paid(wechat, merchant, "order-0001", 1000)
    status, first = refund(merchant, "order-0001", "refund-1", 400, 1000)
    assert (status, first["status"], first["amount"]["refund"]) == (200, "PROCESSING", 400)
    assert refund(merchant, "order-0001", "refund-1", 400, 1000)[1]["refund_id"] == first["refund_id"]
    assert code(refund(merchant, "order-0001", "refund-1", 300, 1000)) == (400, "INVALID_REQUEST")
    assert code(refund(merchant, "order-0001", "refund-2", 601, 1000)) == (400, "INVALID_REQUEST")
    assert code(refund(merchant, "order-0001", "refund-2", 600, 999)) == (400, "INVALID_REQUEST")
    assert refund(merchant, "order-0001", "refund-2", 600, 1000)[0] == 200
    assert said(merchant.query(out_trade_no="order-0001"))[1]["trade_state"] == "REFUND"
    wechat.settled()
    status, settled = said(merchant.query_refund(out_refund_no="refund-1"))
    assert (status, settled["status"]) == (200, "SUCCESS")
    assert settled["success_time"]


def test_no_refund_without_a_payment(wechat: Wechat, merchant: WeChatPay) -> None:
    prepaid(wechat, merchant, "order-0001")
    assert code(refund(merchant, "order-0001", "refund-1", 1)) == (400, "INVALID_REQUEST")
    assert code(refund(merchant, "order-0002", "refund-1", 1)) == (404, "RESOURCE_NOT_EXISTS")
    assert code(merchant.query_refund(out_refund_no="refund-1")) == (404, "RESOURCE_NOT_EXISTS")


def test_a_refund_that_was_closed_leaves_the_money_for_another(wechat: Wechat, merchant: WeChatPay) -> None:
    paid(wechat, merchant, "order-0001")
    wechat.weather(refund_outcome="CLOSED")
    refund(merchant, "order-0001", "refund-1", 1234)
    wechat.settled()
    assert said(merchant.query_refund(out_refund_no="refund-1"))[1]["status"] == "CLOSED"
    assert refund(merchant, "order-0001", "refund-2", 1234)[0] == 200


def test_fifty_refunds_of_one_order(wechat: Wechat, merchant: WeChatPay) -> None:
    paid(wechat, merchant, "order-0001")
    answers = [refund(merchant, "order-0001", f"refund-{n}", 1)[0] for n in range(51)]
    assert answers == [200] * 50 + [400]


def test_pay_sign_is_checked_as_wechat_does(wechat: Wechat, merchant: WeChatPay) -> None:
    app_id, package = wechat.account.app_id, f"prepay_id={prepaid(wechat, merchant, 'order-0001')}"
    stamp, nonce = str(int(time.time())), "nonce"
    good = {
        "appId": app_id, "timeStamp": stamp, "nonceStr": nonce, "package": package, "signType": "RSA",
        "paySign": merchant.sign([app_id, stamp, nonce, package]),
    }  # fmt: skip
    for change in (
        {"nonceStr": "other"},
        {"paySign": "AAAA"},
        {"appId": "wx0"},
        {"signType": "MD5"},
        {"package": "x"},
    ):
        answer = requests.post(f"{wechat.url}/sandbox/pay", json={**good, **change}, timeout=5)
        assert answer.status_code in (400, 403), change
    assert said(merchant.query(out_trade_no="order-0001"))[1]["trade_state"] == "NOTPAY"
    answer = requests.post(
        f"{wechat.url}/sandbox/pay", json={"parameters": good, "person": "小红"}, timeout=5
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "PAYER_MISMATCH")
    assert wechat.pay(good)["state"] == "SUCCESS"


def test_while_it_is_down_nothing_is_answered(wechat: Wechat, merchant: WeChatPay) -> None:
    wechat.weather(down=True)
    assert code(merchant.pay(**order(wechat, "order-0001"))) == (503, "SYSTEM_ERROR")
    wechat.weather(hang_up=True)
    with pytest.raises(requests.ConnectionError):
        merchant.pay(**order(wechat, "order-0001"))
    wechat.weather(busy=1)
    assert code(merchant.query(out_trade_no="order-0001")) == (429, "FREQUENCY_LIMITED")
    wechat.weather()
    assert code(merchant.query(out_trade_no="order-0001")) == (404, "ORDER_NOT_EXIST")
    prepaid(wechat, merchant, "order-0001")


def test_what_was_done_may_never_be_answered(wechat: Wechat, merchant: WeChatPay) -> None:
    paid(wechat, merchant, "order-0001")
    wechat.weather(cut=1)
    with pytest.raises(requests.ConnectionError):
        refund(merchant, "order-0001", "refund-1", 34)
    wechat.weather()
    assert said(merchant.query_refund(out_refund_no="refund-1"))[1]["amount"]["refund"] == 34
    assert refund(merchant, "order-0001", "refund-1", 34)[0] == 200
    assert len(wechat.ledger()["refunds"]) == 1


def test_a_body_that_is_no_object_is_refused(wechat: Wechat) -> None:
    account, path = wechat.account, "/v3/pay/transactions/jsapi"
    for body in ("[]", "{", '"text"'):
        authorization = build_authorization(
            path,
            "POST",
            account.mch_id,
            account.certificate_serial,
            private_key(account.private_key),
            data=body,
        )
        answer = requests.post(
            wechat.url + path, data=body, headers={"Authorization": authorization}, timeout=5
        )
        assert (answer.status_code, json.loads(answer.text)["code"]) == (400, "PARAM_ERROR"), body
