"""`/auth`, `/me`, `/client`."""

from datetime import datetime
from typing import Annotated

from django.conf import settings
from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import StringConstraints

from core.fields import Body, Id, Line
from core.identity import UserRequest, bearer, guest_key, known, user
from core.routes import REFUSALS
from uploads import selectors as uploads
from users import addresses, limits, selectors, services, sessions
from users.models import User

router = Router()


class CodeIn(Body):
    """A code that WeChat gave the client."""

    code: Annotated[str, StringConstraints(pattern=r"^[!-~]{1,128}$")]


class UserOut(Schema):
    """A user, to themselves."""

    id: int
    nickname: str
    avatar_url: str
    phone: str
    roles: list[str]


class LoginOut(Schema):
    """`token` goes into `Authorization: Bearer`, until `expires_at`."""

    token: str
    expires_at: datetime
    user: UserOut


class ProfileIn(Body):
    """What is to change."""

    nickname: Annotated[str, Line(40)] | None = None
    avatar_key: Annotated[str, StringConstraints(max_length=64)] | None = None


class AddressIn(Body):
    """An address as a user writes it."""

    name: Annotated[str, Line(40)]
    phone: Annotated[str, StringConstraints(pattern=r"^(\+?[0-9]{5,15}|0[0-9]{2,3}-?[0-9]{7,8})$")]
    province: Annotated[str, Line(20)]
    city: Annotated[str, Line(20)]
    district: Annotated[str, Line(20, minimum=0)] = ""
    street: Annotated[str, Line(120)]
    is_default: bool = False


class AddressOut(Schema):
    """An address."""

    id: int
    name: str
    phone: str
    province: str
    city: str
    district: str
    street: str
    is_default: bool


class AddressesOut(Schema):
    """All addresses, the default one first."""

    items: list[AddressOut]


class ClientOut(Schema):
    """What a client has to know of its environment."""

    app_id: str
    bridge_url: str


def _public(user: User) -> UserOut:
    return UserOut(
        id=user.pk,
        nickname=user.nickname,
        avatar_url=uploads.url(user.avatar_key),
        phone=user.phone or "",
        roles=user.roles,
    )


def _login(done: services.LoggedIn) -> LoginOut:
    return LoginOut(token=done.session.token, expires_at=done.session.expires_at, user=_public(done.user))


@router.post("/auth/wechat", response={200: LoginOut, **REFUSALS}, summary="Log in with WeChat")
def log_in_by_wechat(request: HttpRequest, body: CodeIn) -> LoginOut:
    """Log in with a code of `wx.login`; the first time registers.

    With `X-Guest-Token` the guest's cart becomes the user's. With the token of a user who registered by phone, that
    user can pay and be written to from now on, unless the WeChat account has a user already, who is then logged in.
    """
    limits.check_login(request)
    done = services.log_in_by_wechat(code=body.code, guest_key=guest_key(request), known=known(request))
    return _login(done)


@router.post("/auth/phone", response={200: LoginOut, **REFUSALS}, summary="Log in by phone number")
def log_in_by_phone(request: HttpRequest, body: CodeIn) -> LoginOut:
    """Log in with a code of `getPhoneNumber`; a number that nobody has registers. Guests' carts as with WeChat.

    To pay, a user needs WeChat: call `POST /auth/wechat` with this answer's token.
    """
    limits.check_login(request)
    return _login(services.log_in_by_phone(code=body.code, guest_key=guest_key(request)))


@router.post("/auth/logout", auth=user, response={204: None, **REFUSALS}, summary="Log out")
def log_out(request: UserRequest) -> Status[None]:
    """End this session at once."""
    sessions.revoke(token=bearer(request))
    return Status(204, None)


@router.post(
    "/auth/logout-everywhere", auth=user, response={204: None, **REFUSALS}, summary="Log out everywhere"
)
def log_out_everywhere(request: UserRequest) -> Status[None]:
    """End all of the user's sessions at once, this one too."""
    sessions.revoke_all(user_id=request.auth.id)
    return Status(204, None)


@router.get("/me", auth=user, response={200: UserOut, **REFUSALS}, summary="The user")
def me(request: UserRequest) -> UserOut:
    """Who is logged in."""
    return _public(selectors.get(request.auth.id))


@router.patch("/me", auth=user, response={200: UserOut, **REFUSALS}, summary="Change name or picture")
def change_me(request: UserRequest, body: ProfileIn) -> UserOut:
    """Change what is sent. Names pass WeChat's content check; the picture is one of `POST /uploads`, or empty."""
    changed = services.change(
        user_id=request.auth.id,
        nickname=body.nickname,
        avatar_key=body.avatar_key,
    )
    return _public(changed)


@router.put(
    "/me", auth=user, response={200: UserOut, **REFUSALS}, summary="Change name or picture from WeChat"
)
def change_me_from_wechat(request: UserRequest, body: ProfileIn) -> UserOut:
    """As `PATCH /me`, for the mini-program: `wx.request` has no such method."""
    return change_me(request, body)


@router.post("/me/phone", auth=user, response={200: UserOut, **REFUSALS}, summary="Set the phone number")
def set_phone(request: UserRequest, body: CodeIn) -> UserOut:
    """Set the phone number with a code of `getPhoneNumber`. Another account's is refused: 409 `phone_taken`."""
    limits.check_login(request)
    return _public(services.set_phone(user_id=request.auth.id, code=body.code))


@router.get(
    "/me/addresses", auth=user, response={200: AddressesOut, **REFUSALS}, summary="The user's addresses"
)
def list_addresses(request: UserRequest) -> dict[str, object]:
    """At most 20."""
    return {"items": selectors.addresses(user_id=request.auth.id)}


@router.post("/me/addresses", auth=user, response={201: AddressOut, **REFUSALS}, summary="Add an address")
def add_address(request: UserRequest, body: AddressIn) -> Status[object]:
    """Keep another address. The first one is the default."""
    draft = addresses.Draft(**body.dict())
    return Status(201, addresses.add(user_id=request.auth.id, draft=draft))


@router.put(
    "/me/addresses/{address_id}",
    auth=user,
    response={200: AddressOut, **REFUSALS},
    summary="Change an address",
)
def replace_address(request: UserRequest, address_id: Id, body: AddressIn) -> object:
    """Write it anew. The default one stays that until another becomes it."""
    draft = addresses.Draft(**body.dict())
    return addresses.replace(user_id=request.auth.id, address_id=address_id, draft=draft)


@router.delete(
    "/me/addresses/{address_id}", auth=user, response={204: None, **REFUSALS}, summary="Remove an address"
)
def remove_address(request: UserRequest, address_id: Id) -> Status[None]:
    """Forget it. Orders that went there keep their copy."""
    addresses.remove(user_id=request.auth.id, address_id=address_id)
    return Status(204, None)


@router.get("/client", response={200: ClientOut}, summary="A client's environment")
def client(request: HttpRequest) -> ClientOut:
    """The mini-program's id, and where H5 finds what stands in for WeChat: empty in production."""
    shop = settings.SHOP.wechat
    return ClientOut(app_id=shop.app_id, bridge_url=shop.bridge_url)
