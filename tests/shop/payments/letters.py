"""Notifications as WeChat sends them, or as somebody who pretends to be WeChat does."""

import json
import time
from dataclasses import dataclass, fields, replace
from typing import Any

from django.conf import settings
from django.test import Client

from region.wechat import account
from region.wechat.account import Account
from region.wechat.server import signing
from tests.shop.conftest import forget_clients


@dataclass(frozen=True)
class Letterbox:
    """The shop's address for notifications, and the keys of both sides."""

    account: Account
    platform_key: str

    def body(self, resource: dict[str, Any], event: str = "TRANSACTION.SUCCESS") -> str:
        """A notification's body, encrypted."""
        sealed = signing.encrypt(self.account.api_v3_key, json.dumps(resource), "transaction")
        return json.dumps(
            {
                "id": "letter",
                "create_time": "2026-01-02T03:04:05+08:00",
                "resource_type": "encrypt-resource",
                "event_type": event,
                "summary": "支付成功",
                "resource": sealed,
            }
        )

    def headers(self, body: str, *, age: float = 0, key: str | None = None) -> dict[str, str]:
        """Its headers, signed by WeChat or by another key."""
        signer = signing.private_key(key or self.platform_key)
        stamp, nonce = str(int(time.time() - age)), "f" * 32
        return {
            "Wechatpay-Timestamp": stamp,
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Serial": self.account.public_key_id,
            "Wechatpay-Signature": signing.sign(signer, stamp, nonce, body),
            "Wechatpay-Signature-Type": signing.SCHEME,
        }

    def post(self, body: str, headers: dict[str, str], path: str = "notifications") -> Any:
        """Deliver it; the answer."""
        address = f"/api/v1/payments/{path}"
        return Client().post(address, body, content_type="application/json", headers=headers)

    def tell(self, resource: dict[str, Any], **how: Any) -> Any:
        """Deliver a notification that is genuine, but for what is said otherwise."""
        body = self.body(resource)
        return self.post(body, self.headers(body, **how))

    def paid(self, number: str, total: int, **other: Any) -> dict[str, Any]:
        """What WeChat says of a payment."""
        return {
            "mchid": self.account.mch_id,
            "appid": self.account.app_id,
            "out_trade_no": number,
            "transaction_id": f"42{number[:26]}",
            "trade_state": "SUCCESS",
            "success_time": "2026-01-02T03:04:05+08:00",
            "payer": {"openid": "o1"},
            "amount": {"total": total, "payer_total": total, "currency": "CNY", "payer_currency": "CNY"},
            **other,
        }


def letterbox() -> Letterbox:
    """A new account that the shop has from now on; WeChat itself can't be reached."""
    made, key = account.create()
    wanted = {field.name for field in fields(settings.SHOP.pay)}
    known = {name: value for name, value in made.to_json().items() if name in wanted}
    settings.SHOP = replace(settings.SHOP, pay=replace(settings.SHOP.pay, **known, api="http://127.0.0.1:1"))
    forget_clients()
    return Letterbox(made, key)
