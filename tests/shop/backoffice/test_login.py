"""Logging in: passwords can't be guessed, with or without Redis, and nobody else is locked out by it."""

from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from backoffice import throttle
from tests.shop.backoffice.conftest import PASSWORD, Hire
from tests.shop.conftest import forget_clients


def log_in(name: str, password: str, address: str = "10.1.1.1") -> Any:
    """Send the login form."""
    client = Client(headers={"X-Forwarded-For": address})
    return client.post("/admin/login/?next=/admin/", {"username": name, "password": password})


def guess(times: int) -> None:
    """Guess wrongly."""
    for _ in range(times):
        assert log_in("the-manager", "wrong").status_code == 200


@pytest.mark.parametrize("redis", ["with Redis", "without Redis"])
def test_guessing_ends_after_a_few_attempts(hire: Hire, redis: str, monkeypatch: pytest.MonkeyPatch) -> None:
    hire("manager")
    if redis == "without Redis":
        before = settings.SHOP
        monkeypatch.setattr(settings, "SHOP", replace(before, redis=replace(before.redis, port=9)))
        forget_clients()
    try:
        guess(throttle.PER_ACCOUNT)
        answer = log_in("The-Manager", PASSWORD)
        assert "次数过多" in answer.content.decode()
        assert log_in("the-manager", PASSWORD).status_code == 200, "the right password doesn't help any more"
        assert log_in("the-manager", PASSWORD, "10.2.2.2").status_code == 302, "others are not locked out"
    finally:
        monkeypatch.undo()
        forget_clients()


def test_who_logs_in_begins_anew(hire: Hire) -> None:
    hire("manager")
    for _ in range(3):
        guess(throttle.PER_ACCOUNT - 1)
        assert log_in("the-manager", PASSWORD).status_code == 302


def test_many_accounts_from_one_address_are_stopped_too(hire: Hire, monkeypatch: pytest.MonkeyPatch) -> None:
    hire("manager")
    monkeypatch.setattr(throttle, "PER_ADDRESS", 6)
    for number in range(6):
        log_in(f"somebody{number}", "wrong")
    assert "次数过多" in log_in("the-manager", PASSWORD).content.decode()


def test_an_unknown_account_looks_like_a_wrong_password(hire: Hire) -> None:
    hire("manager")
    said = [log_in(name, "wrong").content.decode() for name in ("the-manager", "nobody")]
    assert [text.count('class="errornote"') for text in said] == [1, 1]
    assert said[0].partition("errornote")[2][:120] == said[1].partition("errornote")[2][:120]


def test_names_that_make_no_sense_are_refused(hire: Hire) -> None:
    for name in (
        "",
        "a" * 10_000,
        "a\x00b",
        "' OR 1=1 --",
        "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    ):
        assert log_in(name, "x").status_code == 200


def test_the_policy_lets_the_admins_own_files_work_and_nothing_else(hire: Hire) -> None:
    answer = hire("manager").get("/admin/")
    policy = answer["Content-Security-Policy"]
    assert "script-src 'self' https://cdn.test;" in policy
    assert "unsafe" not in policy
    assert "<script>" not in answer.content.decode()
    assert "script-src" not in Client().get("/healthz")["Content-Security-Policy"]
