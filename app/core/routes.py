"""The HTTP API as django-ninja serves it: what the domains' routers are mounted on, and how it refuses."""

from importlib import import_module
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError

from core.errors import ApiError, response_for
from shop import groups

VERSION = "1.0.0"


class Problem(Schema):
    """What went wrong: a `code` for programs, a `message` for people, and the `field` where there is one."""

    code: str
    message: str
    field: str | None = None


class Refusal(Schema):
    """The one shape of every error."""

    error: Problem


REFUSALS: dict[int, Any] = dict.fromkeys((400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 503), Refusal)
"""For `response=`: `response={200: Answer, **REFUSALS}`."""


def field_of(location: tuple[Any, ...]) -> str:
    """A field's name as the client wrote it: `items[0].quantity`."""
    name = ""
    # The first part says where it was looked for (body, query, path), the second of a body is the parameter's own name.
    for part in location[2:] if location[0] == "body" and len(location) > 2 else location[1:]:
        name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else str(part)
    return name or str(location[0])


def _invalid(request: HttpRequest, error: Exception) -> HttpResponse:
    assert isinstance(error, ValidationError)
    first = error.errors[0]
    message = str(first["msg"])
    if first.get("type") in {"json_invalid", "value_error.jsondecode"}:
        return response_for(ApiError(400, "malformed_json", "the body is not valid JSON"))
    return response_for(ApiError(400, "invalid", message, field=field_of(tuple(first["loc"]))))


def _http(request: HttpRequest, error: Exception) -> HttpResponse:
    assert isinstance(error, HttpError)
    code = "malformed_json" if error.status_code == 400 else "refused"
    return response_for(ApiError(error.status_code, code, str(error)))


def _unknown(request: HttpRequest, error: Exception) -> HttpResponse:
    assert isinstance(error, AuthenticationError)
    return response_for(ApiError(401, "login_required", "log in first: POST /api/v1/auth/wechat"))


def _refused(request: HttpRequest, error: Exception) -> HttpResponse:
    assert isinstance(error, ApiError)
    return response_for(error)


def build(name: str) -> NinjaAPI:
    """The API of a process group, or of all of them."""
    api = NinjaAPI(
        title="shop",
        version=VERSION,
        description="The shop's HTTP API. Prices are whole fen, times RFC 3339, errors of one shape (`Refusal`).",
        urls_namespace=f"api-{name}",
        docs_url=None,
        openapi_url=None,
    )
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(HttpError, _http)
    api.add_exception_handler(AuthenticationError, _unknown)
    api.add_exception_handler(ApiError, _refused)
    for group in groups.served(name):
        for domain in group.routers:
            api.add_router("", import_module(f"{domain}.api").router, tags=[group.name])
    return api
