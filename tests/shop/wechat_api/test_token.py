"""The token: one for all, renewed early, forced only when WeChat refuses it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.conf import settings

from core.drivers import redis
from core.errors import ApiError
from tests.shop.away import without_redis
from tests.shop.sandbox import Wechat
from tests.shop.wechat_api.script import Script, played
from wechat import api, token

TOKEN = "/cgi-bin/stable_token"
SEND = "/cgi-bin/message/custom/send"
INVALID = {"errcode": 40001, "errmsg": "invalid credential"}
DONE = {"errcode": 0}


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    token._kept.clear()
    yield
    token._kept.clear()


@pytest.fixture
def script() -> Iterator[Script]:
    with played() as made:
        yield made


def given(name: str, seconds: int = 7200) -> dict[str, Any]:
    return {"access_token": name, "expires_in": seconds}


def send() -> None:
    api.send_customer_text(openid="o1", text="您好")


def forced(script: Script) -> list[bool]:
    return [body["force_refresh"] for body in script.bodies(TOKEN)]


def test_the_token_is_asked_for_once_and_renewed_five_minutes_early(script: Script) -> None:
    for _ in range(3):
        send()
    assert forced(script) == [False]
    name = f"wechat:token:{settings.SHOP.wechat.app_id}"
    assert 7200 - 310 < redis.client().ttl(name) <= 7200 - 300


def test_many_at_once_ask_for_it_once(script: Script) -> None:
    with ThreadPoolExecutor(12) as pool:
        assert set(pool.map(lambda _: token.current(), range(24))) == {"token"}
    assert forced(script) == [False]


def test_a_token_that_wechat_replaced_is_fetched_without_force(script: Script) -> None:
    script.answers[TOKEN] = [given("old"), given("new")]
    script.answers[SEND] = [DONE, INVALID, DONE]
    send()
    send()
    assert forced(script) == [False, False]
    assert token.current() == "new"


def test_a_token_that_wechat_holds_on_to_but_refuses_is_forced_once(script: Script) -> None:
    script.answers[TOKEN] = [given("old"), given("old"), given("new")]
    script.answers[SEND] = [INVALID, DONE]
    send()
    assert forced(script) == [False, False, True]
    assert token.current() == "new"
    script.answers[SEND] = INVALID
    script.answers[TOKEN] = given("new")
    with pytest.raises(ApiError) as refused:
        send()
    # WeChat allows the next one after 30 seconds.
    assert refused.value.code == "wechat_unavailable"
    assert forced(script).count(True) == 1


def test_refusals_at_once_force_one_refresh(script: Script) -> None:
    script.answers[TOKEN] = [given("old"), given("old"), given("new")]
    assert token.current() == "old"
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: token.replaced(refused="old"), range(8))) == {"new"}
    assert forced(script).count(True) == 1


def test_without_redis_a_process_keeps_its_own(script: Script) -> None:
    with without_redis():
        send()
        send()
        assert forced(script) == [False]
        script.answers[TOKEN] = given("new")
        script.answers[SEND] = [INVALID, DONE]
        send()
        assert token.current() == "new"
        script.answers[SEND] = INVALID
        with pytest.raises(ApiError) as refused:
            send()
    assert refused.value.status == 503
    # Nobody counts the forced ones of all processes now.
    assert True not in forced(script)


def test_a_token_of_the_sandbox_is_mended(wechat: Wechat) -> None:
    wechat.write("小明", "在吗")
    redis.client().set(f"wechat:token:{wechat.account.app_id}", "of-another-time")
    api.send_customer_text(openid=wechat.openid("小明"), text="您好")
    assert token.current() != "of-another-time"
