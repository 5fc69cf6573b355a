"""One exchange with `api.weixin.qq.com`: how it says no, and what is worth a second try."""

import logging
import time
from typing import Any

from django.conf import settings

from core.breaker import Circuit, RestingError
from core.drivers import https
from wechat.errors import BUSY, WechatUnavailableError, refusal

log = logging.getLogger("shop.wechat")
BUSY_PAUSE_SECONDS = 0.2
circuit = Circuit()


def exchange(method: str, path: str, **parts: Any) -> dict[str, Any]:
    """The answer's JSON object. `parts` are those of `core.drivers.https.request`.

    Raises `WechatUnavailableError`, also when WeChat says twice that it is busy, and `WechatError` for what it refuses.
    """
    answer = _once(method, path, **parts)
    if answer.get("errcode") == BUSY:
        time.sleep(BUSY_PAUSE_SECONDS)
        answer = _once(method, path, **parts)
    errcode = answer.get("errcode", 0)
    if errcode == BUSY:
        raise WechatUnavailableError
    if errcode:
        error = refusal(int(errcode), str(answer.get("errmsg", "")))
        if error.code == "wechat_refused":
            log.error("WeChat refused %s: %s", path, error.message)
        raise error
    return answer


def _once(method: str, path: str, **parts: Any) -> dict[str, Any]:
    try:
        with circuit.watching(*https.UNAVAILABLE):
            response = https.request(method, settings.SHOP.wechat.api + path, **parts)
            answer = response.json() if response.status_code == 200 else None
    except (*https.UNAVAILABLE, RestingError) as error:
        log.warning("WeChat can't be reached for %s: %s", path, type(error).__name__)
        # Not `from error`: its text has the address with the token or the app's secret, and would be logged along.
        raise WechatUnavailableError from None
    if not isinstance(answer, dict):
        log.warning("WeChat answered %s to %s", response.status_code, path)
        raise WechatUnavailableError
    return answer
