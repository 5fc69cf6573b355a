"""A line of a host's journal, and what the shop's own JSON lines say of themselves. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LEVELS = ("debug", "info", "warning", "error", "critical")
FIELDS = ("MESSAGE", "PRIORITY", "SYSLOG_IDENTIFIER", "_COMM", "_SYSTEMD_UNIT", "UNIT", "CONTAINER_NAME")
"""What is asked of the journal; it always adds a line's time and cursor."""
# By syslog's numbers, from emergency to debug.
_OF_PRIORITY = ("critical", "critical", "critical", "error", "warning", "info", "info", "debug")
# As the role `app` names units and containers: shop-GROUP-RELEASE-SETTINGS.
_UNIT = re.compile(r"shop-([a-z]+)(?:-([0-9a-f]{12}-[0-9a-f]{8}))?(?:\.service)?")
# Of every line of the shop's; its time and level stand in front anyway.
_KNOWN = frozenset(
    ("time", "level", "logger", "message", "environment", "release", "request_id", "exception")
)


@dataclass(frozen=True)
class Entry:
    """One line. `at` is in microseconds since the epoch, by the host's clock.

    `group` is the shop's process group, empty for what is none; `source` is who wrote it, for a reader. `fields`: what
    the shop's line has besides.
    """

    host: str
    at: int
    source: str
    level: str
    message: str
    group: str = ""
    version: str = ""
    request_id: str = ""
    exception: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict[str, Any])
    raw: str = ""
    cursor: str = ""

    @property
    def said(self) -> str:
        """The message with the fields, on one line: a request as `GET /path 200 1.2 ms`."""
        fields, message = dict(self.fields), " ".join(self.message.splitlines())
        if message == "request" and {"method", "path", "status"} <= fields.keys():
            method, path, status = (fields.pop(name) for name in ("method", "path", "status"))
            took = f" {fields.pop('milliseconds')} ms" if "milliseconds" in fields else ""
            message = f"{method} {path} {status}{took}"
        return " ".join([message, *(f"{name}={value}" for name, value in fields.items())])

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        found = {
            "host": self.host,
            "at": self.at / 1e6,
            "level": self.level,
            "source": self.source,
            "group": self.group,
            "version": self.version,
            "message": self.message,
            "request_id": self.request_id,
            "exception": self.exception,
            **self.fields,
        }
        return {name: value for name, value in found.items() if value != ""}


def parse(host: str, line: str) -> Entry | None:
    """Of a line of `journalctl --output=json`; None for one that isn't."""
    try:
        said = json.loads(line)
        at = int(said["__REALTIME_TIMESTAMP"])
    except (ValueError, KeyError, TypeError):
        return None
    raw = _text(said.get("MESSAGE")).rstrip("\n")
    group, version = _shop(said)
    priority = _text(said.get("PRIORITY"))
    level = _OF_PRIORITY[int(priority)] if priority in set("01234567") else "info"
    source = group or _text(said.get("SYSLOG_IDENTIFIER") or said.get("_COMM")) or "?"
    entry = Entry(host, at, source, level, raw, group, version, raw=raw, cursor=_text(said.get("__CURSOR")))
    return _own(entry) if group and raw.startswith("{") else entry


def _own(entry: Entry) -> Entry:
    """The same with what the shop's JSON line says; any other stays."""
    try:
        said = json.loads(entry.raw)
        level, message = said["level"], said["message"]
    except (ValueError, KeyError, TypeError):
        return entry
    if level not in LEVELS or not isinstance(message, str):
        return entry
    return Entry(
        entry.host,
        entry.at,
        entry.source,
        level,
        message,
        entry.group,
        entry.version,
        str(said.get("request_id", "")),
        str(said.get("exception", "")),
        {name: value for name, value in said.items() if name not in _KNOWN},
        entry.raw,
        entry.cursor,
    )


def _shop(said: Mapping[str, Any]) -> tuple[str, str]:
    """The group and the version that a line is of. systemd's own lines name the unit that they are about."""
    for name in ("CONTAINER_NAME", "UNIT", "_SYSTEMD_UNIT"):
        if found := _UNIT.fullmatch(_text(said.get(name))):
            return found[1], found[2] or ""
    return "", ""


def _text(value: Any) -> str:
    """The journal gives bytes that are no text as a list of numbers, and what stands there twice as one of texts."""
    if isinstance(value, list):
        if value and all(isinstance(item, int) and 0 <= item < 256 for item in value):
            return bytes(value).decode(errors="replace")
        return _text(value[0]) if value else ""
    return "" if value is None else str(value)
