"""WeChat Pay v3 for the shop's own merchant: `wechatpayv3` in public-key mode, with typed answers and errors.

Every function that asks WeChat raises a `PayError`: `PayUnavailable` when nobody knows whether WeChat did what was
asked, so that the same must be asked again; the others when WeChat said no. The source of addresses, fields and codes
is WeChat Pay's "API v3" reference.
"""

import gzip
import hashlib
import json
import logging
import os
import secrets
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.conf import settings

from core.breaker import Circuit, RestingError
from core.errors import ApiError

# The library is loaded with the client: the admin, which has these words but no account, starts without it.
if TYPE_CHECKING:
    from wechatpayv3 import WeChatPay

log = logging.getLogger("shop.pay")
TIMEOUT_SECONDS = (2, 4)
circuit = Circuit()
PAYMENT_NOTIFICATIONS = "/api/v1/payments/notifications"
REFUND_NOTIFICATIONS = "/api/v1/payments/refund-notifications"


class PayError(ApiError):
    """WeChat Pay refused a request. `reason` is its own code for why."""

    def __init__(self, status: int, code: str, message: str, *, reason: str) -> None:
        super().__init__(status, code, message)
        self.reason = reason


class PayUnavailable(PayError):  # noqa: N818 - says what it is
    """WeChat Pay is away, too busy, or its answer can't be trusted: 503. What was asked may have been done."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            503, "payment_unavailable", "WeChat Pay can't be reached, please try again", reason=reason
        )


class RateLimited(PayUnavailable):
    """Too many requests: ask again later."""


class NotThere(PayError):  # noqa: N818 - says what it is
    """WeChat Pay knows no such order, refund or bill."""


@dataclass(frozen=True)
class Transaction:
    """What WeChat says of a payment. Money in fen; `transaction_id` and `paid_at` are there once it was paid."""

    out_trade_no: str
    state: str
    mch_id: str
    app_id: str
    transaction_id: str
    total_fen: int
    currency: str
    paid_at: datetime | None

    @property
    def paid(self) -> bool:
        """Somebody has paid; `REFUND` means that a part or all of it was given back since."""
        return self.state in ("SUCCESS", "REFUND")


@dataclass(frozen=True)
class RefundResult:
    """What WeChat says of a refund: `state` is SUCCESS, PROCESSING, CLOSED or ABNORMAL.

    `accepted_at`, the day of whose bill the refund is on, is in answers only, not in notifications.
    """

    out_refund_no: str
    out_trade_no: str
    refund_id: str
    state: str
    refund_fen: int
    total_fen: int
    accepted_at: datetime | None
    refunded_at: datetime | None


@lru_cache(maxsize=1)
def client() -> "WeChatPay":
    """The library's client."""
    from wechatpayv3 import WeChatPay, WeChatPayType

    account = settings.SHOP.pay
    # The library asks by `requests` without a session, whose authorities can be set by this variable only.
    if os.environ.get("SSL_CERT_FILE"):
        os.environ["REQUESTS_CA_BUNDLE"] = os.environ["SSL_CERT_FILE"]
    made = WeChatPay(
        wechatpay_type=WeChatPayType.MINIPROG,
        mchid=account.mch_id,
        private_key=account.private_key,
        cert_serial_no=account.certificate_serial,
        appid=account.app_id,
        apiv3_key=account.api_v3_key,
        public_key=account.public_key,
        public_key_id=account.public_key_id,
        timeout=TIMEOUT_SECONDS,
    )
    # The library knows one gateway and has no way to name another.
    made._core._gate_way = account.api
    return made


def prepay(*, out_trade_no: str, description: str, amount_fen: int, openid: str, expires_at: datetime) -> str:
    """Announce a payment: its prepay_id, good for two hours. The same number has to come with the same values."""
    answer = _ask(
        client().pay,
        description=description,
        out_trade_no=out_trade_no,
        amount={"total": amount_fen, "currency": "CNY"},
        payer={"openid": openid},
        time_expire=rfc3339(expires_at),
        notify_url=settings.SHOP.url + PAYMENT_NOTIFICATIONS,
    )
    return str(answer["prepay_id"])


def payment_parameters(prepay_id: str) -> dict[str, str]:
    """What the client gives to `wx.requestPayment`, signed."""
    account, package = settings.SHOP.pay, f"prepay_id={prepay_id}"
    stamp, nonce = str(int(time.time())), secrets.token_hex(16)
    signature = client().sign([account.app_id, stamp, nonce, package])
    named = {"appId": account.app_id, "timeStamp": stamp, "nonceStr": nonce, "package": package}
    return {**named, "signType": "RSA", "paySign": signature}


def query(*, out_trade_no: str) -> Transaction:
    """What WeChat knows of a payment. Raises NotThere when it was never announced."""
    return transaction(_ask(client().query, out_trade_no=out_trade_no))


def close(*, out_trade_no: str) -> None:
    """Have WeChat take no money for it any more. May be repeated."""
    _ask(client().close, out_trade_no=out_trade_no)


