"""The shop and the sandbox reach each other, over HTTP and both ways."""

import requests
from django.test import Client

from tests.shop.live import Live
from tests.shop.sandbox import Wechat


def test_the_shop_logs_a_person_in_at_the_sandbox(wechat: Wechat, client: Client) -> None:
    answer = client.post(
        "/api/v1/auth/wechat", {"code": wechat.login("小红")}, content_type="application/json"
    )
    assert answer.status_code == 200, answer.content
    assert answer.json()["token"]


def test_wechat_verifies_the_shops_address_for_pushed_messages(wechat: Wechat, live: Live) -> None:
    wechat.push_to(f"{live.url}/api/v1/wechat/push")
    wechat.write("小红", "你好")
    pushed = wechat.settled()["pushes"]
    assert [push["state"] for push in pushed] == ["delivered"]


def test_the_shop_is_served_on_loopback(live: Live) -> None:
    assert requests.get(f"{live.url}/healthz", timeout=30).status_code == 200
