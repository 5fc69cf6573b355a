"""`POST /uploads`."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import File, Router, Schema, Status
from ninja.decorators import decorate_view
from ninja.files import UploadedFile

from core.errors import ApiError, response_for
from core.identity import user
from core.routes import REFUSALS
from uploads import pictures, selectors, services

router = Router()
# What multipart adds around the file.
_MAX_BODY = pictures.MAX_BYTES + 16 * 1024


class UploadOut(Schema):
    """A stored picture; until its state is `approved` nobody but its owner is shown it."""

    key: str
    url: str
    state: str


def _bounded(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Refuse a body that is too large before any of it is read."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isascii() or not length.isdigit() or int(length) > _MAX_BODY:
            return response_for(
                ApiError(413, "too_large", f"a picture has at most {pictures.MAX_BYTES} bytes", field="file")
            )
        return view(request, *args, **kwargs)

    return wrapped


@router.post("/uploads", auth=user, response={201: UploadOut, **REFUSALS}, summary="Upload a picture")
@decorate_view(_bounded)
def upload(request: HttpRequest, file: File[UploadedFile]) -> Status[UploadOut]:
    """A JPEG, PNG or WebP picture of up to 2 MiB and 24 megapixels; it is kept as a JPEG without metadata."""
    made = services.accept(user_id=request.auth.id, content=file.read(pictures.MAX_BYTES + 1))  # type: ignore[attr-defined]
    return Status(201, UploadOut(key=made.key, url=selectors.url(made.key), state=made.state))
