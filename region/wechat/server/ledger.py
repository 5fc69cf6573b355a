"""What the sandbox can testify: every payment and refund, every notification and what came of it."""

import json
import sqlite3
from typing import Any

from region.wechat.server import times
from region.wechat.server.errors import SandboxError
from region.wechat.server.sandbox import Sandbox


def _time(seconds: float | None) -> str | None:
    return None if seconds is None else times.rfc3339(seconds)


def _moment(since: str | None) -> float:
    if not since:
        return 0.0
    try:
        return float(since) if since.replace(".", "", 1).isdecimal() else times.parse(since.replace(" ", "+"))
    except ValueError as error:
        raise SandboxError(400, "INVALID", "since must be an RFC 3339 time or seconds since 1970") from error


def testify(sandbox: Sandbox, since: str | None) -> dict[str, Any]:
    """All that has changed since then (`GET /sandbox/ledger`); everything where no time is given."""
    begin, store = _moment(since), sandbox.store
    changed = "WHERE changed_at >= ? ORDER BY created_at"
    attempts: dict[str, list[dict[str, Any]]] = {}
    for row in store.all(
        "SELECT attempt.* FROM attempt JOIN letter ON letter.id = attempt.letter WHERE letter.changed_at >= ? "
        "ORDER BY attempt.at", begin
    ):  # fmt: skip
        told = {"at": row["at"], "kind": row["kind"], "outcome": row["outcome"]}
        attempts.setdefault(row["letter"], []).append(told)
    letters = store.all(f"SELECT * FROM letter {changed}", begin)  # noqa: S608 - a text of ours
    return {
        "now": sandbox.now(),
        "payments": [_payment(row) for row in store.all(f"SELECT * FROM payment {changed}", begin)],  # noqa: S608
        "refunds": [_refund(row) for row in store.all(f"SELECT * FROM refund {changed}", begin)],  # noqa: S608
        "notifications": [
            _letter(row, attempts.get(row["id"], [])) for row in letters if row["kind"] == "notification"
        ],
        "pushes": [_letter(row, attempts.get(row["id"], [])) for row in letters if row["kind"] == "push"],
        "messages": [
            {
                "at": _time(row["at"]),
                "kind": row["kind"],
                "openid": row["openid"],
                "body": json.loads(row["content"]),
            }
            for row in store.all("SELECT * FROM message WHERE at >= ? ORDER BY at", begin)
        ],
        "shipments": [
            {
                "at": _time(row["at"]),
                "transaction_id": row["transaction_id"],
                "body": json.loads(row["content"]),
            }
            for row in store.all("SELECT * FROM shipment WHERE at >= ? ORDER BY at", begin)
        ],
    }


def _payment(row: sqlite3.Row) -> dict[str, Any]:
    told = {
        name: row[name]
        for name in ("out_trade_no", "transaction_id", "total", "state", "openid", "prepay_id")
    }
    return {**told, "created_at": _time(row["created_at"]), "paid_at": _time(row["paid_at"])}


def _refund(row: sqlite3.Row) -> dict[str, Any]:
    told = {
        name: row[name]
        for name in ("out_refund_no", "refund_id", "out_trade_no", "amount", "status", "reason")
    }
    return {**told, "created_at": _time(row["created_at"]), "success_at": _time(row["success_at"])}


def _letter(row: sqlite3.Row, attempts: list[dict[str, Any]]) -> dict[str, Any]:
    """`state` is `waiting`, `delivered`, or `given up` when WeChat won't send it again."""
    state = "delivered" if row["delivered_at"] else "waiting" if row["due_at"] else "given up"
    told = {name: row[name] for name in ("id", "event", "subject", "url")}
    times_ = {"created_at": _time(row["created_at"]), "delivered_at": _time(row["delivered_at"])}
    return {**told, **times_, "state": state, "next_at": _time(row["due_at"]), "attempts": attempts}
