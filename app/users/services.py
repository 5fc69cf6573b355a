"""Logging in, and what users change about themselves."""

import logging
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone

from cart import services as carts
from core.errors import ApiError, invalid
from core.identity import Customer
from uploads import selectors as uploads
from users import selectors, sessions
from users.models import User
from wechat import api as wechat

log = logging.getLogger("shop.users")


@dataclass(frozen=True)
class LoggedIn:
    """A user with a new session."""

    session: sessions.Opened
    user: User


def log_in_by_wechat(*, code: str, guest_key: str | None, known: Customer | None) -> LoggedIn:
    """Log in whom a code of `wx.login` belongs to, and register them the first time.

    `known` is who the client was logged in as. Somebody who registered by phone, and so has no openid, gets this one
    when it is nobody's yet: their session proves the one, the code the other. An openid that has a user logs that user
    in.
    Raises what `wechat.api.code_to_session` raises, and 403 `blocked`.
    """
    openid = wechat.code_to_session(code=code).openid
    user = (_joined(known, openid) if known and not known.openid else None) or _registered(openid=openid)
    return _opened(user, guest_key)


def log_in_by_phone(*, code: str, guest_key: str | None) -> LoggedIn:
    """Log in whose phone number a code of `getPhoneNumber` has, and register them the first time.

    Raises what `wechat.api.phone_number` raises, and 403 `blocked`.
    """
    return _opened(_registered(phone=wechat.phone_number(code=code)), guest_key)


def set_phone(*, user_id: int, code: str) -> User:
    """Give a user the phone number that a code has, instead of the one before.

    Raises 409 `phone_taken` when another user has it, and what `wechat.api.phone_number` raises. The number is not
    moved and the accounts aren't merged: the other one's orders would be lost to its owner, or won by a number's next
    owner.
    """
    phone = wechat.phone_number(code=code)
    try:
        with transaction.atomic(using="default"):
            User.objects.using("default").filter(pk=user_id).update(phone=phone)
    except IntegrityError as error:
        message = "the phone number belongs to another account: log in by phone to use that"
        raise ApiError(409, "phone_taken", message) from error
    return selectors.get(user_id)


def change(*, user_id: int, nickname: str | None, avatar_key: str | None) -> User:
    """Change what is not None. Raises 400 for a picture that isn't the user's or a name that WeChat's check refuses."""
    user = selectors.get(user_id)
    if avatar_key and not uploads.owned(user_id=user_id, keys=[avatar_key]):
        raise invalid("avatar_key", "is not a picture that you uploaded")
    if nickname is not None and nickname != user.nickname:
        _check_name(user, nickname)
    changes = {"nickname": nickname, "avatar_key": avatar_key}
    changes = {name: value for name, value in changes.items() if value is not None}
    if changes:
        User.objects.using("default").filter(pk=user_id).update(**changes)
    return selectors.get(user_id)


def block(*, user_id: int) -> None:
    """End a user's sessions and let no new ones begin; orders and their payments go on."""
    User.objects.using("default").filter(pk=user_id, blocked_at=None).update(blocked_at=timezone.now())
    sessions.revoke_all(user_id=user_id)


def unblock(*, user_id: int) -> None:
    """Let a user log in again."""
    User.objects.using("default").filter(pk=user_id).update(blocked_at=None)


def _check_name(user: User, nickname: str) -> None:
    if not user.openid:
        # Version 2 of the check needs one, and names are shown to everybody.
        raise ApiError(
            409, "wechat_required", "log in with WeChat before you choose a name", field="nickname"
        )
    if not wechat.check_text(openid=user.openid, scene=wechat.Scene.PROFILE, text=nickname).harmless:
        raise ApiError(400, "content_refused", "this name can't be used", field="nickname")


def _joined(known: Customer, openid: str) -> User | None:
    users = User.objects.using("default")
    try:
        with transaction.atomic(using="default"):
            joined = users.filter(pk=known.id, openid=None, blocked_at=None).update(openid=openid)
    except IntegrityError:
        return None
    return users.get(pk=known.id) if joined else None


def _registered(**identity: str) -> User:
    return User.objects.using("default").get_or_create(**identity, defaults={"created_at": timezone.now()})[0]


def _opened(user: User, guest_key: str | None) -> LoggedIn:
    if user.blocked_at is not None:
        raise ApiError(403, "blocked", "this account has been blocked, please ask customer service")
    opened = sessions.open_session(user=user)
    if guest_key is not None:
        try:
            carts.merge(guest_key=guest_key, user_key=Customer(user.pk, "").key)
        except ApiError as error:
            # The guest's cart stays where it is, and comes along at the next login.
            log.warning("a guest's cart was not merged: %s", error)
    return LoggedIn(opened, user)