def refund(
    *, out_trade_no: str, out_refund_no: str, refund_fen: int, total_fen: int, reason: str
) -> RefundResult:
    """Give money back. The same `out_refund_no` gives it back once, however often it is asked."""
    answer = _ask(
        client().refund,
        out_refund_no=out_refund_no,
        out_trade_no=out_trade_no,
        amount={"refund": refund_fen, "total": total_fen, "currency": "CNY"},
        reason=reason,
        notify_url=settings.SHOP.url + REFUND_NOTIFICATIONS,
    )
    return refund_result(answer)


def query_refund(*, out_refund_no: str) -> RefundResult:
    """What WeChat knows of a refund. Raises NotThere when it was never asked for."""
    return refund_result(_ask(client().query_refund, out_refund_no=out_refund_no))


def trade_bill(*, day: date) -> str:
    """The text of a day's bill, there from 10:00 (Beijing) on the next. Raises NotThere before, and without trade."""
    offer = _ask(client().trade_bill, bill_date=day.isoformat(), bill_type="ALL")
    packed = _ask_raw(client().download_bill, url=str(offer["download_url"]))
    content = packed if isinstance(packed, bytes) else packed.encode()
    try:
        content = gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
    except (OSError, EOFError, zlib.error) as error:
        raise PayUnavailable("the bill was cut off on its way") from error
    # The download itself isn't signed; the offer, which names its digest, is.
    if hashlib.sha1(content, usedforsecurity=False).hexdigest() != str(offer["hash_value"]).lower():
        raise PayUnavailable("the bill is not the one that was offered")
    return content.decode("utf-8-sig")


def transaction(content: dict[str, Any]) -> Transaction:
    """WeChat's payment, from an answer or a notification."""
    amount = content.get("amount") or {}
    return Transaction(
        out_trade_no=str(content["out_trade_no"]),
        state=str(content["trade_state"]),
        mch_id=str(content.get("mchid", "")),
        app_id=str(content.get("appid", "")),
        transaction_id=str(content.get("transaction_id") or ""),
        total_fen=int(amount.get("total", 0)),
        currency=str(amount.get("currency", "CNY")),
        paid_at=_time(content.get("success_time")),
    )


def refund_result(content: dict[str, Any]) -> RefundResult:
    """WeChat's refund, from an answer (`status`) or a notification (`refund_status`)."""
    return RefundResult(
        out_refund_no=str(content["out_refund_no"]),
        out_trade_no=str(content["out_trade_no"]),
        refund_id=str(content.get("refund_id") or ""),
        state=str(content.get("status") or content["refund_status"]),
        refund_fen=int(content["amount"]["refund"]),
        total_fen=int(content["amount"]["total"]),
        accepted_at=_time(content.get("create_time")),
        refunded_at=_time(content.get("success_time")),
    )


def rfc3339(moment: datetime) -> str:
    """A time as WeChat wants it: to the second, with an offset."""
    return moment.replace(microsecond=0).isoformat()


def _time(text: Any) -> datetime | None:
    return datetime.fromisoformat(str(text)) if text else None


def _ask(call: Callable[..., tuple[int, Any]], **arguments: Any) -> dict[str, Any]:
    text = _ask_raw(call, **arguments)
    if not text:
        return {}
    answer = json.loads(text)
    assert isinstance(answer, dict)
    return answer


def _ask_raw(call: Callable[..., tuple[int, Any]], **arguments: Any) -> str | bytes:
    import requests

    try:
        with circuit.watching(requests.RequestException):
            status, text = call(**arguments)
    except (requests.RequestException, RestingError) as error:
        log.warning("WeChat Pay can't be reached for %s: %s", call.__name__, type(error).__name__)
        raise PayUnavailable(type(error).__name__) from error
    except Exception as error:
        # The library raises bare exceptions, for answers whose signature is wrong above all.
        log.exception("an answer of WeChat Pay to %s is not to be trusted", call.__name__)
        raise PayUnavailable(str(error)[:200]) from error
    # 202 is a refusal too: the order is being paid at this moment.
    if status in (200, 204):
        return text
    raise _refusal(call.__name__, status, text)


def _refusal(what: str, status: int, text: str | bytes) -> PayError:
    try:
        said = json.loads(text)
        reason, message = str(said["code"]), str(said.get("message", ""))
    except (ValueError, KeyError, TypeError):
        reason, message = str(status), "no reason given"
    log.warning("WeChat Pay answered %s %s to %s: %s", status, reason, what, message)
    if status == 429:
        return RateLimited(reason)
    if status >= 500:
        return PayUnavailable(reason)
    if status == 404 or reason in ("NO_STATEMENT_EXIST", "STATEMENT_CREATING"):
        return NotThere(404, "payment_unknown", message, reason=reason)
    return PayError(409, "payment_refused", f"WeChat Pay refused: {reason} {message}"[:300], reason=reason)
