"""A WeChat that answers by a script: for moods and numbers that the sandbox has no weather for."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

CALM: dict[str, Any] = {
    "/cgi-bin/stable_token": {"access_token": "token", "expires_in": 7200},
    "/wxa/msg_sec_check": {"errcode": 0, "result": {"suggest": "pass", "label": 100}},
}


@dataclass
class Script:
    """`answers` by path: an object or bytes, or a list of them, the last for good. `asked` is what was sent."""

    answers: dict[str, Any] = field(default_factory=lambda: dict(CALM))
    asked: list[tuple[str, bytes]] = field(default_factory=list)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def bodies(self, path: str) -> list[dict[str, Any]]:
        """The JSON bodies of the calls of a path."""
        return [json.loads(content) for asked, content in self.asked if asked == path]

    def answer(self, path: str, content: bytes) -> bytes:
        """Note a call, and say what comes next."""
        with self._turn:
            self.asked.append((path, content))
            said = self.answers.get(path, {"errcode": 0})
            if isinstance(said, list):
                said = said.pop(0) if len(said) > 1 else said[0]
        return said if isinstance(said, bytes) else json.dumps(said).encode()


@contextmanager
def played() -> Iterator[Script]:
    """The script on a port of loopback, and the shop pointed at it."""
    script = Script()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = script.answer(urlsplit(self.path).path, content)
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST  # noqa: N815

        def log_message(self, *words: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    before = settings.SHOP
    address = f"http://127.0.0.1:{server.server_address[1]}"
    settings.SHOP = replace(before, wechat=replace(before.wechat, api=address))
    try:
        yield script
    finally:
        settings.SHOP = before
        server.shutdown()
        server.server_close()
        thread.join()
