"""What WeChat's numbers and moods become: a script says what the sandbox says rarely."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from core.errors import ApiError
from tests.shop.wechat_api.script import Script, played
from wechat import api, transport
from wechat.errors import WechatError

LOGIN = "/sns/jscode2session"
PERSON = {"openid": "o1", "session_key": "hidden"}


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Iterator[Script]:
    monkeypatch.setattr(transport, "BUSY_PAUSE_SECONDS", 0.01)
    with played() as made:
        yield made


def log_in() -> tuple[int, str]:
    with pytest.raises(ApiError) as refused:
        api.code_to_session(code="code")
    return refused.value.status, refused.value.code


@pytest.mark.parametrize(
    ("errcode", "status", "code"),
    [
        (40029, 400, "invalid_code"),
        (40163, 400, "invalid_code"),
        (41008, 400, "invalid_code"),
        (45011, 429, "rate_limited"),
        (40226, 403, "risky_user"),
        (40013, 503, "wechat_refused"),
        (40125, 503, "wechat_refused"),
        (99999, 503, "wechat_refused"),
    ],
)
def test_a_number_becomes_an_error_of_the_shop(script: Script, errcode: int, status: int, code: str) -> None:
    script.answers[LOGIN] = {"errcode": errcode, "errmsg": "no"}
    with pytest.raises(WechatError) as refused:
        api.code_to_session(code="code")
    assert (refused.value.errcode, refused.value.status, refused.value.code) == (errcode, status, code)
    assert len(script.asked) == 1


def test_a_busy_wechat_is_asked_once_more(script: Script) -> None:
    busy = {"errcode": -1, "errmsg": "system error"}
    script.answers[LOGIN] = [busy, PERSON]
    assert api.code_to_session(code="code").openid == "o1"
    script.answers[LOGIN] = [busy, busy, PERSON]
    assert log_in() == (503, "wechat_unavailable")
    script.answers[LOGIN] = [busy, {"errcode": 40029, "errmsg": "bad"}]
    assert log_in() == (400, "invalid_code")


@pytest.mark.parametrize("answer", [b"<html>", b"[]", b"", b"null", b"\xff"])
def test_an_answer_that_is_none_counts_as_no_answer(script: Script, answer: bytes) -> None:
    script.answers[LOGIN] = answer
    assert log_in() == (503, "wechat_unavailable")


def test_numbers_of_other_countries_keep_theirs(script: Script) -> None:
    info = {"phoneNumber": "+85261234567", "purePhoneNumber": "61234567", "countryCode": "852"}
    script.answers["/wxa/business/getuserphonenumber"] = {"errcode": 0, "phone_info": info}
    assert api.phone_number(code="code") == "+85261234567"


def test_characters_reach_wechat_unescaped(script: Script) -> None:
    api.send_customer_text(openid="o1", text="您好")
    # WeChat shows its users escapes as they are.
    assert "您好".encode() in script.asked[-1][1]


def test_a_long_text_is_cut_where_wechat_would_refuse_it(script: Script) -> None:
    api.check_text(openid="o1", scene=api.Scene.COMMENT, text="好" * 3000)
    (body,) = script.bodies("/wxa/msg_sec_check")
    assert (body["version"], len(body["content"])) == (2, 2500)


@pytest.mark.parametrize("errcode", [10060002, 10060003, 10060023])
def test_an_upload_that_came_twice_counts_as_done(script: Script, errcode: int) -> None:
    path = "/wxa/sec/order/upload_shipping_info"
    order: dict[str, Any] = {"out_trade_no": "A1", "openid": "o1", "uploaded_at": datetime.now(UTC)}
    parcels = [api.Parcel("SF", "SF1", "货", "138****8000")]
    assert api.upload_shipping_info(**order, parcels=parcels) is True
    script.answers[path] = {"errcode": errcode, "errmsg": "again"}
    assert api.upload_shipping_info(**order, parcels=parcels) is False
    (first, _) = script.bodies(path)
    assert datetime.fromisoformat(first["upload_time"]).utcoffset() is not None
    assert isinstance(first["shipping_list"], list)
