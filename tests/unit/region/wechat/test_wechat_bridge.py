"""What H5 gets from the sandbox in a browser: it logs in, and pays or doesn't."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.shop.sandbox import Wechat
from tests.unit.region.wechat.shop import Shop, client, listening

CHROMIUM = "/usr/bin/chromium"


@pytest.fixture(scope="module")
def page(server: Wechat) -> Iterator[Page]:
    """A page of another origin, in the size of a phone, with the bridge in it."""
    html = f'<!doctype html><script src="{server.url}/bridge.js"></script>'
    with listening() as h5, sync_playwright() as playwright:
        h5.answers = [html]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        opened = browser.new_page(viewport={"width": 390, "height": 844}, locale="zh-CN")
        opened.goto(h5.url)
        yield opened
        browser.close()


def parameters(server: Wechat, number: str, person: str) -> dict[str, str]:
    """What the shop gives to `wx.requestPayment`."""
    account, merchant = server.account, client(server, Shop("http://127.0.0.1:9"))
    order: dict[str, Any] = {"amount": {"total": 12900}, "payer": {"openid": server.openid(person)}}
    status, text = merchant.pay(description="数码旗舰店-手机壳", out_trade_no=number, **order)
    assert status == 200, text
    package, stamp = f"prepay_id={json.loads(text)['prepay_id']}", str(int(time.time()))
    signature = merchant.sign([account.app_id, stamp, "nonce", package])
    named = {"appId": account.app_id, "timeStamp": stamp, "nonceStr": "nonce", "package": package}
    return {**named, "signType": "RSA", "paySign": signature}


def begin(page: Page, given: dict[str, str]) -> None:
    """Have the page ask for a payment; how it ends stands in `window.ended`."""
    page.evaluate(
        "given => { window.ended = null; ShopBridge.pay(given).then(r => window.ended = r, e => window.ended = e) }",
        given,
    )


def ended(page: Page) -> str:
    page.wait_for_function("window.ended")
    return str(page.evaluate("window.ended.errMsg"))


def state(server: Wechat, number: str) -> str:
    payments = server.ledger()["payments"]
    return str(next(each for each in payments if each["out_trade_no"] == number)["state"])


def test_login_and_phone_give_codes_of_the_same_person(page: Page) -> None:
    assert page.evaluate("ShopBridge.login()")["code"]
    assert page.evaluate("ShopBridge.phone()")["code"]
    person = page.evaluate("ShopBridge.person")
    page.reload()
    assert page.evaluate("ShopBridge.person") == person


def test_a_person_sees_the_sum_and_pays(page: Page, server: Wechat, tmp_path: Path) -> None:
    begin(page, parameters(server, "bridge-1", page.evaluate("ShopBridge.person")))
    page.get_by_test_id("wechat-pay-confirm").wait_for()
    assert page.get_by_test_id("wechat-pay-amount").inner_text() == "¥129.00"
    page.screenshot(path=tmp_path / "cashier.png")
    page.get_by_test_id("wechat-pay-confirm").click()
    assert ended(page) == "requestPayment:ok"
    assert state(server, "bridge-1") == "SUCCESS"
    assert page.get_by_test_id("wechat-pay-confirm").count() == 0


def test_a_person_changes_their_mind(page: Page, server: Wechat) -> None:
    begin(page, parameters(server, "bridge-2", page.evaluate("ShopBridge.person")))
    page.get_by_test_id("wechat-pay-cancel").click()
    assert ended(page) == "requestPayment:fail cancel"
    assert state(server, "bridge-2") == "NOTPAY"


def test_parameters_with_a_wrong_signature_never_reach_the_cashier(page: Page, server: Wechat) -> None:
    given = parameters(server, "bridge-3", page.evaluate("ShopBridge.person"))
    begin(page, {**given, "nonceStr": "other"})
    assert ended(page) == "requestPayment:fail 支付验证签名失败"
    assert page.get_by_test_id("wechat-pay-confirm").count() == 0


def test_nobody_pays_the_order_of_somebody_else(page: Page, server: Wechat) -> None:
    begin(page, parameters(server, "bridge-4", "小红"))
    page.get_by_test_id("wechat-pay-confirm").click()
    assert ended(page) == "requestPayment:fail 当前支付的用户与下单的用户不一致"
    assert state(server, "bridge-4") == "NOTPAY"
