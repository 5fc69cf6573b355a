"""What has to be delivered: notifications of WeChat Pay, and messages that WeChat pushes."""

import json
import secrets
import uuid
from collections.abc import Mapping
from typing import Any

from region.wechat.server import push_crypto, signing, times, weather
from region.wechat.server.sandbox import Sandbox
from region.wechat.server.store import Fields

SUMMARIES = {
    "TRANSACTION.SUCCESS": "支付成功",
    "REFUND.SUCCESS": "退款成功",
    "REFUND.ABNORMAL": "退款异常",
    "REFUND.CLOSED": "退款关闭",
}


def notify(sandbox: Sandbox, event: str, subject: str, url: str, resource: Mapping[str, Any]) -> None:
    """Have a notification sent; `subject` is the number that it is about. Nothing happens without an address."""
    if url:
        _add(
            sandbox,
            "notification",
            event,
            subject,
            url,
            resource,
            weather.delay(sandbox.weather, sandbox.dice),
        )


def push(sandbox: Sandbox, event: str, subject: str, message: Mapping[str, Any], after: float = 0) -> None:
    """Have a message pushed to where the merchant wants them, after so many seconds."""
    if sandbox.push_url:
        content = {
            "ToUserName": f"gh_{sandbox.config.app_id[2:14]}",
            "CreateTime": int(sandbox.now()),
            **message,
        }
        _add(sandbox, "push", event, subject, sandbox.push_url, content, after)


def _add(
    sandbox: Sandbox, kind: str, event: str, subject: str, url: str, content: Mapping[str, Any], after: float
) -> None:
    now = sandbox.now()
    sandbox.store.run(
        "INSERT INTO letter (id, kind, event, subject, url, content, created_at, due_at, changed_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        str(uuid.uuid4()), kind, event, subject, url, json.dumps(content, ensure_ascii=False), now, now + after, now,
    )  # fmt: skip


def sealed_notification(
    sandbox: Sandbox, letter: Fields, *, probe: bool = False
) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a notification's delivery: encrypted and signed anew each time, as WeChat does."""
    original = letter["event"].partition(".")[0].lower()
    body = json.dumps(
        {
            "id": letter["id"],
            "create_time": times.rfc3339(letter["created_at"]),
            "resource_type": "encrypt-resource",
            "event_type": letter["event"],
            "summary": SUMMARIES[letter["event"]],
            "resource": signing.encrypt(sandbox.config.api_v3_key, letter["content"], original),
        },
        ensure_ascii=False,
    )
    headers = signing.headers(sandbox.own_key, sandbox.config.public_key_id, body, probe=probe)
    return body.encode(), {**headers, "Content-Type": "application/json", "User-Agent": "Mozilla/4.0"}


def sealed_push(sandbox: Sandbox, letter: Fields) -> tuple[bytes, dict[str, str]]:
    """Body and query of a pushed message, in secure mode and JSON."""
    config = sandbox.config
    content = json.loads(letter["content"])
    cipher = push_crypto.encrypt(config.push_aes_key, letter["content"], config.app_id)
    timestamp, nonce = str(int(sandbox.now())), str(secrets.randbelow(2**31))
    query = {
        "signature": push_crypto.signature(config.push_token, timestamp, nonce),
        "timestamp": timestamp,
        "nonce": nonce,
        "openid": content.get("FromUserName", ""),
        "encrypt_type": "aes",
        "msg_signature": push_crypto.signature(config.push_token, timestamp, nonce, cipher),
    }
    return json.dumps({"ToUserName": content["ToUserName"], "Encrypt": cipher}).encode(), query
