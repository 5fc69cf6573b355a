"""Prepay, query and close (WeChat Pay v3, JSAPI)."""

import json
import secrets
import sqlite3
from collections.abc import Mapping
from typing import Any

from region.wechat.server import pay_request as field
from region.wechat.server import people, times
from region.wechat.server.errors import PayError, parameter
from region.wechat.server.sandbox import Sandbox

PREPAY_LIFE = 7200
"""Seconds that a prepay_id is good for."""
ORDER_LIFE = 7 * 86400
"""Seconds until an order without `time_expire` is closed by itself."""
NUMBER = r"[0-9A-Za-z_\-|*]{6,32}"
STATES = {
    "NOTPAY": "订单未支付",
    "USERPAYING": "用户支付中",
    "SUCCESS": "支付成功",
    "REFUND": "订单发生过退款，退款详情请查询退款单",
    "CLOSED": "订单已关闭",
    "PAYERROR": "支付失败",
}


def prepay(sandbox: Sandbox, body: Mapping[str, Any]) -> dict[str, Any]:
    """`POST /v3/pay/transactions/jsapi`: a new order, or the same one again with the same parameters."""
    number, expires = _check(sandbox, body)
    now, request = sandbox.now(), json.dumps(body, sort_keys=True)
    with sandbox.store.transaction():
        known = find(sandbox, number)
        if known:
            return {"prepay_id": _again(sandbox, known, request)}
        prepay_id = _prepay_id(now)
        sandbox.store.run(
            "INSERT INTO payment (out_trade_no, request, prepay_id, prepaid_at, description, attach, total, openid, "
            "notify_url, created_at, expires_at, state, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            number, request, prepay_id, now, body["description"], body.get("attach") or "", body["amount"]["total"],
            body["payer"]["openid"], body["notify_url"], now, expires or now + ORDER_LIFE, "NOTPAY", now,
        )  # fmt: skip
    return {"prepay_id": prepay_id}


def _prepay_id(now: float) -> str:
    return f"wx{times.clock(now).translate({ord(c): None for c in '-: '})}{secrets.token_hex(10)}"


def _check(sandbox: Sandbox, body: Mapping[str, Any]) -> tuple[str, float | None]:
    if field.text(body, "/appid", 32) != sandbox.config.app_id:
        raise PayError(400, "APPID_MCHID_NOT_MATCH", "appid和mch_id不匹配")
    if field.text(body, "/mchid", 32) != sandbox.config.mch_id:
        raise PayError(400, "PARAM_ERROR", "商户号与签名的商户号不一致")
    field.text(body, "/description", 127)
    number = field.text(body, "/out_trade_no", 32, NUMBER)
    field.text(body, "/attach", 128, optional=True)
    field.address(body, "/notify_url")
    field.amount(body, "/amount/total")
    field.currency(body, "/amount/currency", optional=True)
    if not people.find(sandbox, field.text(body, "/payer/openid", 128)):
        raise parameter("/payer/openid", "无效的openid", body["payer"]["openid"])
    expires = field.moment(body, "/time_expire")
    if expires is not None and expires <= sandbox.now() and not find(sandbox, number):
        raise parameter("/time_expire", "支付结束时间必须晚于当前时间", body["time_expire"])
    return number, expires


def _again(sandbox: Sandbox, known: sqlite3.Row, request: str) -> str:
    if known["state"] in ("SUCCESS", "REFUND"):
        raise PayError(400, "ORDERPAID", "该订单已支付")
    if known["state"] == "CLOSED":
        raise PayError(400, "ORDER_CLOSED", "该订单已关闭")
    if known["request"] != request:
        same = {name: json.loads(known["request"]).get(name) for name in ("appid", "payer")}
        if same != {name: json.loads(request).get(name) for name in same}:
            raise PayError(403, "OUT_TRADE_NO_USED", "商户订单号重复")
        raise PayError(400, "INVALID_REQUEST", "请求重入时，参数与首次请求时不一致")
    now = sandbox.now()
    if now - known["prepaid_at"] < PREPAY_LIFE:
        return str(known["prepay_id"])
    prepay_id = _prepay_id(now)
    change = "UPDATE payment SET prepay_id = ?, prepaid_at = ? WHERE out_trade_no = ?"
    sandbox.store.run(change, prepay_id, now, known["out_trade_no"])
    return prepay_id


def find(sandbox: Sandbox, number: str, column: str = "out_trade_no") -> sqlite3.Row | None:
    """The order, by its number or another of its names; one whose time is over is closed by that."""
    row = sandbox.store.one(f"SELECT * FROM payment WHERE {column} = ?", number)  # noqa: S608 - a name of ours
    if row and row["state"] in ("NOTPAY", "USERPAYING", "PAYERROR") and row["expires_at"] <= sandbox.now():
        set_state(sandbox, row["out_trade_no"], "CLOSED")
        row = sandbox.store.one(f"SELECT * FROM payment WHERE {column} = ?", number)  # noqa: S608
    return row


def set_state(sandbox: Sandbox, number: str, state: str) -> None:
    """Have an order in that state from now on."""
    change = "UPDATE payment SET state = ?, changed_at = ? WHERE out_trade_no = ?"
    sandbox.store.run(change, state, sandbox.now(), number)


def query(sandbox: Sandbox, column: str, number: str, mchid: str | None) -> dict[str, Any]:
    """`GET /v3/pay/transactions/out-trade-no/{n}` and `.../id/{n}`."""
    _check_merchant(sandbox, mchid)
    row = find(sandbox, number, column)
    if row is None:
        raise PayError(404, "ORDER_NOT_EXIST", "订单不存在")
    return transaction(sandbox, row)


def _check_merchant(sandbox: Sandbox, mchid: object) -> None:
    if mchid != sandbox.config.mch_id:
        raise PayError(400, "PARAM_ERROR", "商户号与签名的商户号不一致")


def transaction(sandbox: Sandbox, row: sqlite3.Row) -> dict[str, Any]:
    """An order as WeChat Pay tells it, in an answer and in a notification."""
    amount = {"total": row["total"], "currency": "CNY"}
    told: dict[str, Any] = {
        "mchid": sandbox.config.mch_id,
        "appid": sandbox.config.app_id,
        "out_trade_no": row["out_trade_no"],
        "trade_state": row["state"],
        "trade_state_desc": STATES[row["state"]],
        "attach": row["attach"],
        "promotion_detail": [],
        "payer": {"openid": row["openid"]},
        "amount": amount,
    }
    if row["transaction_id"]:
        told |= {
            "transaction_id": row["transaction_id"],
            "trade_type": "JSAPI",
            "bank_type": "OTHERS",
            "success_time": times.rfc3339(row["paid_at"]),
            "amount": {**amount, "payer_total": row["total"], "payer_currency": "CNY"},
        }
    return told


def close(sandbox: Sandbox, number: str, body: Mapping[str, Any]) -> None:
    """`POST /v3/pay/transactions/out-trade-no/{n}/close`: an order that is closed already stays so."""
    _check_merchant(sandbox, body.get("mchid"))
    with sandbox.store.transaction():
        row = find(sandbox, number)
        if row is None:
            raise PayError(404, "ORDER_NOT_EXIST", "订单不存在")
        if row["state"] in ("SUCCESS", "REFUND"):
            raise PayError(400, "ORDERPAID", "该订单已支付")
        if row["state"] == "USERPAYING":
            raise PayError(202, "USERPAYING", "用户支付中，需要输入密码")
        if row["state"] != "CLOSED":
            set_state(sandbox, number, "CLOSED")
