"""The token that the shop's calls to WeChat carry: one for all processes, in Redis, renewed five minutes early.

`POST /cgi-bin/stable_token` answers the same token until it nears its end, so two processes that ask at once do no
harm; a forced refresh, of which WeChat allows 20 a day, ends the old token and is done only when WeChat refused it.
"""

import json
import threading
import time
from dataclasses import dataclass

from django.conf import settings

from core.drivers import redis
from wechat import transport
from wechat.errors import WechatUnavailableError

EARLY_SECONDS = 300
FORCE_PAUSE_SECONDS = 30
_LOCK_MILLISECONDS = 8_000
_WAIT_SECONDS = 6.0
_FORCED_WAIT_SECONDS = 2.0
_POLL_SECONDS = 0.05


@dataclass(frozen=True)
class _Kept:
    token: str
    until: float


_lock = threading.Lock()
_kept: dict[str, _Kept] = {}


def _name(what: str) -> str:
    return f"wechat:{what}:{settings.SHOP.wechat.app_id}"


def current() -> str:
    """The token. One process asks for a new one while the others wait for it. Raises `WechatUnavailableError`."""
    try:
        return _shared()
    except redis.UNAVAILABLE:
        return _own()


def replaced(*, refused: str) -> str:
    """Another token than the one that WeChat refused; forced at most once in 30 s. Raises `WechatUnavailableError`."""
    try:
        if redis.client().get(_name("token")) == refused:
            redis.client().delete(_name("token"))
        found = _shared()
        if found != refused:
            return found
        if redis.client().set(_name("token-forced"), "1", nx=True, ex=FORCE_PAUSE_SECONDS):
            return _fetch(force=True)
        return _awaited(refused)
    except redis.UNAVAILABLE:
        # Without Redis nobody counts the forced refreshes of all processes: only what WeChat gives by itself.
        with _lock:
            _kept.pop(settings.SHOP.wechat.app_id, None)
        found = _own()
        if found == refused:
            raise WechatUnavailableError from None
        return found


def _shared() -> str:
    deadline = time.monotonic() + _WAIT_SECONDS
    while True:
        token = redis.client().get(_name("token"))
        if token:
            return str(token)
        if redis.client().set(_name("token-lock"), "1", nx=True, px=_LOCK_MILLISECONDS):
            try:
                # Somebody may have brought one between the two questions.
                return str(redis.client().get(_name("token")) or _fetch(force=False))
            finally:
                redis.client().delete(_name("token-lock"))
        if time.monotonic() > deadline:
            raise WechatUnavailableError
        time.sleep(_POLL_SECONDS)


def _awaited(refused: str) -> str:
    """What another process, which has forced a refresh, is about to get."""
    deadline = time.monotonic() + _FORCED_WAIT_SECONDS
    while time.monotonic() < deadline:
        token = redis.client().get(_name("token"))
        if token and token != refused:
            return str(token)
        time.sleep(_POLL_SECONDS)
    raise WechatUnavailableError


def _own() -> str:
    with _lock:
        kept = _kept.get(settings.SHOP.wechat.app_id)
        if kept is None or kept.until <= time.monotonic():
            token, seconds = _asked(force=False)
            kept = _kept[settings.SHOP.wechat.app_id] = _Kept(token, time.monotonic() + seconds)
        return kept.token


def _fetch(*, force: bool) -> str:
    token, seconds = _asked(force=force)
    redis.client().set(_name("token"), token, ex=seconds)
    return token


def _asked(*, force: bool) -> tuple[str, int]:
    shop = settings.SHOP.wechat
    body = {
        "grant_type": "client_credential",
        "appid": shop.app_id,
        "secret": shop.app_secret,
        "force_refresh": force,
    }
    answer = transport.exchange("POST", "/cgi-bin/stable_token", data=json.dumps(body).encode())
    return str(answer["access_token"]), max(1, int(answer["expires_in"]) - EARLY_SECONDS)
