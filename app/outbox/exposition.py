"""The worker's metrics over HTTP, for the monitoring on the same host."""

import threading
from collections.abc import Iterable
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from django.db import close_old_connections
from prometheus_client import make_wsgi_app


class _Handler(WSGIRequestHandler):
    timeout = 5

    def log_message(self, *args: Any) -> None:
        """Say nothing: the monitoring asks all day."""


def serve(port: int) -> None:
    """Answer on 127.0.0.1. In one thread, because each that reads the outbox's backlog keeps a connection to MySQL."""
    metrics = make_wsgi_app()

    def answer(environ: Any, start_response: Any) -> Iterable[bytes]:
        close_old_connections()
        return metrics(environ, start_response)

    server = make_server("127.0.0.1", port, answer, handler_class=_Handler)
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
