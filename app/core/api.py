"""What every API view shares: methods, JSON bodies and the checks of single fields."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

from core.errors import ApiError, invalid, response_for


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
    """A JSON answer that is never cached on the way, as it may belong to one buyer."""
    response = JsonResponse(content, status=status, json_dumps_params={"ensure_ascii": False})
    response["Cache-Control"] = "no-store"
    return response


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def read_object(request: HttpRequest, *, allowed: frozenset[str]) -> dict[str, Any]:
    """The request's JSON object. Unknown fields are refused: a misspelt one must not be ignored."""
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isascii() or not length.isdigit():
        raise ApiError(400, "malformed_request", "Content-Length is not a number")
    if int(length) > limit:
        raise ApiError(413, "too_large", f"the body may have at most {limit} bytes")
    if request.content_type != "application/json":
        raise ApiError(415, "unsupported_media_type", "send the body as application/json")
    try:
        body = json.loads(request.body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ApiError(400, "malformed_json", "the body is not valid JSON") from error
    if not isinstance(body, dict):
        raise ApiError(400, "malformed_json", "the body must be a JSON object")
    for name in body:
        if name not in allowed:
            raise invalid(name, f"unknown field; known: {', '.join(sorted(allowed))}")
    return body


def integer(
    body: Mapping[str, Any], name: str, *, minimum: int, maximum: int, label: str | None = None
) -> int:
    """A whole number within limits (`true` is not one)."""
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not minimum <= value <= maximum:
        raise invalid(label or name, f"must be a whole number from {minimum} to {maximum}")
    return value


def text(body: Mapping[str, Any], name: str, *, maximum: int) -> str:
    """Non-empty text that can be stored."""
    value = body.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > maximum:
        raise invalid(name, f"must be text of 1 to {maximum} characters")
    # A lone surrogate is legal in JSON and can't be encoded; control characters have no place in a review.
    if any(0xD800 <= ord(c) <= 0xDFFF or (ord(c) < 32 and c not in "\n\t") for c in value):
        raise invalid(name, "has characters that can't be stored")
    return value.strip()
