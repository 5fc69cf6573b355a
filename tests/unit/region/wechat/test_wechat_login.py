"""Logins, access tokens and telephone numbers."""

import sqlite3
from typing import Any

import pytest
import requests

from tests.shop.sandbox import Wechat


def session(wechat: Wechat, code: str, **changes: str) -> dict[str, Any]:
    account = wechat.account
    query = {"appid": account.app_id, "secret": account.app_secret, "js_code": code, **changes}
    query.setdefault("grant_type", "authorization_code")
    found: dict[str, Any] = requests.get(f"{wechat.url}/sns/jscode2session", params=query, timeout=5).json()
    return found


def token(wechat: Wechat, **changes: object) -> dict[str, Any]:
    account = wechat.account
    body = {
        "grant_type": "client_credential",
        "appid": account.app_id,
        "secret": account.app_secret,
        **changes,
    }
    found: dict[str, Any] = requests.post(f"{wechat.url}/cgi-bin/stable_token", json=body, timeout=5).json()
    return found


def ask(wechat: Wechat, path: str, body: dict[str, Any], access_token: str | None = None) -> dict[str, Any]:
    held = token(wechat)["access_token"] if access_token is None else access_token
    answer = requests.post(f"{wechat.url}{path}", params={"access_token": held}, json=body, timeout=5)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def age(wechat: Wechat, statement: str) -> None:
    """Let time pass for something that the sandbox knows."""
    with sqlite3.connect(wechat.config.parent / "wechat.db", timeout=5) as database:
        database.execute(statement)
    database.close()


def test_a_code_works_once_and_a_person_keeps_the_openid(wechat: Wechat) -> None:
    code = wechat.login("小红")
    first = session(wechat, code)
    assert len(first["openid"]) == 28
    assert first["session_key"]
    assert session(wechat, code)["errcode"] == 40163
    assert session(wechat, wechat.login("小红"))["openid"] == first["openid"] == wechat.openid("小红")
    assert session(wechat, wechat.login("小明"))["openid"] != first["openid"]


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"appid": ""}, 41002),
        ({"secret": ""}, 41004),
        ({"js_code": ""}, 41008),
        ({"appid": "wx0"}, 40013),
        ({"secret": "0"}, 40125),
        ({"js_code": "unknown"}, 40029),
        ({"grant_type": "password"}, 40002),
    ],
)
def test_a_login_that_is_refused(wechat: Wechat, changes: dict[str, str], errcode: int) -> None:
    assert session(wechat, wechat.login(), **changes)["errcode"] == errcode


def test_codes_grow_old_and_risky_users_are_kept_out(wechat: Wechat) -> None:
    code = wechat.login()
    age(wechat, "UPDATE code SET expires_at = expires_at - 301")
    assert session(wechat, code)["errcode"] == 40029
    assert session(wechat, wechat.login("risky-1"))["errcode"] == 40226
    assert session(wechat, wechat.phone("小明"))["errcode"] == 40029, (
        "a code for the number is none for a login"
    )


def test_the_token_stays_the_same_until_five_minutes_before_its_end(wechat: Wechat) -> None:
    first = token(wechat)
    assert first["expires_in"] == 7200
    assert token(wechat)["access_token"] == first["access_token"]
    age(wechat, "UPDATE token SET expires_at = expires_at - 6901")
    second = token(wechat)
    assert second["access_token"] != first["access_token"]
    body = {"code": wechat.phone()}
    assert ask(wechat, "/wxa/business/getuserphonenumber", body, first["access_token"])["errcode"] == 0
    age(wechat, "UPDATE token SET expires_at = expires_at - 300")
    assert ask(wechat, "/wxa/business/getuserphonenumber", body, first["access_token"])["errcode"] == 42001


def test_force_ends_the_old_token_and_has_its_limits(wechat: Wechat) -> None:
    first = token(wechat)["access_token"]
    second = token(wechat, force_refresh=True)["access_token"]
    assert second != first
    assert ask(wechat, "/wxa/msg_sec_check", {}, first)["errcode"] == 42001
    assert token(wechat, force_refresh=True)["errcode"] == 45011
    for _ in range(19):
        age(wechat, "UPDATE token SET made_at = made_at - 31")
        assert "access_token" in token(wechat, force_refresh=True)
    age(wechat, "UPDATE token SET made_at = made_at - 31")
    assert token(wechat, force_refresh=True)["errcode"] == 45009
    assert "access_token" in token(wechat)


def test_without_a_token_nothing_is_done(wechat: Wechat) -> None:
    code = wechat.phone()
    assert ask(wechat, "/wxa/business/getuserphonenumber", {"code": code}, "")["errcode"] == 41001
    assert ask(wechat, "/wxa/business/getuserphonenumber", {"code": code}, "made-up")["errcode"] == 40001
    assert ask(wechat, "/wxa/business/getuserphonenumber", {"code": code})["errcode"] == 0


def test_a_telephone_number_is_told_once(wechat: Wechat) -> None:
    code = wechat.phone("小红", "13800138000")
    info = ask(wechat, "/wxa/business/getuserphonenumber", {"code": code})["phone_info"]
    assert (info["phoneNumber"], info["countryCode"]) == ("13800138000", "86")
    assert ask(wechat, "/wxa/business/getuserphonenumber", {"code": code})["errcode"] == 40029
    again = ask(wechat, "/wxa/business/getuserphonenumber", {"code": wechat.phone("小红")})
    assert again["phone_info"]["purePhoneNumber"] == "13800138000", "the person keeps it"
    refused = requests.post(f"{wechat.url}/sandbox/phone", json={"person": "小红", "phone": "110"}, timeout=5)
    assert refused.status_code == 400


def test_h5_may_call_the_sandbox_from_another_origin(wechat: Wechat) -> None:
    headers = {"Origin": "https://shop.test", "Access-Control-Request-Method": "POST"}
    asked = requests.options(f"{wechat.url}/sandbox/login", headers=headers, timeout=5)
    assert (asked.status_code, asked.headers["Access-Control-Allow-Origin"]) == (204, "*")
    refused = requests.post(f"{wechat.url}/sandbox/pay", json={"prepay_id": "none"}, timeout=5)
    assert (refused.status_code, refused.headers["Access-Control-Allow-Origin"]) == (404, "*")
    script = requests.get(f"{wechat.url}/bridge.js", timeout=5)
    assert script.headers["Content-Type"].startswith("text/javascript")
