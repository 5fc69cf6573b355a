"""The persons with phones: whoever is named exists, and keeps openid and telephone number for good."""

import base64
import hashlib
import hmac
import re
import secrets
import sqlite3

from region.wechat.server.errors import SandboxError
from region.wechat.server.sandbox import Sandbox

VALID = 300
"""Seconds that a code may be used."""
PHONE = re.compile(r"1[3-9][0-9]{9}")
RISKY = "risky"
"""Persons whose names begin so are refused at login, as WeChat does with users that it suspects."""


def openid(app_id: str, person: str) -> str:
    """A person's name in a mini-program: 28 characters, the same for ever."""
    digest = hmac.digest(app_id.encode(), person.encode(), hashlib.sha256)
    return "o" + base64.urlsafe_b64encode(digest).decode()[:27]


def _phone(app_id: str, person: str) -> str:
    digest = hmac.digest(app_id.encode(), f"phone of {person}".encode(), hashlib.sha256)
    return "139" + str(int.from_bytes(digest[:8], "big"))[-8:]


def ensure(sandbox: Sandbox, name: object) -> sqlite3.Row:
    """The person of that name, who comes into being by it."""
    if not isinstance(name, str) or not 0 < len(name) <= 100:
        raise SandboxError(400, "INVALID", "person must be a name of 1 to 100 characters")
    app_id = sandbox.config.app_id
    key = base64.b64encode(secrets.token_bytes(16)).decode()
    sandbox.store.run(
        "INSERT OR IGNORE INTO person (name, openid, session_key, phone) VALUES (?, ?, ?, ?)",
        name, openid(app_id, name), key, _phone(app_id, name),
    )  # fmt: skip
    person = sandbox.store.one("SELECT * FROM person WHERE name = ?", name)
    assert person is not None
    return person


def find(sandbox: Sandbox, wanted: object) -> sqlite3.Row | None:
    """The person of an openid, or None."""
    return sandbox.store.one(
        "SELECT * FROM person WHERE openid = ?", wanted if isinstance(wanted, str) else ""
    )


def new_code(sandbox: Sandbox, kind: str, person: str, phone: str = "") -> str:
    """A code of `kind` login or phone, which works once and not for long."""
    code = secrets.token_urlsafe(24) if kind == "login" else secrets.token_hex(32)
    sandbox.store.run(
        "INSERT INTO code (code, kind, person, phone, expires_at) VALUES (?, ?, ?, ?, ?)",
        code, kind, person, phone, sandbox.now() + VALID,
    )  # fmt: skip
    return code


def use_code(sandbox: Sandbox, kind: str, code: object) -> tuple[sqlite3.Row | None, bool]:
    """Use a code up: its row, or None for one that is unknown or too old; and whether it was used before."""
    if not isinstance(code, str):
        return None, False
    with sandbox.store.transaction():
        row = sandbox.store.one("SELECT * FROM code WHERE code = ? AND kind = ?", code, kind)
        if row is None or row["expires_at"] < sandbox.now():
            return None, False
        sandbox.store.run("UPDATE code SET used = 1 WHERE code = ?", code)
        return row, bool(row["used"])
