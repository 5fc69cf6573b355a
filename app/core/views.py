"""Probes for the balancer and the monitoring, and answers for what no view handles."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from core import frontend, peers
from core.api import answer
from core.errors import ApiError, response_for
from core.readiness import Readiness, examine, examine_host


def alive(request: HttpRequest) -> HttpResponse:
    """The process answers; says nothing about its dependencies."""
    return answer({"alive": True})


def host_alive(request: HttpRequest) -> HttpResponse:
    """Every process of the shop on this host answers: what the balancer goes by."""
    missing = peers.silent()
    return answer({"alive": not missing, "silent": missing}, status=503 if missing else 200)


def ready(request: HttpRequest) -> HttpResponse:
    """Whether buyers can be served by this host, and which dependency or process is down."""
    return _told(examine_host())


def ready_alone(request: HttpRequest) -> HttpResponse:
    """The same without the other groups: a process that starts beside an older one is judged by itself."""
    return _told(examine())


def _told(found: Readiness) -> HttpResponse:
    content = {"ready": found.ready, "degraded": found.degraded, "dependencies": found.dependencies}
    return answer(content, status=200 if found.ready else 503)


def front_page(request: HttpRequest) -> HttpResponse:
    """The mini-program as a web page, of this very release."""
    page = frontend.page()
    if page is None:
        return fallback_not_found(request, None)
    policy = frontend.policy(settings.SHOP.wechat.bridge_url)
    headers = {"Cache-Control": frontend.FRESH, "Content-Security-Policy": policy}
    return HttpResponse(page, content_type="text/html; charset=utf-8", headers=headers)


def prometheus(request: HttpRequest) -> HttpResponse:
    """Metrics in Prometheus' text format."""
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def fallback_bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A request that Django itself refuses."""
    return response_for(ApiError(400, "bad_request", "the request can't be understood"))


def fallback_not_found(request: HttpRequest, exception: Exception | None) -> HttpResponse:
    """No such address."""
    return response_for(ApiError(404, "not_found", "there is nothing at this address"))


def fallback_server_error(request: HttpRequest) -> HttpResponse:
    """An error of ours; the log has it under the request's identifier."""
    return response_for(ApiError(500, "internal", "something went wrong on our side"))
