"""The one shape in which the shop says that it can't do something."""

from django.http import HttpResponse, JsonResponse


class ApiError(Exception):
    """A refusal that the client may read: `{"error": {"code", "message", "field"?}}`, with 4xx or 503."""

    def __init__(self, status: int, code: str, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.field = field


def response_for(error: ApiError) -> HttpResponse:
    """Put an error into the documented shape."""
    body = {"code": error.code, "message": error.message}
    if error.field is not None:
        body["field"] = error.field
    return JsonResponse({"error": body}, status=error.status, json_dumps_params={"ensure_ascii": False})


def invalid(field: str, message: str) -> ApiError:
    """A field has a value that can't be accepted."""
    return ApiError(400, "invalid", message, field=field)
