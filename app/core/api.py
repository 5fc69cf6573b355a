"""Views outside of the described API, such as the probes."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from django.http import HttpRequest, HttpResponse, JsonResponse

from core.errors import ApiError, response_for


class Handler(Protocol):
    """A view for one method."""

    def __call__(self, request: HttpRequest, **kwargs: Any) -> HttpResponse: ...


def endpoint(**handlers: Callable[..., HttpResponse]) -> Handler:
    """One address with a handler for each method; any other method gets 405 in the shop's error shape."""
    methods = {**handlers, "HEAD": handlers["GET"]} if "GET" in handlers else handlers

    def view(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        handler = methods.get(request.method or "")
        if handler is None:
            response = response_for(
                ApiError(405, "method_not_allowed", f"{request.method} is not allowed here")
            )
            response["Allow"] = ", ".join(sorted(methods))
            return response
        return handler(request, **kwargs)

    return view


def answer(content: Mapping[str, Any], *, status: int = 200) -> JsonResponse:
    """A JSON answer that is never cached on the way."""
    response = JsonResponse(content, status=status, json_dumps_params={"ensure_ascii": False})
    response["Cache-Control"] = "no-store"
    return response
