"""Logging in: by WeChat, by phone, and both of them together."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from cart import store
from core.drivers import redis
from core.identity import digest
from tests.shop.away import without_redis
from tests.shop.sandbox import Wechat
from users import limits
from users.models import Session, User

GUEST = "guest-of-the-login-tests-1"
API = "/api/v1"


@pytest.fixture(autouse=True)
def counted() -> None:
    """Logins are counted, also after a test without Redis."""
    limits._breaker.close()


def post(path: str, code: object, *, token: str = "", guest: str = "") -> Any:
    headers = {
        **({"Authorization": f"Bearer {token}"} if token else {}),
        **({"X-Guest-Token": guest} if guest else {}),
    }
    return Client(headers=headers).post(f"{API}{path}", {"code": code}, content_type="application/json")


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def me(token: str) -> dict[str, Any]:
    found: dict[str, Any] = Client(headers={"Authorization": f"Bearer {token}"}).get(f"{API}/me").json()
    return found


def test_a_code_logs_in_and_the_first_one_registers(wechat: Wechat) -> None:
    answer = post("/auth/wechat", wechat.login("小明"))
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"token", "expires_at", "user"}
    left = datetime.fromisoformat(body["expires_at"]) - timezone.now()
    assert timedelta(days=29, hours=23) < left <= timedelta(days=30)
    assert me(body["token"]) == body["user"]
    assert body["user"] | {"id": 0} == {
        "id": 0,
        "nickname": "微信用户",
        "avatar_url": "",
        "phone": "",
        "roles": ["customer"],
    }
    again = post("/auth/wechat", wechat.login("小明")).json()
    assert again["user"] == body["user"]
    assert again["token"] != body["token"]
    assert me(body["token"]) == body["user"]
    assert post("/auth/wechat", wechat.login("小红")).json()["user"]["id"] != body["user"]["id"]
    assert User.objects.get(pk=body["user"]["id"]).openid == wechat.openid("小明")


def test_openids_that_differ_in_case_are_two_users(wechat: Wechat) -> None:
    openid = wechat.openid("小明")
    User.objects.create(openid=openid.swapcase(), created_at=timezone.now())
    post("/auth/wechat", wechat.login("小明"))
    assert User.objects.count() == 2


def test_a_code_works_once(wechat: Wechat) -> None:
    code = wechat.login()
    assert post("/auth/wechat", code).status_code == 200
    for bad in (code, "made-up"):
        answer = post("/auth/wechat", bad)
        assert refusal(answer) == (400, "invalid_code")
        assert answer.json()["error"]["field"] == "code"
    assert Session.objects.count() == 1


@pytest.mark.parametrize("code", ["", "x" * 129, "a b", "a\n", 7, None, {}])
def test_what_cannot_be_a_code_does_not_reach_wechat(code: object) -> None:
    answer = post("/auth/wechat", code)
    assert refusal(answer) == (400, "invalid")
    assert answer.json()["error"]["field"] == "code"


def test_a_risky_user_is_refused(wechat: Wechat) -> None:
    assert refusal(post("/auth/wechat", wechat.login("risky 老王"))) == (403, "risky_user")


def test_a_blocked_user_is_refused(wechat: Wechat) -> None:
    post("/auth/wechat", wechat.login())
    User.objects.update(blocked_at=timezone.now())
    assert refusal(post("/auth/wechat", wechat.login())) == (403, "blocked")


@pytest.mark.parametrize("path", ["/auth/wechat", "/auth/phone"])
def test_without_wechat_nobody_logs_in(wechat: Wechat, path: str) -> None:
    code = wechat.login()
    wechat.weather(down=True)
    assert refusal(post(path, code)) == (503, "wechat_unavailable")
    wechat.weather()
    assert refusal(post("/auth/phone", "made-up")) == (400, "invalid_code")


def test_neither_secret_nor_session_key_leaves_the_server(wechat: Wechat) -> None:
    answer = post("/auth/wechat", wechat.login())
    assert b"session_key" not in answer.content
    assert wechat.account.app_secret.encode() not in answer.content


def test_first_logins_at_once_make_one_user(wechat: Wechat) -> None:
    codes = [wechat.login() for _ in range(8)]

    def log_in(code: str) -> int:
        try:
            return int(post("/auth/wechat", code).json()["user"]["id"])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(log_in, codes))) == 1
    assert User.objects.count() == 1


def test_the_guests_cart_comes_along(wechat: Wechat) -> None:
    guest = f"g{digest(GUEST)}"
    store.put(guest, sku_id=1, quantity=2, adding=True, most=9)
    user_id = post("/auth/wechat", wechat.login(), guest=GUEST).json()["user"]["id"]
    assert store.load(f"u{user_id}") == {1: 2}
    assert store.load(guest) == {}
    post("/auth/wechat", wechat.login(), guest=GUEST)
    assert store.load(f"u{user_id}") == {1: 2}
    store.put(guest, sku_id=1, quantity=1, adding=True, most=9)
    phone_id = post("/auth/phone", wechat.phone(), guest=GUEST).json()["user"]["id"]
    assert store.load(f"u{phone_id}") == {1: 1}
    assert refusal(post("/auth/wechat", wechat.login(), guest="short")) == (400, "invalid")


def test_logging_in_goes_on_while_redis_is_away(wechat: Wechat) -> None:
    with without_redis():
        by_wechat = post("/auth/wechat", wechat.login(), guest=GUEST)
        by_phone = post("/auth/phone", wechat.phone("小红"), guest=GUEST)
    assert (by_wechat.status_code, by_phone.status_code) == (200, 200)


def test_too_many_logins_of_one_guest_are_refused(wechat: Wechat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PER_GUEST", 2)
    answers = [post("/auth/wechat", wechat.login(), guest=GUEST) for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert refusal(answers[-1]) == (429, "rate_limited")
    assert post("/auth/wechat", wechat.login(), guest=GUEST + "b").status_code == 200
    assert all(
        0 < redis.client().ttl(name) <= limits.WINDOW_SECONDS for name in redis.client().keys("login:*")
    )


def test_too_many_logins_of_one_address_are_refused(wechat: Wechat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PER_ADDRESS", 1)

    def from_address(address: str) -> int:
        client = Client(headers={"X-Real-IP": address})
        body = {"code": wechat.login()}
        return client.post(f"{API}/auth/wechat", body, content_type="application/json").status_code

    assert [from_address(one) for one in ("198.51.100.1", "198.51.100.1", "198.51.100.2")] == [200, 429, 200]


def test_a_phone_number_registers_and_logs_in(wechat: Wechat) -> None:
    first = post("/auth/phone", wechat.phone("小明", "13800138000")).json()
    assert first["user"]["phone"] == "13800138000"
    again = post("/auth/phone", wechat.phone("小明", "13800138000")).json()
    assert again["user"] == first["user"]
    assert User.objects.get().openid is None
    code = wechat.phone()
    assert post("/auth/phone", code).status_code == 200
    assert refusal(post("/auth/phone", code)) == (400, "invalid_code")


def test_who_registered_by_phone_gets_their_wechat(wechat: Wechat) -> None:
    phone = post("/auth/phone", wechat.phone("小明", "13800138000")).json()
    joined = post("/auth/wechat", wechat.login("小明"), token=phone["token"]).json()
    assert joined["user"] == phone["user"]
    assert User.objects.get().openid == wechat.openid("小明")
    # From now on either way leads there.
    assert post("/auth/wechat", wechat.login("小明")).json()["user"] == phone["user"]
    assert post("/auth/phone", wechat.phone("小明", "13800138000")).json()["user"] == phone["user"]


def test_nobody_takes_over_an_account_with_their_wechat(wechat: Wechat) -> None:
    victim = post("/auth/wechat", wechat.login("小明")).json()
    phone = post("/auth/phone", wechat.phone("小红", "13800138000")).json()
    # Somebody else's openid has a user, who is logged in; the phone's user gets nothing.
    assert post("/auth/wechat", wechat.login("小明"), token=phone["token"]).json()["user"] == victim["user"]
    assert User.objects.get(pk=phone["user"]["id"]).openid is None
    # A user with an openid keeps it.
    other = post("/auth/wechat", wechat.login("小刚"), token=victim["token"]).json()
    assert other["user"]["id"] not in (victim["user"]["id"], phone["user"]["id"])
    assert User.objects.get(pk=victim["user"]["id"]).openid == wechat.openid("小明")
    # A token that has ended proves nothing.
    Client(headers={"Authorization": f"Bearer {phone['token']}"}).post(f"{API}/auth/logout-everywhere")
    fresh = post("/auth/wechat", wechat.login("小丽"), token=phone["token"]).json()
    assert fresh["user"]["id"] != phone["user"]["id"]


def test_a_user_sets_their_phone_number_but_not_anothers(wechat: Wechat) -> None:
    user = post("/auth/wechat", wechat.login("小明")).json()
    answer = post("/me/phone", wechat.phone("小明", "13800138000"), token=user["token"])
    assert (answer.status_code, answer.json()["phone"]) == (200, "13800138000")
    same = post("/me/phone", wechat.phone("小明", "13800138000"), token=user["token"])
    assert same.json() == answer.json()
    stranger = post("/auth/wechat", wechat.login("小红")).json()
    taken = post("/me/phone", wechat.phone("小红", "13800138000"), token=stranger["token"])
    assert refusal(taken) == (409, "phone_taken")
    assert me(stranger["token"])["phone"] == ""
    assert me(user["token"])["phone"] == "13800138000"
    assert refusal(post("/me/phone", wechat.phone())) == (401, "login_required")


def test_phones_set_at_once_have_one_owner(wechat: Wechat) -> None:
    tokens = [post("/auth/wechat", wechat.login(f"人{n}")).json()["token"] for n in range(6)]
    codes = [wechat.phone("小明", "13800138000") for _ in tokens]

    def set_phone(token: str, code: str) -> int:
        try:
            return int(post("/me/phone", code, token=token).status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(set_phone, tokens, codes)) == [200, 409, 409, 409, 409, 409]


def test_a_client_learns_its_environment(wechat: Wechat) -> None:
    expected = {"app_id": wechat.account.app_id, "bridge_url": wechat.url}
    assert Client().get(f"{API}/client").json() == expected
