"""Refunds (WeChat Pay v3): asked for, looked up, and settled some time later."""

import json
import secrets
import sqlite3
from collections.abc import Mapping
from typing import Any

from region.wechat.server import letters, pay, times
from region.wechat.server import pay_request as field
from region.wechat.server.errors import PayError
from region.wechat.server.sandbox import Sandbox

MOST = 50
"""Partial refunds of one order."""
NUMBER = r"[0-9A-Za-z_\-|*@]{1,64}"
YEAR = 365 * 86400


def create(sandbox: Sandbox, body: Mapping[str, Any]) -> dict[str, Any]:
    """`POST /v3/refund/domestic/refunds`: a new refund, or the same one again with the same parameters."""
    number = field.text(body, "/out_refund_no", 64, NUMBER)
    field.text(body, "/reason", 80, optional=True)
    url = field.address(body, "/notify_url", optional=True)
    amount, total = field.amount(body, "/amount/refund"), field.amount(body, "/amount/total")
    field.currency(body, "/amount/currency", optional=False)
    with sandbox.store.transaction():
        payment = _payment(sandbox, body)
        known = _find(sandbox, number)
        request = json.dumps(body, sort_keys=True)
        if known is None:
            _check(sandbox, payment, amount, total)
            now = sandbox.now()
            sandbox.store.run(
                "INSERT INTO refund (out_refund_no, request, refund_id, out_trade_no, amount, reason, notify_url, "
                "status, created_at, due_at, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                number, request, _refund_id(now), payment["out_trade_no"], amount, body.get("reason") or "", url,
                "PROCESSING", now, now + sandbox.weather.refund_seconds, now,
            )  # fmt: skip
            pay.set_state(sandbox, payment["out_trade_no"], "REFUND")
            known = _find(sandbox, number)
        elif known["request"] != request:
            raise PayError(400, "INVALID_REQUEST", "订单金额或退款金额与之前请求不一致，请核实后再试")
        assert known is not None
        return told(known, payment)


def _refund_id(now: float) -> str:
    return f"503{secrets.randbelow(10**7):07}{times.day(now):%Y%m%d}{secrets.randbelow(10**11):011}"


def _find(sandbox: Sandbox, number: str) -> sqlite3.Row | None:
    return sandbox.store.one("SELECT * FROM refund WHERE out_refund_no = ?", number)


def _payment(sandbox: Sandbox, body: Mapping[str, Any]) -> sqlite3.Row:
    by_id = bool(body.get("transaction_id"))
    number = field.text(body, "/transaction_id" if by_id else "/out_trade_no", 32)
    row = pay.find(sandbox, number, "transaction_id" if by_id else "out_trade_no")
    if row is None:
        raise PayError(404, "RESOURCE_NOT_EXISTS", "订单不存在")
    return row


def _check(sandbox: Sandbox, payment: sqlite3.Row, amount: int, total: int) -> None:
    if payment["state"] not in ("SUCCESS", "REFUND"):
        raise PayError(400, "INVALID_REQUEST", "订单未支付，不允许退款")
    if total != payment["total"]:
        raise PayError(400, "INVALID_REQUEST", "订单金额或退款金额与之前请求不一致，请核实后再试")
    if sandbox.now() - payment["paid_at"] > YEAR:
        raise PayError(400, "INVALID_REQUEST", "订单已超过可退款的最大期限")
    of_it = "FROM refund WHERE out_trade_no = ? AND status != 'CLOSED'"
    if sandbox.store.number(f"SELECT COUNT(*) {of_it}", payment["out_trade_no"]) >= MOST:
        raise PayError(400, "INVALID_REQUEST", "退款次数超过限制，每个订单最多退款 50 次")
    if sandbox.store.number(f"SELECT SUM(amount) {of_it}", payment["out_trade_no"]) + amount > total:
        raise PayError(400, "INVALID_REQUEST", "申请退款金额大于订单可退金额")


def query(sandbox: Sandbox, number: str) -> dict[str, Any]:
    """`GET /v3/refund/domestic/refunds/{out_refund_no}`."""
    row = _find(sandbox, number)
    if row is None:
        raise PayError(404, "RESOURCE_NOT_EXISTS", "退款单不存在")
    payment = pay.find(sandbox, row["out_trade_no"])
    assert payment is not None
    return told(row, payment)


def told(row: sqlite3.Row, payment: sqlite3.Row) -> dict[str, Any]:
    """A refund as WeChat Pay tells it in an answer."""
    amount, total = row["amount"], payment["total"]
    answer = {
        "refund_id": row["refund_id"],
        "out_refund_no": row["out_refund_no"],
        "transaction_id": payment["transaction_id"],
        "out_trade_no": row["out_trade_no"],
        "channel": "ORIGINAL",
        "user_received_account": "支付用户零钱",
        "create_time": times.rfc3339(row["created_at"]),
        "status": row["status"],
        "funds_account": "AVAILABLE",
        "amount": {
            "total": total,
            "refund": amount,
            "payer_total": total,
            "payer_refund": amount,
            "settlement_total": total,
            "settlement_refund": amount,
            "discount_refund": 0,
            "currency": "CNY",
        },
    }
    return {**answer, "success_time": times.rfc3339(row["success_at"])} if row["success_at"] else answer


def settle_due(sandbox: Sandbox) -> None:
    """End the refunds whose time has come, as the weather says, and have the shop told."""
    now, status = sandbox.now(), sandbox.weather.refund_outcome
    for row in sandbox.store.all("SELECT * FROM refund WHERE due_at <= ? ORDER BY due_at", now):
        with sandbox.store.transaction():
            sandbox.store.run(
                "UPDATE refund SET status = ?, due_at = NULL, success_at = ?, changed_at = ? WHERE out_refund_no = ?",
                status, now if status == "SUCCESS" else None, now, row["out_refund_no"],
            )  # fmt: skip
            settled, payment = _find(sandbox, row["out_refund_no"]), pay.find(sandbox, row["out_trade_no"])
            assert settled is not None
            assert payment is not None
            told_ = told(settled, payment)
            kept = (
                "out_trade_no",
                "transaction_id",
                "out_refund_no",
                "refund_id",
                "success_time",
                "user_received_account",
            )
            amounts = {
                name: told_["amount"][name] for name in ("total", "refund", "payer_total", "payer_refund")
            }
            resource = {name: told_[name] for name in kept if name in told_}
            resource |= {"mchid": sandbox.config.mch_id, "refund_status": status, "amount": amounts}
            letters.notify(sandbox, f"REFUND.{status}", row["out_refund_no"], row["notify_url"], resource)
