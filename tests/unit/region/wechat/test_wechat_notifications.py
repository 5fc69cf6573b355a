"""Notifications: signed, encrypted, and sent until they are taken, whatever the weather."""

import json
import time

from wechatpayv3 import WeChatPay

from tests.shop.sandbox import RETRY_SCALE, Wechat
from tests.unit.region.wechat.orders import paid, prepaid, refund
from tests.unit.region.wechat.shop import Received, Shop, until


def events(shop: Shop, merchant: WeChatPay) -> list[tuple[str, str]]:
    """What the shop was told, by notifications that `wechatpayv3` accepts."""
    found = []
    for each in shop.received:
        told = merchant.callback(each.headers, each.body)
        assert told, "wechatpayv3 refuses it"
        resource = told["resource"]
        found.append((told["event_type"], resource.get("out_refund_no") or resource["out_trade_no"]))
    return found


def test_a_payment_and_a_refund_are_told(wechat: Wechat, shop: Shop, merchant: WeChatPay) -> None:
    transaction = paid(wechat, merchant, "order-0001")
    wechat.settled()
    told = merchant.callback(shop.received[0].headers, shop.received[0].body)
    assert told["event_type"] == "TRANSACTION.SUCCESS"
    assert told["resource_type"] == "encrypt-resource"
    resource = told["resource"]
    assert (resource["transaction_id"], resource["trade_state"]) == (transaction, "SUCCESS")
    assert (resource["amount"]["total"], resource["payer"]["openid"]) == (1234, wechat.openid())
    for number, outcome in (("refund-1", "SUCCESS"), ("refund-2", "ABNORMAL"), ("refund-3", "CLOSED")):
        wechat.weather(refund_outcome=outcome)
        sums = {"refund": 34, "total": 1234, "currency": "CNY"}
        url = f"{shop.url}/refunds"
        merchant.refund(out_refund_no=number, out_trade_no="order-0001", amount=sums, notify_url=url)
        wechat.settled()
        last = merchant.callback(shop.received[-1].headers, shop.received[-1].body)
        assert shop.received[-1].path == "/refunds"
        assert (last["event_type"], last["resource"]["refund_status"]) == (f"REFUND.{outcome}", outcome)
        assert last["resource"]["amount"] == {
            "total": 1234,
            "refund": 34,
            "payer_total": 1234,
            "payer_refund": 34,
        }
    assert len(shop.received) == 4


def test_a_refund_without_an_address_is_told_to_nobody(
    wechat: Wechat, shop: Shop, merchant: WeChatPay
) -> None:
    paid(wechat, merchant, "order-0001")
    merchant._notify_url = None
    refund(merchant, "order-0001", "refund-1", 34)
    assert [each["event"] for each in wechat.settled()["notifications"]] == ["TRANSACTION.SUCCESS"]


def test_what_is_not_taken_is_sent_again_at_wechats_intervals(
    wechat: Wechat, shop: Shop, merchant: WeChatPay
) -> None:
    shop.answers = [500, 401, 302, 204]
    paid(wechat, merchant, "order-0001")
    notification = wechat.settled()["notifications"][0]
    assert [each["outcome"] for each in notification["attempts"]] == ["500", "401", "302", "204"]
    assert notification["state"] == "delivered"
    gaps = [after.at - before.at for before, after in zip(shop.received, shop.received[1:], strict=False)]
    for gap, interval in zip(gaps, (15, 15, 30), strict=True):
        # A busy machine is late, but by less than an interval that is not to scale.
        assert interval * RETRY_SCALE <= gap < interval * RETRY_SCALE + 10
    bodies = [json.loads(each.body) for each in shop.received]
    assert len({body["id"] for body in bodies}) == 1
    assert len({body["resource"]["nonce"] for body in bodies}) == 4
    assert len({each.headers["Wechatpay-Signature"] for each in shop.received}) == 4
    assert events(shop, merchant) == [("TRANSACTION.SUCCESS", "order-0001")] * 4


def test_after_the_last_interval_wechat_gives_up(wechat: Wechat, shop: Shop, merchant: WeChatPay) -> None:
    shop.answers = [500]
    wechat.weather(retry_scale=0)
    paid(wechat, merchant, "order-0001")
    notification = wechat.settled()["notifications"][0]
    assert (notification["state"], len(notification["attempts"])) == ("given up", 16)


def test_duplicates_come_at_the_same_time(wechat: Wechat, shop: Shop, merchant: WeChatPay) -> None:
    # What is sent again is not taken for a duplicate: that would be 15 s later.
    wechat.weather(duplicate=1, retry_scale=1)
    paid(wechat, merchant, "order-0001")
    assert wechat.settled()["notifications"][0]["state"] == "delivered"
    assert len(events(shop, merchant)) == 2
    assert shop.received[1].at - shop.received[0].at < 10


