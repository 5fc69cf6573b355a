"""Around every request: its identifier, its log line, its metrics, and refusals in the documented shape."""

import logging
import re
import secrets
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import DisallowedHost, PermissionDenied, RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse

from core import memory, metrics
from core.databases import forget_connections
from core.errors import ApiError, response_for
from core.logs import request_id

log = logging.getLogger("shop.request")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
# The balancer and the monitoring call these by address, and often: no host check and no log line.
PROBES = frozenset({"/healthz", "/hostz", "/readyz", "/readyz/alone", "/metrics"})
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
# Pages load pictures and style sheets only; nothing may be run or framed.
_POLICY = "default-src 'none'; img-src 'self' https: data:; style-src 'self' https:; base-uri 'none'; "
_POLICY += "form-action 'self'; frame-ancestors 'none'"


def _policy(path: str) -> str:
    """What a browser may load for a page: for the admin also the scripts that are published with its style sheets."""
    if not path.startswith("/admin"):
        return _POLICY
    address = urlsplit(settings.STATIC_URL)
    published = f"'self' {address.scheme}://{address.netloc}" if address.netloc else "'self'"
    admin = (
        f"script-src {published}; style-src {published}; img-src 'self' https: data:; connect-src 'self'; "
    )
    return f"default-src 'none'; {admin}base-uri 'none'; form-action 'self'; frame-ancestors 'none'"


class RequestMiddleware:
    """The outermost middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer one request."""
        with metrics.REQUESTS_IN_PROGRESS.track_inprogress():
            return self._timed(request)

    def _timed(self, request: HttpRequest) -> HttpResponse:
        started = time.monotonic()
        sent = request.headers.get("X-Request-ID", "")
        identifier = sent if _REQUEST_ID.fullmatch(sent) else secrets.token_hex(8)
        token = request_id.set(identifier)
        try:
            response = self._answer(request)
            response["X-Request-ID"] = identifier
            # Which release answered: Nginx writes it down and keeps it from the world.
            response["X-Shop-Release"] = settings.SHOP.release
            response.headers.setdefault("Content-Security-Policy", _policy(request.path))
            # Most answers belong to one user; what may be kept on the way says so.
            response.headers.setdefault("Cache-Control", "no-store")
            self._record(request, response, time.monotonic() - started)
            return response
        finally:
            request_id.reset(token)

    def _answer(self, request: HttpRequest) -> HttpResponse:
        if request.path not in PROBES:
            try:
                request.get_host()
            except DisallowedHost:
                return response_for(ApiError(400, "unknown_host", "this host name is not served here"))
        response = self._get_response(request)
        if response.status_code == 405 and "json" not in response.headers.get("Content-Type", ""):
            refused = response_for(
                ApiError(405, "method_not_allowed", f"{request.method} is not allowed here")
            )
            refused["Allow"] = response.headers.get("Allow", "")
            return refused
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Turn refusals, and a database that is away, into answers. Anything else is a 500 and is logged."""
        if isinstance(error, ApiError):
            return response_for(error)
        if isinstance(error, RequestDataTooBig):
            limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
            return response_for(ApiError(413, "too_large", f"the body may have at most {limit} bytes"))
        if isinstance(error, Http404 | PermissionDenied):
            return None
        log.error("request failed", exc_info=error, extra={"fields": {"path": request.path}})
        if isinstance(error, OperationalError | InterfaceError):
            forget_connections()
            refused = ApiError(503, "database_unavailable", "please try again in a moment")
            response = response_for(refused)
            response["Retry-After"] = "2"
            return response
        return None

    @staticmethod
    def _record(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
        match = request.resolver_match
        # Addresses made up by a client must not become metric labels.
        view = (match.view_name or "unnamed") if match else "unmatched"
        method = request.method if request.method in METHODS else "OTHER"
        metrics.REQUESTS.labels(view, method, str(response.status_code)).inc()
        metrics.LATENCY.labels(view, method).observe(seconds)
        if request.path not in PROBES and memory.QUIET not in request.META:
            fields = {
                "method": request.method,
                "path": request.path,
                "status": response.status_code,
                "milliseconds": round(seconds * 1000, 1),
            }
            log.info("request", extra={"fields": fields})
