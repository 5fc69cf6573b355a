"""code2Session, access tokens and telephone numbers (api.weixin.qq.com)."""

import secrets
from collections.abc import Mapping
from typing import Any

from region.wechat.server import people
from region.wechat.server.errors import ApiError
from region.wechat.server.sandbox import Sandbox

LIFE = 7200
"""Seconds that an access token is good for."""
EARLY = 300
"""Seconds before its end in which a new one is handed out while the old one still works."""
FORCED_A_DAY = 20
FORCED_APART = 30


def code2session(sandbox: Sandbox, query: Mapping[str, str]) -> dict[str, Any]:
    """`GET /sns/jscode2session`."""
    for name, errcode in (("appid", 41002), ("secret", 41004), ("js_code", 41008)):
        if not query.get(name):
            raise ApiError(errcode, f"{name} missing")
    _check_app(sandbox, query["appid"], query["secret"])
    if query.get("grant_type") != "authorization_code":
        raise ApiError(40002, "invalid grant_type")
    code, used = people.use_code(sandbox, "login", query["js_code"])
    if code is None:
        raise ApiError(40029, "invalid code")
    if used:
        raise ApiError(40163, "code been used")
    if code["person"].startswith(people.RISKY):
        raise ApiError(40226, "code blocked")
    person = people.ensure(sandbox, code["person"])
    return {"session_key": person["session_key"], "openid": person["openid"]}


def _check_app(sandbox: Sandbox, app_id: object, secret: object) -> None:
    if app_id != sandbox.config.app_id:
        raise ApiError(40013, "invalid appid")
    if secret != sandbox.config.app_secret:
        raise ApiError(40125, "invalid appsecret")


def stable_token(sandbox: Sandbox, body: Mapping[str, Any]) -> dict[str, Any]:
    """`POST /cgi-bin/stable_token`: the same token until shortly before its end, or a new one by force."""
    if body.get("grant_type") != "client_credential":
        raise ApiError(40002, "invalid grant_type")
    if not body.get("appid"):
        raise ApiError(41002, "appid missing")
    if not body.get("secret"):
        raise ApiError(41004, "appsecret missing")
    _check_app(sandbox, body["appid"], body["secret"])
    force, now = bool(body.get("force_refresh")), sandbox.now()
    with sandbox.store.transaction():
        current = sandbox.store.one("SELECT * FROM token WHERE expires_at > ? ORDER BY made_at DESC", now)
        if current and not force and current["expires_at"] - now > EARLY:
            return {"access_token": current["token"], "expires_in": int(current["expires_at"] - now)}
        if force:
            _check_force(sandbox, now)
            sandbox.store.run("UPDATE token SET expires_at = ? WHERE expires_at > ?", now, now)
        token = f"{secrets.randbelow(90) + 10}_{secrets.token_urlsafe(96)}"
        sandbox.store.run("INSERT INTO token VALUES (?, ?, ?, ?)", token, now, now + LIFE, force)
    return {"access_token": token, "expires_in": LIFE}


def _check_force(sandbox: Sandbox, now: float) -> None:
    forced = "SELECT COUNT(*) FROM token WHERE forced AND made_at > ?"
    if sandbox.store.number(forced, now - FORCED_APART):
        raise ApiError(45011, "api minute-quota reach limit  mustslower  retry next minute")
    if sandbox.store.number(forced, now - 86400) >= FORCED_A_DAY:
        raise ApiError(45009, "reach max api daily quota limit")


def check_token(sandbox: Sandbox, token: str | None) -> None:
    """Raises `ApiError` unless the token is a good one."""
    if not token:
        raise ApiError(41001, "access_token missing")
    row = sandbox.store.one("SELECT expires_at FROM token WHERE token = ?", token)
    if row is None:
        raise ApiError(40001, "invalid credential, access_token is invalid or not latest")
    if row["expires_at"] <= sandbox.now():
        raise ApiError(42001, "access_token expired")


def phone_number(sandbox: Sandbox, body: Mapping[str, Any]) -> dict[str, Any]:
    """`POST /wxa/business/getuserphonenumber`."""
    code, used = people.use_code(sandbox, "phone", body.get("code"))
    if code is None or used:
        raise ApiError(40029, "invalid code")
    watermark = {"timestamp": int(sandbox.now()), "appid": sandbox.config.app_id}
    return {
        "errcode": 0,
        "errmsg": "ok",
        "phone_info": {
            "phoneNumber": code["phone"],
            "purePhoneNumber": code["phone"],
            "countryCode": "86",
            "watermark": watermark,
        },
    }
