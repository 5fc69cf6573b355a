"""Who is asking: a guest who holds a random token, or a user who has logged in.

@router.get("/orders", auth=user)      # request.auth is a Customer
@router.get("/cart", auth=visitor)     # request.auth is a Visitor, a guest or a customer
"""

import hashlib
import re
from dataclasses import dataclass

from django.http import HttpRequest
from ninja.security import HttpBearer

from core.errors import ApiError, invalid

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


class UserAuth(HttpBearer):
    """`Authorization: Bearer TOKEN`, as `POST /api/v1/auth/wechat` gave it."""

    openapi_name = "user"

    def authenticate(self, request: HttpRequest, token: str) -> Customer | None:
        """The session's user; None, which is a 401, when it has expired or was revoked."""
        from users.sessions import find

        return find(token)


class VisitorAuth(UserAuth):
    """A user, or a guest by `X-Guest-Token`."""

    openapi_name = "visitor"

    def __call__(self, request: HttpRequest) -> Visitor | None:  # type: ignore[override]
        """The visitor. Raises 401 without either token."""
        if request.headers.get("Authorization"):
            customer = super().__call__(request)
            return Visitor(customer.key, customer) if customer else None
        guest = guest_key(request)
        if guest is None:
            raise ApiError(401, "visitor_required", f"send {GUEST_HEADER}, or log in")
        return Visitor(guest, None)


user = UserAuth()
visitor = VisitorAuth()
