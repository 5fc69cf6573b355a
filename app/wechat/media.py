"""Pictures that people send in WeChat's own chat; WeChat keeps them for three days."""

import logging

import requests
from django.conf import settings

from core.breaker import RestingError
from core.drivers import https
from wechat import token
from wechat.errors import TOKEN_INVALID, WechatUnavailableError, refusal
from wechat.transport import circuit

log = logging.getLogger("shop.wechat")


def download(*, media_id: str) -> bytes:
    """The file's bytes. Raises `WechatError` for one that is unknown or gone, `WechatUnavailableError`."""
    held = token.current()
    response = _get(media_id, held)
    if _errcode(response) in TOKEN_INVALID:
        response = _get(media_id, token.replaced(refused=held))
    errcode = _errcode(response)
    if errcode:
        raise refusal(errcode, "media/get")
    return response.content


def _get(media_id: str, held: str) -> requests.Response:
    try:
        with circuit.watching(*https.UNAVAILABLE):
            response = https.request(
                "GET",
                f"{settings.SHOP.wechat.api}/cgi-bin/media/get",
                params={"access_token": held, "media_id": media_id},
            )
    except (*https.UNAVAILABLE, RestingError) as error:
        log.warning("WeChat can't be reached for media: %s", type(error).__name__)
        # Not `from error`: its text has the address with the token, and would be logged along.
        raise WechatUnavailableError from None
    if response.status_code != 200:
        raise WechatUnavailableError
    return response


def _errcode(response: requests.Response) -> int:
    # A refusal comes as JSON in the place of the file.
    if not response.headers.get("Content-Type", "").startswith(("application/json", "text/plain")):
        return 0
    try:
        return int(response.json().get("errcode", 0))
    except (ValueError, AttributeError):
        return 0
