"""A WeChat that says what a test wants to hear."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings


@dataclass
class Stub:
    """What was asked, and what is answered: by path, an object or bytes, or a list of them, the last for good."""

    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def bodies(self, path: str) -> list[dict[str, Any]]:
        """The bodies of the calls of a path."""
        return [body for asked, body in self.asked if asked == path]

    def suggest(self, what: str) -> None:
        """What the check of texts says from now on."""
        self.answers["/wxa/msg_sec_check"] = {"errcode": 0, "result": {"suggest": what, "label": 100}}


@contextmanager
def running() -> Iterator[Stub]:
    """The stub, and the shop pointed at it."""
    stub = Stub()
    stub.suggest("pass")
    stub.answers["/cgi-bin/stable_token"] = {"access_token": "token", "expires_in": 7200}
    stub.answers["/wxa/media_check_async"] = {"errcode": 0, "trace_id": "trace-1"}
    stub.answers["/cgi-bin/media/upload"] = {"type": "image", "media_id": "media-1"}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            path = urlsplit(self.path).path
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            json_sent = self.headers.get("Content-Type", "").startswith("application/json")
            stub.asked.append((path, json.loads(content) if json_sent else {}))
            answer = stub.answers.get(path, {"errcode": 0})
            if isinstance(answer, list):
                answer = answer.pop(0) if len(answer) > 1 else answer[0]
            body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(200)
            self.send_header(
                "Content-Type", "image/jpeg" if isinstance(answer, bytes) else "application/json"
            )
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST  # noqa: N815 - the server wants this name

        def log_message(self, *words: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    before = settings.SHOP
    address = f"http://127.0.0.1:{server.server_address[1]}"
    settings.SHOP = replace(before, wechat=replace(before.wechat, api=address))
    try:
        yield stub
    finally:
        settings.SHOP = before
        server.shutdown()
        server.server_close()
        thread.join()
