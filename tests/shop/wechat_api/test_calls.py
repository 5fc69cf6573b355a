"""The client of WeChat's interface against the sandbox."""

from datetime import UTC, datetime
from typing import Any

import pytest

from core.errors import ApiError
from tests.shop.sandbox import Wechat
from wechat import api
from wechat.errors import WechatError


def refusal(act: Any, **arguments: Any) -> tuple[int, str]:
    with pytest.raises(ApiError) as refused:
        act(**arguments)
    return refused.value.status, refused.value.code


def test_a_login_code_names_its_person(wechat: Wechat) -> None:
    assert api.code_to_session(code=wechat.login("小明")) == api.Login(wechat.openid("小明"), "")


def test_a_phone_code_names_its_number(wechat: Wechat) -> None:
    assert api.phone_number(code=wechat.phone("小明", "13800138000")) == "13800138000"
    assert refusal(api.phone_number, code=wechat.login()) == (400, "invalid_code")


@pytest.mark.parametrize(("text", "suggest"), [("好用", "pass"), ("加微信", "review"), ("赌博", "risky")])
def test_texts_are_checked(wechat: Wechat, text: str, suggest: str) -> None:
    opinion = api.check_text(openid=wechat.openid(), scene=api.Scene.COMMENT, text=text)
    assert (opinion.suggest, opinion.harmless) == (suggest, suggest == "pass")


def test_a_text_of_the_largest_size_passes(wechat: Wechat) -> None:
    assert api.check_text(openid=wechat.openid(), scene=api.Scene.COMMENT, text="好" * 2500).harmless


def test_pictures_are_taken_for_a_check(wechat: Wechat) -> None:
    trace = api.check_image(openid=wechat.openid(), scene=api.Scene.PROFILE, url="https://cdn.test/a.jpg")
    assert trace


def test_a_subscription_message_needs_a_consent(wechat: Wechat) -> None:
    message = {"openid": wechat.openid("小明"), "template_id": "T1", "page": "pages/orders/orders"}
    assert refusal(api.send_subscription, **message, data={"thing1": "手机壳"}) == (409, "no_consent")
    wechat.consent("小明", "T1")
    api.send_subscription(**message, data={"thing1": "手机壳", "amount2": "¥29.90"})
    (sent,) = wechat.ledger()["messages"]
    assert (sent["kind"], sent["body"]["data"]["thing1"]) == ("subscribe", {"value": "手机壳"})
    wechat.consent("小明", "T1")
    with pytest.raises(WechatError) as refused:
        api.send_subscription(**message, data={"thing1": "长" * 21})
    assert (refused.value.errcode, refused.value.status) == (47003, 503)


def test_customer_service_answers_who_has_written(wechat: Wechat) -> None:
    openid = wechat.openid("小明")
    assert refusal(api.send_customer_text, openid=openid, text="您好") == (409, "window_closed")
    wechat.write("小明", "在吗")
    api.send_customer_text(openid=openid, text="您好 & welcome")
    media_id = api.upload_image(name="a.jpg", content=b"\xff\xd8\xff", content_type="image/jpeg")
    api.send_customer_image(openid=openid, media_id=media_id)
    sent = [one for one in wechat.ledger()["messages"] if "您好 & welcome" in str(one)]
    assert len(sent) == 1


def test_a_shipment_of_an_unknown_payment_is_refused(wechat: Wechat) -> None:
    with pytest.raises(WechatError) as refused:
        api.upload_shipping_info(
            out_trade_no="A-1234567",
            openid=wechat.openid(),
            parcels=[api.Parcel("SF", "SF123456", "手机壳×1", "138****8000")],
            uploaded_at=datetime.now(UTC),
        )
    assert refused.value.errcode == 10060001


@pytest.mark.parametrize("weather", [{"down": True}, {"hang_up": True}])
def test_a_wechat_that_is_away_is_said_to_be(wechat: Wechat, weather: dict[str, Any]) -> None:
    code, openid = wechat.login(), wechat.openid()
    wechat.weather(**weather)
    assert refusal(api.code_to_session, code=code) == (503, "wechat_unavailable")
    assert refusal(api.check_text, openid=openid, scene=api.Scene.COMMENT, text="x") == (
        503,
        "wechat_unavailable",
    )
    wechat.weather()
    assert api.check_text(openid=openid, scene=api.Scene.COMMENT, text="x").harmless


def test_a_wechat_that_is_too_slow_is_not_waited_for(wechat: Wechat, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.drivers import https

    monkeypatch.setattr(https, "READ_SECONDS", 0.2)
    code = wechat.login()
    wechat.weather(slow_seconds=1)
    assert refusal(api.code_to_session, code=code) == (503, "wechat_unavailable")
