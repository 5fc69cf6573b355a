"""Orders at the sandbox, in one line each."""

import json
from typing import Any

from wechatpayv3 import WeChatPay

from tests.shop.sandbox import Wechat


def order(wechat: Wechat, number: str, total: int = 1234, **more: Any) -> dict[str, Any]:
    """What the merchant asks prepay for."""
    amount, payer = {"total": total, "currency": "CNY"}, {"openid": wechat.openid()}
    return {"description": "手机壳", "out_trade_no": number, "amount": amount, "payer": payer, **more}


def prepaid(wechat: Wechat, merchant: WeChatPay, number: str, total: int = 1234, **more: Any) -> str:
    """A prepay_id."""
    status, text = merchant.pay(**order(wechat, number, total, **more))
    assert status == 200, text
    return str(json.loads(text)["prepay_id"])


def paid(wechat: Wechat, merchant: WeChatPay, number: str, total: int = 1234) -> str:
    """An order that was paid: its transaction_id."""
    return str(wechat.pay(prepaid(wechat, merchant, number, total))["transaction_id"])


def refund(
    merchant: WeChatPay, number: str, refund_number: str, amount: int, total: int = 1234
) -> tuple[int, Any]:
    """Ask for a refund: status and answer."""
    sums = {"refund": amount, "total": total, "currency": "CNY"}
    return said(merchant.refund(out_refund_no=refund_number, out_trade_no=number, amount=sums))


def said(answer: tuple[int, Any]) -> tuple[int, Any]:
    """Status and content of an answer of `wechatpayv3`."""
    status, text = answer
    return status, json.loads(text) if text else None


def code(answer: tuple[int, Any]) -> tuple[int, str]:
    """Status and code of a refusal."""
    status, content = said(answer) if isinstance(answer[1], str | bytes) else answer
    return status, content["code"]
