"""What the worker tells over HTTP to who is on the same host: its metrics, and that it is alive."""

import socket
import socketserver
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from django.conf import settings
from django.db import close_old_connections
from prometheus_client import make_wsgi_app

from shop.variables import Address


class _Handler(WSGIRequestHandler):
    timeout = 5

    def log_message(self, *args: Any) -> None:
        """Say nothing: the monitoring asks all day."""


class _SocketServer(WSGIServer):
    """On a UNIX socket, whose callers have no address."""

    address_family = socket.AF_UNIX

    def server_bind(self) -> None:
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "localhost", 0
        self.setup_environ()

    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        connection, _ = super().get_request()
        return connection, ("", 0)


def _server(address: Address) -> WSGIServer:
    if not isinstance(address, Path):
        return WSGIServer(("127.0.0.1", address), _Handler)
    # Left by a worker that was killed.
    address.unlink(missing_ok=True)
    server = _SocketServer(str(address), _Handler)  # type: ignore[arg-type]  # typed for TCP
    address.chmod(0o666)
    return server


def _answers() -> Any:
    metrics = make_wsgi_app()

    def answer(environ: Any, start_response: Any) -> Iterable[bytes]:
        def begin(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, [*headers, ("X-Shop-Release", settings.SHOP.release)], *rest)

        if environ["PATH_INFO"] == "/healthz":
            begin("200 OK", [("Content-Type", "application/json")])
            return [b'{"alive": true}']
        if environ["PATH_INFO"] != "/metrics":
            begin("404 Not Found", [("Content-Type", "text/plain")])
            return [b"there are /metrics and /healthz\n"]
        close_old_connections()
        return metrics(environ, begin)

    return answer


@contextmanager
def serving(address: Address) -> Iterator[None]:
    """Answer there. In one thread, because each that reads the outbox's backlog keeps a connection to MySQL."""
    server = _server(address)
    server.set_app(_answers())
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        if isinstance(address, Path):
            address.unlink(missing_ok=True)
