"""Content checks, messages, pushes and the upload of shipping info."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from wechatpayv3 import WeChatPay

from region.wechat.server.push_crypto import decrypt, signature
from tests.shop.sandbox import Wechat
from tests.unit.region.wechat.orders import paid, refund
from tests.unit.region.wechat.shop import Received, Shop
from tests.unit.region.wechat.test_wechat_login import age, ask, token


@pytest.fixture
def pushed(wechat: Wechat, shop: Shop) -> Shop:
    """A shop that verifies the address, and takes what is pushed."""
    shop.answers = ["echo"]
    wechat.push_to(f"{shop.url}/push")
    shop.answers = ["success"]
    shop.received.clear()
    return shop


def opened(wechat: Wechat, received: Received) -> dict[str, Any]:
    """A pushed message, after the checks that a shop has to do."""
    account = wechat.account
    query = {name: values[0] for name, values in parse_qs(urlsplit(received.path).query).items()}
    cipher = json.loads(received.body)["Encrypt"]
    parts = (account.push_token, query["timestamp"], query["nonce"])
    assert query["signature"] == signature(*parts)
    assert query["msg_signature"] == signature(*parts, cipher)
    text, app_id = decrypt(account.push_aes_key, cipher)
    assert app_id == account.app_id
    found: dict[str, Any] = json.loads(text)
    return found


def test_texts_are_judged_by_their_words(wechat: Wechat) -> None:
    asked = {"version": 2, "openid": wechat.openid(), "scene": 2}
    for text, suggest, label in (
        ("很好看", "pass", 100),
        ("卖违禁品", "risky", 20006),
        ("加微信聊", "review", 10001),
    ):
        found = ask(wechat, "/wxa/msg_sec_check", {**asked, "content": text})
        assert found["result"] == {"suggest": suggest, "label": label}
        assert found["trace_id"]
    for change, errcode in (
        ({"content": ""}, 44004),
        ({"content": "好" * 2501}, 45002),
        ({"scene": 5}, 40129),
        ({"version": 1}, 40097),
        ({"openid": "nobody"}, 40003),
    ):
        body = {**asked, "content": "好", **change}
        assert ask(wechat, "/wxa/msg_sec_check", body)["errcode"] == errcode, change


@pytest.mark.parametrize("suggest", ["pass", "risky"])
def test_the_opinion_of_a_picture_is_pushed(wechat: Wechat, pushed: Shop, suggest: str) -> None:
    wechat.weather(media_suggest=suggest)
    asked = {"version": 2, "openid": wechat.openid(), "scene": 2, "media_type": 2}
    found = ask(wechat, "/wxa/media_check_async", {**asked, "media_url": "https://cdn.test/a.png"})
    assert not pushed.received, "the answer comes first"
    wechat.settled()
    event = opened(wechat, pushed.received[0])
    assert (event["MsgType"], event["Event"]) == ("event", "wxa_media_check")
    assert (event["trace_id"], event["result"]["suggest"]) == (found["trace_id"], suggest)


def test_a_message_that_is_not_taken_is_pushed_three_times(wechat: Wechat, pushed: Shop) -> None:
    pushed.answers = ["busy"]
    wechat.write("小红", "在吗")
    push = wechat.settled()["pushes"][0]
    assert (push["state"], len(push["attempts"])) == ("given up", 3)
    messages = [opened(wechat, each) for each in pushed.received]
    assert {message["MsgId"] for message in messages} == {messages[0]["MsgId"]}
    assert messages[0]["Content"] == "在吗"


def test_an_address_that_does_not_know_the_token_is_refused(wechat: Wechat, shop: Shop) -> None:
    shop.answers = ["success"]
    body = {"url": f"{shop.url}/push"}
    refused = requests.put(f"{wechat.url}/sandbox/push", json=body, timeout=5)
    assert (refused.status_code, refused.json()["code"]) == (400, "VERIFICATION_FAILED")
    query = parse_qs(urlsplit(shop.received[0].path).query)
    parts = (wechat.account.push_token, query["timestamp"][0], query["nonce"][0])
    assert query["signature"] == [signature(*parts)]
    assert wechat.write("小红", "在吗")["pushed_to"] is None


def test_a_customer_is_answered_five_times_within_48_hours(wechat: Wechat) -> None:
    body = {"touser": wechat.openid("小红"), "msgtype": "text", "text": {"content": "您好"}}
    assert ask(wechat, "/cgi-bin/message/custom/send", body)["errcode"] == 45015
    wechat.write("小红", "在吗")
    for _ in range(5):
        assert ask(wechat, "/cgi-bin/message/custom/send", body)["errcode"] == 0
    assert ask(wechat, "/cgi-bin/message/custom/send", body)["errcode"] == 45047
    wechat.write("小红", "还在吗")
    age(wechat, "UPDATE person SET wrote_at = wrote_at - 48 * 3600 - 1")
    assert ask(wechat, "/cgi-bin/message/custom/send", body)["errcode"] == 45015
    assert len(wechat.ledger()["messages"]) == 5


def test_a_picture_is_uploaded_before_it_is_sent(wechat: Wechat) -> None:
    wechat.write("小红", "在吗")
    query = {"access_token": token(wechat)["access_token"], "type": "image"}
    files = {"media": ("a.png", b"picture", "image/png")}
    uploaded = requests.post(
        f"{wechat.url}/cgi-bin/media/upload", params=query, files=files, timeout=5
    ).json()
    body = {"touser": wechat.openid("小红"), "msgtype": "image", "image": {"media_id": uploaded["media_id"]}}
    assert ask(wechat, "/cgi-bin/message/custom/send", body)["errcode"] == 0
    body["image"] = {"media_id": "made-up"}
    assert ask(wechat, "/cgi-bin/message/custom/send", body)["errcode"] == 40007


def test_a_subscription_message_uses_one_consent_up(wechat: Wechat) -> None:
    data = {"thing1": {"value": "手机壳"}, "amount2": {"value": "12.34元"}, "date3": {"value": "2026-01-01"}}
    body = {"touser": wechat.openid("小红"), "template_id": "T1", "data": data}
    assert ask(wechat, "/cgi-bin/message/subscribe/send", body)["errcode"] == 43101
    wechat.consent("小红", "T1")
    bad = {**body, "data": {"thing1": {"value": "长" * 21}}}
    assert ask(wechat, "/cgi-bin/message/subscribe/send", bad)["errcode"] == 47003
    assert ask(wechat, "/cgi-bin/message/subscribe/send", body)["errcode"] == 0
    assert ask(wechat, "/cgi-bin/message/subscribe/send", body)["errcode"] == 43101


def shipping(wechat: Wechat, tracking: str = "SF1", **changes: Any) -> dict[str, Any]:
    parcel = {
        "tracking_no": tracking, "express_company": "SF", "item_desc": "手机壳",
        "contact": {"receiver_contact": "139****0000"},
    }  # fmt: skip
    key = {"order_number_type": 1, "mchid": wechat.account.mch_id, "out_trade_no": "order-0001"}
    body = {
        "order_key": key, "logistics_type": 1, "delivery_mode": 1, "shipping_list": [parcel],
        "upload_time": "2026-01-01T12:00:00.000+08:00", "payer": {"openid": wechat.openid()},
    }  # fmt: skip
    return ask(wechat, "/wxa/sec/order/upload_shipping_info", {**body, **changes})


def test_what_was_paid_is_shipped_and_corrected_once(wechat: Wechat, merchant: WeChatPay) -> None:
    assert shipping(wechat)["errcode"] == 10060001
    paid(wechat, merchant, "order-0001")
    assert shipping(wechat, upload_time="yesterday")["errcode"] == 268485216
    assert shipping(wechat, payer={"openid": wechat.openid("小红")})["errcode"] == 10060031
    assert shipping(wechat, shipping_list=[])["errcode"] == 10060014
    assert shipping(wechat)["errcode"] == 0
    assert shipping(wechat)["errcode"] == 10060023
    assert shipping(wechat, "SF2")["errcode"] == 0
    assert shipping(wechat, "SF3")["errcode"] == 10060003
    assert len(wechat.ledger()["shipments"]) == 1


def test_what_was_given_back_as_a_whole_is_not_shipped(wechat: Wechat, merchant: WeChatPay) -> None:
    paid(wechat, merchant, "order-0001")
    refund(merchant, "order-0001", "refund-1", 34)
    assert shipping(wechat)["errcode"] == 0, "a part was"
    refund(merchant, "order-0001", "refund-2", 1200)
    assert shipping(wechat, "SF2")["errcode"] == 10060004
