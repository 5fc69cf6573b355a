"""The shop as an HTTP server of this process, one thread for each connection."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.core.servers.basehttp import ThreadedWSGIServer
from django.core.wsgi import get_wsgi_application
from django.test.testcases import QuietWSGIRequestHandler
from django.urls import get_resolver


@dataclass(frozen=True)
class Live:
    """Where the shop answers."""

    url: str


@contextmanager
def serving() -> Iterator[Live]:
    """Serve on a free port of loopback."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietWSGIRequestHandler, allow_reuse_address=False)
    server.set_app(get_wsgi_application())
    # All routes are loaded when they are first asked for, which may take longer than WeChat waits for an answer.
    assert get_resolver().url_patterns
    hosts = settings.ALLOWED_HOSTS
    settings.ALLOWED_HOSTS = [*hosts, "127.0.0.1"]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield Live(f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
        settings.ALLOWED_HOSTS = hosts
