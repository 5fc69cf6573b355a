"""Content checks, subscription messages and customer-service messages (api.weixin.qq.com)."""

import json
import re
import secrets
import uuid
from collections.abc import Mapping
from typing import Any

from region.wechat.server import letters, people
from region.wechat.server.errors import ApiError
from region.wechat.server.sandbox import Sandbox

RISKY = {"违禁": 20006, "赌博": 20006, "诈骗": 20008}
REVIEW = {"加微信": 10001}
"""Words, and the label that WeChat gives to what has them (msgSecCheck, "label")."""
LABELS = {"pass": 100, "review": 10001, "risky": 20002}
WINDOW = 48 * 3600
"""Seconds in which a customer who wrote may be answered."""
ANSWERS = 5
"""How many answers a customer's message allows in a mini-program."""
FIELDS = {
    "thing": r".{1,20}",
    "number": r"-?[0-9]{1,32}(\.[0-9]{1,32})?",
    "letter": r"[A-Za-z]{1,32}",
    "symbol": r"[^\w\s]{1,5}",
    "character_string": r"[\x20-\x7e]{1,32}",
    "time": r".{4,40}",
    "date": r".{4,40}",
    "amount": r"[¥￥$€]?[0-9]{1,10}(\.[0-9]{1,2})?元?",
    "phone_number": r"[0-9+\-]{1,17}",
    "car_number": r".{1,8}",
    "name": r".{1,20}",
    "phrase": r"[\u4e00-\u9fff]{1,5}",
}
"""What a field of a subscription message may hold, by its kind (subscribeMessage.send, "参数限制说明")."""


def _user(sandbox: Sandbox, openid: object) -> Any:
    person = people.find(sandbox, openid)
    if person is None:
        raise ApiError(40003, "invalid openid")
    return person


def _verdict(suggest: str, label: int) -> dict[str, Any]:
    detail = {"strategy": "content_model", "errcode": 0, "suggest": suggest, "label": label, "prob": 90}
    return {"detail": [detail], "result": {"suggest": suggest, "label": label}}


def check_text(sandbox: Sandbox, body: Mapping[str, Any]) -> dict[str, Any]:
    """`POST /wxa/msg_sec_check`, version 2."""
    content = body.get("content")
    if not isinstance(content, str) or not content:
        raise ApiError(44004, "empty content")
    if len(content) > 2500:
        raise ApiError(45002, "content size out of limit")
    _check_asked(sandbox, body)
    found = next(
        ((kind, label) for kind, words in (("risky", RISKY), ("review", REVIEW)) for word, label in words.items()
         if word in content),
        ("pass", 100),
    )  # fmt: skip
    return {"errcode": 0, "errmsg": "ok", **_verdict(*found), "trace_id": uuid.uuid4().hex}


def _check_asked(sandbox: Sandbox, body: Mapping[str, Any]) -> Any:
    if body.get("version") != 2:
        raise ApiError(40097, "invalid args: version")
    if body.get("scene") not in (1, 2, 3, 4):
        raise ApiError(40129, "invalid scene")
    return _user(sandbox, body.get("openid"))


def check_media(sandbox: Sandbox, body: Mapping[str, Any]) -> dict[str, Any]:
    """`POST /wxa/media_check_async`: the result is pushed. The media isn't looked at: the weather says what it is."""
    if not re.match(r"https?://", str(body.get("media_url"))):
        raise ApiError(40097, "invalid args: media_url")
    if body.get("media_type") not in (1, 2):
        raise ApiError(40004, "invalid media type")
    person, trace = _check_asked(sandbox, body), uuid.uuid4().hex
    suggest = sandbox.weather.media_suggest
    event = {
        "FromUserName": person["openid"],
        "MsgType": "event",
        "Event": "wxa_media_check",
        "appid": sandbox.config.app_id,
        "trace_id": trace,
        "version": 2,
        "errcode": 0,
        "errmsg": "ok",
        **_verdict(suggest, LABELS[suggest]),
    }
    with sandbox.store.transaction():
        letters.push(sandbox, "wxa_media_check", trace, event, after=0.3)
    return {"errcode": 0, "errmsg": "ok", "trace_id": trace}


def subscribe(sandbox: Sandbox, body: Mapping[str, Any]) -> dict[str, Any]:
    """`POST /cgi-bin/message/subscribe/send`: uses one consent up."""
    person, template, data = _user(sandbox, body.get("touser")), body.get("template_id"), body.get("data")
    if not isinstance(template, str) or not template:
        raise ApiError(40037, "invalid template_id")
    if not isinstance(data, dict) or not data:
        raise ApiError(47003, "argument invalid! data is empty")
    for name, field in data.items():
        pattern = FIELDS.get(re.sub(r"[0-9]+$", "", name))
        value = field.get("value") if isinstance(field, dict) else None
        if (
            pattern is None
            or not isinstance(value, str | int | float)
            or not re.fullmatch(pattern, str(value))
        ):
            raise ApiError(47003, f"argument invalid! data.{name}.value invalid")
    with sandbox.store.transaction():
        used = sandbox.store.run(
            "UPDATE consent SET remaining = remaining - 1 WHERE openid = ? AND template_id = ? AND remaining > 0",
            person["openid"], template,
        )  # fmt: skip
        if not used:
            raise ApiError(43101, "user refuse to accept the msg")
        _keep(sandbox, "subscribe", person["openid"], body)
    return {"errcode": 0, "errmsg": "ok", "msgid": secrets.randbelow(2**53)}


def _keep(sandbox: Sandbox, kind: str, openid: str, body: Mapping[str, Any]) -> None:
    sandbox.store.run(
        "INSERT INTO message (at, kind, openid, content) VALUES (?, ?, ?, ?)",
        sandbox.now(), kind, openid, json.dumps(body, ensure_ascii=False),
    )  # fmt: skip


def custom(sandbox: Sandbox, body: Mapping[str, Any]) -> dict[str, Any]:
    """`POST /cgi-bin/message/custom/send`: an answer to a customer who wrote not long ago."""
    person, kind = _user(sandbox, body.get("touser")), body.get("msgtype")
    part = body.get(kind) if isinstance(kind, str) else None
    if kind not in ("text", "image", "link", "miniprogrampage") or not isinstance(part, dict):
        raise ApiError(40008, "invalid message type")
    if kind == "text" and not part.get("content"):
        raise ApiError(44004, "empty content")
    if kind == "image" and not sandbox.store.one(
        "SELECT 1 FROM media WHERE media_id = ?", part.get("media_id")
    ):
        raise ApiError(40007, "invalid media_id")
    with sandbox.store.transaction():
        if sandbox.now() - person["wrote_at"] > WINDOW:
            raise ApiError(45015, "response out of time limit or subscription is canceled")
        if person["answers"] >= ANSWERS:
            raise ApiError(45047, "out of response count limit")
        sandbox.store.run("UPDATE person SET answers = answers + 1 WHERE name = ?", person["name"])
        _keep(sandbox, "custom", person["openid"], body)
    return {"errcode": 0, "errmsg": "ok"}


def upload_media(sandbox: Sandbox, kind: str, content: bytes) -> dict[str, Any]:
    """`POST /cgi-bin/media/upload`: a picture for an answer."""
    if kind != "image":
        raise ApiError(40004, "invalid media type")
    if not content:
        raise ApiError(44001, "empty media data")
    media_id, now = secrets.token_urlsafe(48), sandbox.now()
    sandbox.store.run("INSERT INTO media VALUES (?, ?, ?, ?)", media_id, kind, len(content), now)
    return {"type": kind, "media_id": media_id, "created_at": int(now)}