def test_what_got_lost_comes_later(wechat: Wechat, shop: Shop, merchant: WeChatPay) -> None:
    wechat.weather(lose=1)
    paid(wechat, merchant, "order-0001")
    until(lambda: len(wechat.ledger()["notifications"][0]["attempts"]) >= 2)
    assert not shop.received
    wechat.weather()
    attempts = wechat.settled()["notifications"][0]["attempts"]
    assert [each["kind"] for each in attempts][:2] == ["lost", "lost"]
    assert attempts[-1]["kind"] == "delivery"
    assert len(events(shop, merchant)) == 1


def test_late_ones_are_late_and_some_overtake_others(wechat: Wechat, shop: Shop, merchant: WeChatPay) -> None:
    # So late that all three are paid before the first is told, however busy the machine is.
    wechat.weather(late_seconds=4)
    began = time.time()
    paid(wechat, merchant, "order-0001")
    wechat.weather(late_seconds=4, reorder=1)
    paid(wechat, merchant, "order-0002")
    wechat.weather()
    paid(wechat, merchant, "order-0003")
    wechat.settled()
    assert events(shop, merchant)[0] == ("TRANSACTION.SUCCESS", "order-0003")
    late = {
        told[1]: each.at - began for told, each in zip(events(shop, merchant), shop.received, strict=True)
    }
    assert late["order-0001"] >= 4


def test_a_probe_is_not_signed_and_comes_before_the_real_one(
    wechat: Wechat, shop: Shop, merchant: WeChatPay
) -> None:
    shop.answers = [401, 204]
    wechat.weather(signtest=1)
    paid(wechat, merchant, "order-0001")
    attempts = wechat.settled()["notifications"][0]["attempts"]
    assert [(each["kind"], each["outcome"]) for each in attempts] == [
        ("signtest", "401"),
        ("delivery", "204"),
    ]
    probe, real = shop.received
    assert probe.headers["Wechatpay-Signature"].startswith("WECHATPAY/SIGNTEST/")
    assert not merchant.callback(probe.headers, probe.body)
    assert merchant.callback(real.headers, real.body)


def test_five_seconds_are_long_enough(wechat: Wechat, shop: Shop, merchant: WeChatPay) -> None:
    # Far past the five seconds, as a busy machine looks at the clock late.
    shop.slow = 8
    paid(wechat, merchant, "order-0001")
    until(lambda: wechat.ledger()["notifications"][0]["attempts"], 60)
    assert wechat.ledger()["notifications"][0]["attempts"][0]["outcome"] == "no answer within 5 s"
    shop.slow = 0
    assert wechat.settled()["notifications"][0]["state"] == "delivered"


def test_nothing_is_sent_while_wechat_is_down(wechat: Wechat, shop: Shop, merchant: WeChatPay) -> None:
    prepay_id = prepaid(wechat, merchant, "order-0001")
    wechat.weather(down=True)
    wechat.pay(prepay_id)
    time.sleep(0.7)
    assert not shop.received
    wechat.weather()
    wechat.settled()
    assert len(shop.received) == 1


def test_the_ledger_tells_what_changed_since(wechat: Wechat, shop: Shop, merchant: WeChatPay) -> None:
    paid(wechat, merchant, "order-0001")
    wechat.settled()
    now = time.time()
    assert wechat.ledger(since=now)["payments"] == []
    paid(wechat, merchant, "order-0002")
    refund(merchant, "order-0001", "refund-1", 34)
    wechat.settled()
    found = wechat.ledger(since=now)
    assert {each["out_trade_no"] for each in found["payments"]} == {"order-0001", "order-0002"}
    assert [each["out_refund_no"] for each in found["refunds"]] == ["refund-1"]
    assert {each["subject"] for each in found["notifications"]} == {"order-0002", "refund-1"}


def test_hundreds_at_once_all_arrive(wechat: Wechat, shop: Shop, merchant: WeChatPay) -> None:
    wechat.weather(duplicate=0.3, lose=0.3, reorder=0.3, signtest=0.2, retry_scale=0.001)
    numbers = [f"order-{n:04}" for n in range(60)]
    for number in numbers:
        paid(wechat, merchant, number)
    found = wechat.settled(60)
    assert all(each["state"] == "delivered" for each in found["notifications"])
    real = [each for each in shop.received if not _probe(each)]
    told = {merchant.callback(each.headers, each.body)["resource"]["out_trade_no"] for each in real}
    assert told == set(numbers)


def _probe(each: Received) -> bool:
    return each.headers["Wechatpay-Signature"].startswith("WECHATPAY/SIGNTEST/")
