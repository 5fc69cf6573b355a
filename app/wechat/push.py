"""What WeChat pushes to the shop: is it from WeChat, what is it, and who wants it.

WeChat sends JSON or XML (as its console is set), plain or encrypted ("安全模式"), and sends again when it got no
`success` within 5 s: handlers do nothing the second time.
"""

import json
import logging
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from wechat.crypt import Crypt, CryptError, check, signature

log = logging.getLogger("shop.wechat")
OLDEST_SECONDS = 300
_MAX_VALUES = 200


class PushError(Exception):
    """The request is not from WeChat, not for this app, too old, or not understood."""


@dataclass(frozen=True)
class Event:
    """One thing that happened. `kind` is `text`, `image`, ... or `event/NAME`; `fields` is WeChat's own object."""

    kind: str
    openid: str
    created: int
    fields: Mapping[str, Any]

    def text(self, name: str) -> str:
        """A field as text; empty when it is not there."""
        value = self.fields.get(name)
        return str(value) if isinstance(value, str | int) else ""


@dataclass(frozen=True)
class Envelope:
    """A pushed request: its query and its body."""

    query: Mapping[str, str]
    body: bytes


def verify_address(token: str, query: Mapping[str, str]) -> str:
    """What to answer to WeChat's verification of the address (GET). Raises PushError for a wrong signature."""
    _check(signature(token, query.get("timestamp", ""), query.get("nonce", "")), query.get("signature", ""))
    return query.get("echostr", "")


def open_envelope(
    envelope: Envelope, *, token: str, crypt: Crypt, now: float, plain_too: bool = False
) -> Event:
    """The event of a pushed request. Raises PushError.

    A plain body isn't covered by any signature: whoever sees the address of one request can send any other body with
    its query for `OLDEST_SECONDS`. So it is refused, unless an installation wants it (`plain_too`).
    """
    query = envelope.query
    _check_age(query.get("timestamp", ""), now)
    if query.get("encrypt_type") != "aes":
        if not plain_too:
            raise PushError("the message is not encrypted: set the safe mode in WeChat's console")
        verify_address(token, query)
        return event(read(envelope.body))
    encrypted = read(envelope.body).get("Encrypt")
    if not isinstance(encrypted, str):
        raise PushError("nothing is encrypted")
    expected = signature(token, query["timestamp"], query.get("nonce", ""), encrypted)
    _check(expected, query.get("msg_signature", ""))
    try:
        return event(read(crypt.decrypt(encrypted)))
    except CryptError as error:
        raise PushError(str(error)) from error


def _check(expected: str, sent: str) -> None:
    try:
        check(expected, sent)
    except CryptError as error:
        raise PushError(str(error)) from error


def _check_age(timestamp: str, now: float) -> None:
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        raise PushError("the timestamp is not a number")
    if abs(now - int(timestamp)) > OLDEST_SECONDS:
        raise PushError("the request is too old")


def read(body: bytes) -> dict[str, Any]:
    """The object in a body of JSON or XML. Raises PushError."""
    try:
        if body.lstrip()[:1] == b"<":
            return _read_xml(body)
        found = json.loads(body)
    except (ValueError, RecursionError, ET.ParseError) as error:
        raise PushError("the body is neither JSON nor XML") from error
    if not isinstance(found, dict):
        raise PushError("the body is not an object")
    return found


def _read_xml(body: bytes) -> dict[str, Any]:
    # Entities are how XML attacks its readers, and WeChat needs none.
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise PushError("the body declares entities")
    root = ET.fromstring(body)
    if sum(1 for _ in root.iter()) > _MAX_VALUES:
        raise PushError("the body has too many parts")
    return {part.tag: _value(part) for part in root}


def _value(part: ET.Element) -> Any:
    return {inner.tag: _value(inner) for inner in part} if len(part) else part.text or ""


def event(fields: Mapping[str, Any]) -> Event:
    """The event that a pushed object tells. Raises PushError when it says neither who nor what."""
    kind, name, openid = fields.get("MsgType"), fields.get("Event"), fields.get("FromUserName")
    if not isinstance(kind, str) or not isinstance(openid, str) or not 0 < len(openid) <= 64:
        raise PushError("the message has no type or no sender")
    if kind == "event":
        if not isinstance(name, str):
            raise PushError("the event has no name")
        kind = f"event/{name}"
    created = str(fields.get("CreateTime", ""))
    # Ten digits reach the year 2286; more would be beyond what a date can be.
    if not created.isascii() or not created.isdigit() or len(created) > 10:
        raise PushError("the message has no time")
    return Event(kind, openid, int(created), fields)


Handler = Callable[[Event], None]


def dispatch(happened: Event, handlers: Mapping[str, Handler]) -> bool:
    """Give an event to its handler; False for one that nobody wants, which is no error."""
    handler = handlers.get(happened.kind)
    if handler is None:
        log.info("pushed and not used: %s", happened.kind)
        return False
    handler(happened)
    return True
