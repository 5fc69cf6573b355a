"""A shop that only keeps what it is sent, and the merchant's own client."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from wechatpayv3 import WeChatPay, WeChatPayType

from tests.shop.sandbox import Wechat


@dataclass(frozen=True)
class Received:
    """One request that the shop got."""

    at: float
    method: str
    path: str
    headers: dict[str, str]
    body: str


@dataclass
class Shop:
    """Keeps what it is sent, and answers with the next of `answers`, the last one for ever.

    An answer is a status, or the text of a 200; `echo` is the `echostr` of the question.
    """

    url: str = ""
    answers: list[int | str] = field(default_factory=lambda: [204])
    received: list[Received] = field(default_factory=list)
    slow: float = 0.0


@contextmanager
def listening() -> Iterator[Shop]:
    """A shop on a port of loopback."""
    shop = Shop()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            self._keep(body)
            answer = shop.answers.pop(0) if len(shop.answers) > 1 else shop.answers[0]
            time.sleep(shop.slow)
            status, text = (answer, "") if isinstance(answer, int) else (200, answer)
            if text == "echo":
                text = parse_qs(urlsplit(self.path).query)["echostr"][0]
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        do_GET = do_POST  # noqa: N815

        def _keep(self, body: str) -> None:
            headers = dict(self.headers.items())
            shop.received.append(Received(time.time(), self.command, self.path, headers, body))

        def log_message(self, *words: object) -> None:
            """Nothing."""

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    shop.url = f"http://127.0.0.1:{httpd.server_port}"
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield shop
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join()


def client(wechat: Wechat, shop: Shop) -> WeChatPay:
    """`wechatpayv3`, as the shop uses it."""
    account = wechat.account
    made = WeChatPay(
        wechatpay_type=WeChatPayType.MINIPROG,
        mchid=account.mch_id,
        private_key=account.private_key,
        cert_serial_no=account.certificate_serial,
        appid=account.app_id,
        apiv3_key=account.api_v3_key,
        public_key=account.public_key,
        public_key_id=account.public_key_id,
        notify_url=f"{shop.url}/notifications",
        timeout=(5, 10),
    )
    made._core._gate_way = wechat.url
    return made


def until(true: Callable[[], object], seconds: float = 60) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not so within {seconds} s"
        time.sleep(0.02)
