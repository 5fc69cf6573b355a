"""WeChat's trade bill: fetched as the merchant, signed with the merchant's key, and read line by line.

Source: WeChat Pay v3, "申请交易账单" and "下载账单"; bills are in yuan, the rest of the API in fen.
"""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Protocol
from urllib.parse import urlsplit

from shopctl.drivers.http_session import Reply
from shopctl.errors import ShopctlError
from shopctl.shopper.evidence import Billed

_CHINA = timezone(timedelta(hours=8))
_NOTHING = "NO_STATEMENT_EXIST"
_NOT_YET = frozenset({"INVALID_REQUEST", "STATEMENT_CREATING"})


@dataclass(frozen=True)
class Merchant:
    """The shop's account at WeChat Pay. `private_key` is a PEM text."""

    mch_id: str
    certificate_serial: str
    private_key: str = field(repr=False)

    def authorization(self, path: str) -> str:
        """The header that makes a GET of that path the merchant's."""
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import padding, rsa

        stamp, nonce = f"{time.time():.0f}", secrets.token_hex(16)
        key = serialization.load_pem_private_key(self.private_key.encode(), None)
        assert isinstance(key, rsa.RSAPrivateKey)
        message = f"GET\n{path}\n{stamp}\n{nonce}\n\n".encode()
        signature = base64.b64encode(key.sign(message, padding.PKCS1v15(), hashes.SHA256())).decode()
        parts = {
            "mchid": self.mch_id,
            "nonce_str": nonce,
            "timestamp": stamp,
            "serial_no": self.certificate_serial,
            "signature": signature,
        }
        return "WECHATPAY2-SHA256-RSA2048 " + ",".join(f'{name}="{value}"' for name, value in parts.items())


class Line(Protocol):
    """A connection to WeChat Pay."""

    def request(self, method: str, path: str, *, headers: Mapping[str, str]) -> Reply: ...

    def fetch(self, path: str, *, headers: Mapping[str, str]) -> bytes: ...


def days(began: float, ended: float) -> tuple[date, ...]:
    """The days of a load, as WeChat's bills have them."""
    first, last = (datetime.fromtimestamp(at, _CHINA).date() for at in (began, ended))
    return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))


def fetch(line: Line, merchant: Merchant, wanted: tuple[date, ...]) -> tuple[Billed, ...] | None:
    """What the bills of those days say; None while WeChat has not made one of them. Raises ShopctlError."""
    billed: list[Billed] = []
    for day in wanted:
        path = f"/v3/bill/tradebill?bill_date={day}&bill_type=ALL"
        reply = line.request("GET", path, headers={"Authorization": merchant.authorization(path)})
        code = reply.body.get("code", "") if isinstance(reply.body, dict) else ""
        if code in _NOT_YET:
            return None
        if code == _NOTHING:
            continue
        if reply.status != 200:
            raise ShopctlError(f"WeChat Pay refuses the bill of {day}: {reply.status} {code}")
        file = urlsplit(reply.body["download_url"])
        where = f"{file.path}?{file.query}"
        content = line.fetch(where, headers={"Authorization": merchant.authorization(where)})
        billed += parse(content.decode("utf-8-sig"))
    return tuple(billed)


def parse(text: str) -> list[Billed]:
    """The bill's lines: a payment's with its amount, a refund's with what went back. The sum at the end is left out."""
    head, *rows = text.splitlines()
    names = head.split(",")
    billed = []
    for row in rows:
        if not row.startswith("`"):
            break
        found = dict(zip(names, row[1:].split(",`"), strict=True))
        if found["交易状态"] == "SUCCESS":
            billed.append(Billed(found["商户订单号"], _fen(found["订单金额"]), False))
        elif found["退款状态"] == "SUCCESS":
            billed.append(Billed(found["商户订单号"], _fen(found["退款金额"]), True))
    return billed


def _fen(yuan: str) -> int:
    return int(Decimal(yuan) * 100)
