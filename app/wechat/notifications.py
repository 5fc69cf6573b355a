"""Whether a notification is from WeChat Pay, and what it says.

The library checks signatures and decrypts. It does not check the age, and for a key that it doesn't know it asks
WeChat, which a stranger could make it do all day; both are seen to here, before.
"""

import hmac
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings

from core.errors import ApiError
from wechat import pay

LARGEST_AGE_SECONDS = 300
_ALGORITHM = "WECHATPAY2-SHA256-RSA2048"
_PROBE = "WECHATPAY/SIGNTEST/"


class NotAccepted(ApiError):  # noqa: N818 - says what it is
    """The notification is refused. `code` says why: `probe`, `stale`, `signature`, `malformed`."""


def opened(
    *, headers: Mapping[str, str], body: bytes, clock: Callable[[], float] = time.time
) -> tuple[str, dict[str, Any]]:
    """The event's type and its decrypted resource. Raises NotAccepted (401 or 400)."""
    signature = headers.get("Wechatpay-Signature", "")
    # WeChat sends such probes to see whether signatures are checked, and expects a refusal.
    if signature.startswith(_PROBE):
        raise NotAccepted(401, "probe", "this signature is a test")
    stamp = headers.get("Wechatpay-Timestamp", "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        raise NotAccepted(401, "stale", "there is no timestamp")
    if abs(clock() - int(stamp)) > LARGEST_AGE_SECONDS:
        raise NotAccepted(401, "stale", "the notification is too old")
    named = headers.get("Wechatpay-Serial", "").encode()
    if not hmac.compare_digest(named, settings.SHOP.pay.public_key_id.encode()):
        raise NotAccepted(401, "signature", "signed by a key that isn't known here")
    return _decrypted(_library_headers(headers, signature, stamp), body)


def _library_headers(headers: Mapping[str, str], signature: str, stamp: str) -> dict[str, str]:
    return {
        "Wechatpay-Signature": signature,
        "Wechatpay-Timestamp": stamp,
        "Wechatpay-Nonce": headers.get("Wechatpay-Nonce", ""),
        "Wechatpay-Serial": settings.SHOP.pay.public_key_id,
        # Notifications come without the header in some of WeChat's own examples; the signature decides.
        "Wechatpay-Signature-Type": headers.get("Wechatpay-Signature-Type", _ALGORITHM),
    }


def _decrypted(headers: dict[str, str], body: bytes) -> tuple[str, dict[str, Any]]:
    client = pay.client()
    try:
        genuine = client._core._verify_signature(headers, body.decode())
    except Exception as error:
        # The library raises bare exceptions for algorithms that it doesn't know and signatures of the wrong length.
        raise NotAccepted(401, "signature", "the signature can't be checked") from error
    if not genuine:
        raise NotAccepted(401, "signature", "the signature is wrong")
    try:
        event = client.callback(headers, body)
        kind, resource = event["event_type"], event["resource"]
    except Exception as error:
        raise NotAccepted(400, "malformed", "the notification can't be decrypted") from error
    if not isinstance(kind, str) or not isinstance(resource, dict):
        raise NotAccepted(400, "malformed", "the notification is not of the documented shape")
    return kind, resource


def described(error: ApiError) -> str:
    """The body that WeChat reads, and shows to the merchant, when a notification was not accepted."""
    return json.dumps({"code": "FAIL", "message": error.message}, ensure_ascii=False)
