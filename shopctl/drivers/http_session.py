"""A kept connection to one server, as a phone keeps one: JSON out, JSON in."""

from __future__ import annotations

import http.client
import json
import resource
import select
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from shopctl.errors import ShopctlError

# After so long without use somebody on the way may have forgotten the connection without telling.
IDLE_SECONDS = 15.0


class NoAnswerError(ShopctlError):
    """The server may have done what was asked, or not: its answer did not arrive.

    `code` says in one word why: refused, timeout, reset, tls, garbled.
    """

    def __init__(self, code: str, what: str, where: str) -> None:
        super().__init__(what, where=where)
        self.code = code


@dataclass(frozen=True)
class Address:
    """A server: its URL, and which address to connect to in place of what DNS says of the URL's host."""

    url: str
    connect: str | None = None
    ca: Path | None = None


@dataclass(frozen=True)
class Reply:
    """A status and the JSON that came with it; None for an empty body. `host`: who says that it was the one, if any."""

    status: int
    body: Any
    host: str = ""


@cache
def _context(ca: Path | None) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(ca) if ca else None)


class Session:
    """Used by one thread at a time. A connection is made at need and kept until it breaks."""

    def __init__(self, address: Address, *, timeout: float = 10.0) -> None:
        parts = urlsplit(address.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ShopctlError(f"{address.url!r} is not an http(s) address")
        self._host, self._tls = parts.hostname, parts.scheme == "https"
        self._port = parts.port or (443 if self._tls else 80)
        self._name = self._host if parts.port is None else f"{self._host}:{parts.port}"
        self._prefix, self._where = parts.path.rstrip("/"), address.connect or self._host
        self._address, self._timeout = address, timeout
        self._connection: http.client.HTTPConnection | None = None
        self._used = 0.0

    def request(
        self, method: str, path: str, *, headers: Mapping[str, str], body: Mapping[str, Any] | None = None
    ) -> Reply:
        """One request and its answer, whatever the status. Raises NoAnswerError without one."""
        data, sent = None, dict(headers)
        if body is not None:
            data = json.dumps(body, ensure_ascii=False).encode()
            sent["Content-Type"] = "application/json"
        status, content, host = self._exchange(method, path, data, sent)
        try:
            return Reply(status, _content(status, content), host)
        except ValueError as error:
            raise NoAnswerError(
                "garbled", f"{method} {self._address.url}{path}: {error}", self._where
            ) from error

    def fetch(self, path: str, *, headers: Mapping[str, str]) -> bytes:
        """A file. Raises NoAnswerError, and ShopctlError unless it is there."""
        status, content, _ = self._exchange("GET", path, None, headers)
        if status != 200:
            raise ShopctlError(f"{self._address.url}{path} was answered with {status}", where=self._where)
        return content

    def _exchange(
        self, method: str, path: str, data: bytes | None, headers: Mapping[str, str]
    ) -> tuple[int, bytes, str]:
        sent = {"Host": self._name, "Accept": "application/json", **headers}
        try:
            connection = self._usable()
            connection.request(method, self._prefix + path, body=data, headers=sent)
            answer = connection.getresponse()
            content = answer.read()
            if answer.will_close:
                self.close()
            self._used = time.monotonic()
            return answer.status, content, answer.getheader("X-Served-By", "")
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise NoAnswerError(
                _code(error),
                f"{method} {self._address.url}{path}: {str(error) or type(error).__name__}",
                self._where,
            ) from error

    def close(self) -> None:
        """Give the connection up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _usable(self) -> http.client.HTTPConnection:
        idle = time.monotonic() - self._used > IDLE_SECONDS
        if self._connection is not None and (idle or _hung_up(self._connection.sock)):
            self.close()
        if self._connection is None:
            raw = socket.create_connection((self._where, self._port), self._timeout)
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._connection = http.client.HTTPConnection(self._host, self._port, timeout=self._timeout)
            self._connection.sock = raw
            if self._tls:
                self._connection.sock = _context(self._address.ca).wrap_socket(
                    raw, server_hostname=self._host
                )
        return self._connection


def make_room(connections: int) -> None:
    """Let this process have so many at once. Raises ShopctlError when the system lets nobody have as many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < connections:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (connections, hard))
        except ValueError as error:
            raise ShopctlError(
                f"{connections} connections at once are more than this system allows ({hard})",
                next_step=f"ulimit -n {connections}, as root; or fewer at once",
            ) from error


def _content(status: int, content: bytes) -> Any:
    try:
        return json.loads(content) if content else None
    except ValueError:
        # A proxy on the way refuses in HTML; what should have been the shop's own answer must be JSON.
        if status >= 400:
            return None
        raise


def _hung_up(sock: socket.socket | None) -> bool:
    """Whether the other side has closed: between two answers there is nothing else to read."""
    if sock is None:
        return True
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))


def _code(error: Exception) -> str:
    match error:
        case ssl.SSLError():
            return "tls"
        case TimeoutError():
            return "timeout"
        case ConnectionRefusedError():
            return "refused"
        case OSError() | http.client.RemoteDisconnected():
            return "reset"
        case _:
            return "garbled"
