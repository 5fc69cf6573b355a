"""The sandbox is killed: nothing that it acknowledged is lost, and what it owed is delivered."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.shop.sandbox import Wechat, running
from tests.unit.region.wechat.orders import paid, said
from tests.unit.region.wechat.shop import Shop, client, until
from tests.unit.region.wechat.test_wechat_login import age


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Wechat]:
    """A sandbox that may be killed."""
    with running(tmp_path) as found:
        yield found


def test_whatever_was_acknowledged_survives_kill_9_in_the_middle(own: Wechat, shop: Shop) -> None:
    acknowledged: dict[str, str] = {}
    enough = threading.Event()

    def buy(worker: int) -> None:
        merchant = client(own, shop)
        for turn in range(500):
            number = f"order-{worker}-{turn:04}"
            try:
                acknowledged[number] = paid(own, merchant, number)
            except (requests.RequestException, AssertionError):
                assert enough.is_set(), "refused before the kill"
                return
            if len(acknowledged) >= 40:
                enough.set()

    with ThreadPoolExecutor(4) as pool:
        buyers = [pool.submit(buy, worker) for worker in range(4)]
        assert enough.wait(60)
        own.kill()
        for buyer in buyers:
            buyer.result()
    own.start()
    ledger = {each["out_trade_no"]: each for each in own.settled(60)["payments"]}
    merchant = client(own, shop)
    for number, transaction in acknowledged.items():
        assert (ledger[number]["state"], ledger[number]["transaction_id"]) == ("SUCCESS", transaction)
    told = {merchant.callback(each.headers, each.body)["resource"]["out_trade_no"] for each in shop.received}
    assert told >= set(acknowledged), "a notification was lost with the process"


def test_a_notification_that_is_due_after_the_restart_is_sent_then(own: Wechat, shop: Shop) -> None:
    merchant = client(own, shop)
    own.weather(late_seconds=4)
    paid(own, merchant, "order-0001")
    own.kill()
    assert not shop.received
    own.start()
    assert [each["state"] for each in own.settled()["notifications"]] == ["delivered"]
    assert len(shop.received) == 1


def test_the_weather_codes_and_tokens_survive_too(own: Wechat, shop: Shop) -> None:
    own.weather(bills_at_once=True)
    login, account = own.login(), own.account
    app = {"appid": account.app_id, "secret": account.app_secret}
    token = requests.post(
        f"{own.url}/cgi-bin/stable_token", json={**app, "grant_type": "client_credential"}, timeout=5
    ).json()["access_token"]
    own.kill()
    own.start()
    assert requests.get(f"{own.url}/sandbox/weather", timeout=5).json()["bills_at_once"] is True
    query = {**app, "js_code": login, "grant_type": "authorization_code"}
    session = requests.get(f"{own.url}/sns/jscode2session", params=query, timeout=5).json()
    assert session["openid"] == own.openid()
    again = requests.post(
        f"{own.url}/cgi-bin/stable_token", json={**app, "grant_type": "client_credential"}, timeout=5
    ).json()
    assert again["access_token"] == token
    assert said(client(own, shop).query(out_trade_no="order-9999"))[0] == 404


def test_a_sandbox_that_can_not_deliver_any_more_ends_so_that_another_is_started(own: Wechat) -> None:
    age(own, "DROP TABLE letter")
    until(lambda: not own.alive())
    own.start()
    assert own.settled()["notifications"] == []
