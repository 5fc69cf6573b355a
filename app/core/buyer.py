"""Who is buying: the holder of a random token, in a cookie (browser) or in a header (mini-program)."""

import hashlib
import re
import secrets

from django.http import HttpRequest, HttpResponse

from core.errors import ApiError, invalid

COOKIE = "shop_buyer"
HEADER = "X-Buyer-Token"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22,64}")
_YEAR = 365 * 24 * 3600


def _token(request: HttpRequest) -> str | None:
    sent = request.headers.get(HEADER)
    if sent is not None:
        if not _TOKEN.fullmatch(sent):
            raise invalid(HEADER, "must be 22 to 64 letters, digits, - or _")
        return sent
    cookie = request.COOKIES.get(COOKIE, "")
    return cookie if _TOKEN.fullmatch(cookie) else None


def _identifier(token: str) -> str:
    """Stores keep the hash only: who reads a database or a backup can't take over carts and orders."""
    return hashlib.sha256(token.encode()).hexdigest()


def known_buyer(request: HttpRequest) -> str | None:
    """The buyer's identifier, or None for a first visit."""
    token = _token(request)
    return _identifier(token) if token else None


def require_buyer(request: HttpRequest) -> str:
    """The buyer's identifier. An order without one could not be recognised when the request is repeated."""
    buyer = known_buyer(request)
    if buyer is None:
        message = f"send the cookie {COOKIE} (GET /api/v1/cart sets it) or the header {HEADER}"
        raise ApiError(401, "buyer_required", message)
    return buyer


def ensure_buyer(request: HttpRequest) -> str:
    """The buyer's identifier; a new visitor gets a token, which `remember` puts into the answer."""
    buyer = known_buyer(request)
    if buyer is not None:
        return buyer
    token = secrets.token_urlsafe(24)
    request.META["shop.new_buyer_token"] = token
    return _identifier(token)


def remember(request: HttpRequest, response: HttpResponse) -> None:
    """Set the cookie when this request made a new buyer."""
    token = request.META.get("shop.new_buyer_token")
    if token:
        response.set_cookie(
            COOKIE, token, max_age=_YEAR, httponly=True, samesite="Lax", secure=request.is_secure()
        )
