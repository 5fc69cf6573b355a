"""What the sandbox knows, in one SQLite file. A commit is on the disk before anything is acknowledged."""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

SCHEMA = """
CREATE TABLE IF NOT EXISTS person (
    name TEXT PRIMARY KEY, openid TEXT NOT NULL UNIQUE, session_key TEXT NOT NULL, phone TEXT NOT NULL,
    wrote_at REAL NOT NULL DEFAULT 0, answers INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS code (
    code TEXT PRIMARY KEY, kind TEXT NOT NULL, person TEXT NOT NULL, phone TEXT NOT NULL, expires_at REAL NOT NULL,
    used INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS token (
    token TEXT PRIMARY KEY, made_at REAL NOT NULL, expires_at REAL NOT NULL, forced INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS consent (
    openid TEXT, template_id TEXT, remaining INTEGER NOT NULL, PRIMARY KEY (openid, template_id));
CREATE TABLE IF NOT EXISTS nonce (nonce TEXT PRIMARY KEY, seen_at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS nonce_seen_at ON nonce (seen_at);
CREATE TABLE IF NOT EXISTS payment (
    out_trade_no TEXT PRIMARY KEY, request TEXT NOT NULL, prepay_id TEXT NOT NULL UNIQUE, prepaid_at REAL NOT NULL,
    description TEXT NOT NULL, attach TEXT NOT NULL, total INTEGER NOT NULL, openid TEXT NOT NULL,
    notify_url TEXT NOT NULL, created_at REAL NOT NULL, expires_at REAL NOT NULL, state TEXT NOT NULL,
    transaction_id TEXT UNIQUE, paid_at REAL, changed_at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS payment_paid_at ON payment (paid_at);
CREATE TABLE IF NOT EXISTS refund (
    out_refund_no TEXT PRIMARY KEY, request TEXT NOT NULL, refund_id TEXT NOT NULL UNIQUE, out_trade_no TEXT NOT NULL,
    amount INTEGER NOT NULL, reason TEXT NOT NULL, notify_url TEXT NOT NULL, status TEXT NOT NULL,
    created_at REAL NOT NULL, due_at REAL, success_at REAL, changed_at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS refund_out_trade_no ON refund (out_trade_no);
CREATE INDEX IF NOT EXISTS refund_due_at ON refund (due_at);
CREATE TABLE IF NOT EXISTS letter (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, event TEXT NOT NULL, subject TEXT NOT NULL, url TEXT NOT NULL,
    content TEXT NOT NULL, created_at REAL NOT NULL, due_at REAL, attempts INTEGER NOT NULL DEFAULT 0,
    delivered_at REAL, changed_at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS letter_due_at ON letter (due_at);
CREATE TABLE IF NOT EXISTS attempt (
    letter TEXT NOT NULL, at REAL NOT NULL, kind TEXT NOT NULL, outcome TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS attempt_letter ON attempt (letter);
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, kind TEXT NOT NULL, openid TEXT NOT NULL, content TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS media (
    media_id TEXT PRIMARY KEY, type TEXT NOT NULL, size INTEGER NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS shipment (
    transaction_id TEXT PRIMARY KEY, content TEXT NOT NULL, complete INTEGER NOT NULL, again INTEGER NOT NULL,
    at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS bill (
    token TEXT PRIMARY KEY, content BLOB NOT NULL, zipped INTEGER NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class Fields(Protocol):
    """A row, or anything else whose values have names."""

    def __getitem__(self, name: str, /) -> Any:
        """The value of that name."""


class Store:
    """One connection, used by the event loop's thread alone: statements of two requests never mix."""

    def __init__(self, file: str) -> None:
        self._connection = sqlite3.connect(file, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "busy_timeout = 5000"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.executescript(SCHEMA)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    @contextmanager
    def passing(self) -> Iterator[None]:
        """A transaction that a power cut may undo, but no kill: for what nobody is told about."""
        self._connection.execute("PRAGMA synchronous = NORMAL")
        try:
            with self.transaction():
                yield
        finally:
            self._connection.execute("PRAGMA synchronous = FULL")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of what is done inside, or nothing; one in another is a part of it. There must be no `await` inside."""
        if self._connection.in_transaction:
            yield
            return
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def run(self, statement: str, *values: object) -> int:
        """Run a statement; how many rows it touched."""
        return self._connection.execute(statement, values).rowcount

    def one(self, query: str, *values: object) -> sqlite3.Row | None:
        """The first row, or None."""
        row: sqlite3.Row | None = self._connection.execute(query, values).fetchone()
        return row

    def all(self, query: str, *values: object) -> list[sqlite3.Row]:
        """Every row."""
        return self._connection.execute(query, values).fetchall()

    def number(self, query: str, *values: object) -> float:
        """The first value of the first row; 0 where it is null."""
        row = self.one(query, *values)
        return (row[0] if row else 0) or 0

    def setting(self, name: str) -> Any:
        """A setting that was changed at run time, or None."""
        row = self.one("SELECT value FROM setting WHERE name = ?", name)
        return json.loads(row["value"]) if row else None

    def set(self, name: str, value: object) -> None:
        """Keep a setting over restarts."""
        self.run("INSERT OR REPLACE INTO setting VALUES (?, ?)", name, json.dumps(value))

    def reset(self) -> None:
        """Forget everything."""
        with self.transaction():
            for table in re.findall(r"EXISTS (\w+) \(", SCHEMA):
                self.run(f"DELETE FROM {table}")  # noqa: S608 - names of this module
