"""Finished answers in the process itself, for a second: what everybody asks for costs neither Redis nor parsing.

An answer is at most `SECONDS` old in here, whatever happens; `forget` makes it gone at once in this process.
"""

import functools
import threading
import time
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from core import metrics

SECONDS = 1.0
LIMIT = 512
"""Addresses; a list of 50 cards has about 15 kB, so this is 8 MB at worst."""
JSON = "application/json; charset=utf-8"
QUIET = "shop.quiet"
"""Marks a request as one that the middleware writes no line about: it would cost more than the answer does. Nginx's
log has it, with the request's id, and so have the metrics."""

View = Callable[..., HttpResponseBase]
_hit = metrics.CACHE_READS.labels("memory")
_lock = threading.Lock()
_kept: dict[str, tuple[float, bytes]] = {}


def remembered(run: View) -> View:
    """For ninja's `decorate_view`: answer an address that was answered within the last second by the same bytes."""

    @functools.wraps(run)
    def view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        address = request.get_full_path()
        found = _kept.get(address)
        if found is not None and time.monotonic() < found[0]:
            _hit.inc()
            request.META[QUIET] = True
            return answer(found[1])
        until = time.monotonic() + SECONDS
        response = run(request, *args, **kwargs)
        if response.status_code == 200 and isinstance(response, HttpResponse):
            _keep(address, until, response.content)
        return response

    return view


def answer(body: bytes) -> HttpResponse:
    """JSON that is ready."""
    return HttpResponse(body, content_type=JSON, headers={"Cache-Control": "no-cache"})


def forget() -> None:
    """Serve nothing that was made before now."""
    with _lock:
        _kept.clear()


def _keep(address: str, until: float, body: bytes) -> None:
    with _lock:
        if len(_kept) >= LIMIT:
            now = time.monotonic()
            for old in [name for name, (end, _) in _kept.items() if end < now] or [next(iter(_kept))]:
                del _kept[old]
        _kept[address] = (until, body)
