"""Who is asking: a guest who holds a random token, or a user who has logged in.

@router.get("/orders", auth=user)      # request.auth is a Customer
@router.get("/cart", auth=visitor)     # request.auth is a Visitor, a guest or a customer
"""

import hashlib
import re
from dataclasses import dataclass

from django.http import HttpRequest
from ninja.security import APIKeyHeader, HttpBearer

from core.errors import invalid

GUEST_HEADER = "X-Guest-Token"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22,64}")


@dataclass(frozen=True)
class Customer:
    """A user who has logged in. `openid` is WeChat's name for them in this shop, empty where there is none."""

    id: int
    openid: str

    @property
    def key(self) -> str:
        """The owner's name in stores that guests share, such as the cart's."""
        return f"u{self.id}"


@dataclass(frozen=True)
class Visitor:
    """Who may not have logged in. `key` names the owner of a cart."""

    key: str
    customer: Customer | None


def digest(token: str) -> str:
    """What stores keep of a token: who reads a database or a backup can't use it."""
    return hashlib.sha256(token.encode()).hexdigest()


def guest_key(request: HttpRequest) -> str | None:
    """The owner's name of the guest who sent a token, or None without one."""
    sent = request.headers.get(GUEST_HEADER)
    if sent is None:
        return None
    if not _TOKEN.fullmatch(sent):
        raise invalid(GUEST_HEADER, "must be 22 to 64 letters, digits, - or _")
    return f"g{digest(sent)}"


def bearer(request: HttpRequest) -> str:
    """The token of `Authorization: Bearer TOKEN`; empty without one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else ""


def known(request: HttpRequest) -> Customer | None:
    """Who sent a token that counts, where none is asked for."""
    from users.sessions import find

    token = bearer(request)
    return find(token) if token else None


class UserAuth(HttpBearer):
    """`Authorization: Bearer TOKEN`, as `POST /api/v1/auth/wechat` gave it."""

    def authenticate(self, request: HttpRequest, token: str) -> Customer | None:
        """The session's user; None, which is a 401, when it has expired or was revoked."""
        from users.sessions import find

        return find(token)


class VisitorAuth(UserAuth):
    """A user, where a guest would do as well."""

    def authenticate(self, request: HttpRequest, token: str) -> Visitor | None:  # type: ignore[override]
        """The visitor who is a user."""
        customer = super().authenticate(request, token)
        return Visitor(customer.key, customer) if customer else None


class GuestAuth(APIKeyHeader):
    """A guest, by a token that the client made: `X-Guest-Token`."""

    param_name = GUEST_HEADER

    def __call__(self, request: HttpRequest) -> Visitor | None:
        """The guest. None beside an `Authorization` that was refused: a user must not become a guest unnoticed."""
        guest = None if request.headers.get("Authorization") else guest_key(request)
        return Visitor(guest, None) if guest else None

    def authenticate(self, request: HttpRequest, key: str | None) -> Visitor | None:
        """As when called."""
        return self(request)


class UserRequest(HttpRequest):
    """What a view with `auth=user` gets."""

    auth: Customer


class VisitorRequest(HttpRequest):
    """What a view with `auth=visitor` gets."""

    auth: Visitor


user = UserAuth()
visitor = [VisitorAuth(), GuestAuth()]
