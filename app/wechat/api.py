"""What the shop asks of `api.weixin.qq.com`: logins, phone numbers, content checks, messages, shipping.

Every function raises `wechat.errors.WechatUnavailableError` (503) when WeChat is away and `wechat.errors.WechatError`
(with `errcode`) when it refuses; both are `ApiError`s, so an endpoint may let them pass. The source of all shapes and
numbers is WeChat's "server-side API" reference for mini-programs.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any

from django.conf import settings

from wechat import token, transport
from wechat.errors import SHIPPING_KNOWN, TOKEN_INVALID, WechatError

MAX_CHECKED_TEXT = 2500
MAX_ITEM_DESCRIPTION = 120


class Scene(IntEnum):
    """What a checked text or picture is part of."""

    PROFILE = 1
    COMMENT = 2
    FORUM = 3
    SOCIAL = 4


@dataclass(frozen=True)
class Login:
    """Whom a login code belongs to. The session key that WeChat sends along is not kept: nothing here needs it."""

    openid: str
    unionid: str


@dataclass(frozen=True)
class Opinion:
    """What WeChat holds of a text: `suggest` is `pass`, `review` or `risky`, `label` its number for the reason."""

    suggest: str
    label: int

    @property
    def harmless(self) -> bool:
        """It may be shown."""
        return self.suggest == "pass"


@dataclass(frozen=True)
class Parcel:
    """A line of a shipping list. `carrier` is WeChat's code (`SF`), `contact` a masked phone number, which SF needs."""

    carrier: str
    tracking_number: str
    items: str
    contact: str


def code_to_session(*, code: str) -> Login:
    """Whom a code of `wx.login` belongs to; a code works once. Also raises 400 `invalid_code`, 403 and 429."""
    shop = settings.SHOP.wechat
    params = {
        "appid": shop.app_id,
        "secret": shop.app_secret,
        "js_code": code,
        "grant_type": "authorization_code",
    }
    answer = transport.exchange("GET", "/sns/jscode2session", params=params)
    return Login(str(answer["openid"]), str(answer.get("unionid") or ""))


def phone_number(*, code: str) -> str:
    """The number behind a code of `getPhoneNumber` (one use, five minutes): 11 digits, or `+` and all for abroad."""
    info = _post("/wxa/business/getuserphonenumber", {"code": code})["phone_info"]
    country, number = str(info.get("countryCode") or "86"), str(info["purePhoneNumber"])
    return number if country == "86" else f"+{country}{number}"


def check_text(*, openid: str, scene: Scene, text: str) -> Opinion:
    """WeChat's opinion of at most 2,500 characters that a user wrote (`msg_sec_check` v2)."""
    body = {"version": 2, "openid": openid, "scene": int(scene), "content": text[:MAX_CHECKED_TEXT]}
    result = _post("/wxa/msg_sec_check", body)["result"]
    return Opinion(str(result["suggest"]), int(result.get("label", 0)))


def check_image(*, openid: str, scene: Scene, url: str) -> str:
    """Ask for an opinion of a picture at a public address: its `trace_id`; the opinion is pushed within 30 minutes."""
    body = {"version": 2, "openid": openid, "scene": int(scene), "media_url": url, "media_type": 2}
    return str(_post("/wxa/media_check_async", body)["trace_id"])


def send_subscription(*, openid: str, template_id: str, page: str, data: Mapping[str, str]) -> None:
    """Send one subscribed message. Also raises 409 `no_consent` when the user has none left (43101)."""
    values = {name: {"value": value} for name, value in data.items()}
    body = {"touser": openid, "template_id": template_id, "page": page, "data": values}
    _post("/cgi-bin/message/subscribe/send", body)


def send_customer_text(*, openid: str, text: str) -> None:
    """Customer service writes to a user. Also raises 409 `window_closed` 48 h after the user's last word."""
    _post("/cgi-bin/message/custom/send", {"touser": openid, "msgtype": "text", "text": {"content": text}})


def send_customer_image(*, openid: str, media_id: str) -> None:
    """Customer service sends a picture that `upload_image` took. Also raises 409 `window_closed`."""
    _post(
        "/cgi-bin/message/custom/send",
        {"touser": openid, "msgtype": "image", "image": {"media_id": media_id}},
    )


def upload_image(*, name: str, content: bytes, content_type: str) -> str:
    """Hand WeChat a picture for customer messages; it keeps it three days under the `media_id` answered."""
    files = {"media": (name, content, content_type)}
    return str(_authorized("POST", "/cgi-bin/media/upload", {"type": "image"}, files=files)["media_id"])


def upload_shipping_info(
    *, out_trade_no: str, openid: str, parcels: Sequence[Parcel], uploaded_at: datetime
) -> bool:
    """Tell WeChat that an order was shipped; until then its money stays frozen. `uploaded_at` must be aware.

    False when WeChat had it already, which is how a repetition is answered.
    """
    shipping = [
        {
            "tracking_no": parcel.tracking_number,
            "express_company": parcel.carrier,
            "item_desc": parcel.items[:MAX_ITEM_DESCRIPTION],
            "contact": {"receiver_contact": parcel.contact},
        }
        for parcel in parcels
    ]
    body = {
        "order_key": {
            "order_number_type": 1,
            "mchid": settings.SHOP.pay.mch_id,
            "out_trade_no": out_trade_no,
        },
        "logistics_type": 1,
        "delivery_mode": 1,
        "shipping_list": shipping,
        "upload_time": uploaded_at.isoformat(timespec="milliseconds"),
        "payer": {"openid": openid},
    }
    try:
        _post("/wxa/sec/order/upload_shipping_info", body)
    except WechatError as error:
        if error.errcode not in SHIPPING_KNOWN:
            raise
        return False
    return True


def _post(path: str, body: Mapping[str, Any]) -> dict[str, Any]:
    # Escaped characters would reach the user as escapes.
    return _authorized("POST", path, {}, data=json.dumps(body, ensure_ascii=False).encode())


def _authorized(method: str, path: str, params: dict[str, str], **parts: Any) -> dict[str, Any]:
    held = token.current()
    try:
        return transport.exchange(method, path, params={**params, "access_token": held}, **parts)
    except WechatError as error:
        if error.errcode not in TOKEN_INVALID:
            raise
    held = token.replaced(refused=held)
    return transport.exchange(method, path, params={**params, "access_token": held}, **parts)
