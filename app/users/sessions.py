"""Tokens: who holds one, and how it ends.

`find` runs for every request of every process group. It reads Redis, where an answer stays for a minute at most and
never longer than the session lives, and MySQL for what Redis doesn't know or while it is away. Revoking writes to
MySQL first and then puts a mark over the answer in Redis, which a reader that was slower can't replace: `set` with `nx`
leaves it alone. While Redis is away to who revokes but not to others, those may accept the token for that minute.
"""

import json
import logging
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from core.breaker import Breaker
from core.drivers import redis
from core.identity import Customer, digest
from users.models import Session, User

log = logging.getLogger("shop.users")
LIFETIME = timedelta(days=30)
MAX_LIVE = 20
CACHE_SECONDS = 60
_REVOKED = "revoked"
_breaker = Breaker(seconds=2)


@dataclass(frozen=True)
class Opened:
    """A new session; this is the only time that anybody sees its token."""

    token: str
    expires_at: datetime


def _name(token_hash: str) -> str:
    return f"session:{token_hash}"


def find(token: str) -> Customer | None:
    """Who holds the token; None when nobody does any more."""
    token_hash = digest(token)
    kept = _recall(token_hash)
    if kept == _REVOKED:
        return None
    if kept is not None:
        return Customer(**json.loads(kept))
    live = Session.objects.using("default").filter(
        token_hash=token_hash, revoked_at=None, expires_at__gt=timezone.now(), user__blocked_at=None
    )
    found = live.values_list("user_id", "user__openid", "expires_at").first()
    if found is None:
        return None
    user_id, openid, expires_at = found
    customer = Customer(id=user_id, openid=openid or "")
    _remember(token_hash, customer, expires_at)
    return customer


def open_session(*, user: User) -> Opened:
    """Log a user in. With more than 20 sessions the oldest end, so that their number stays bounded."""
    now = timezone.now()
    token = secrets.token_urlsafe(32)
    live = _live(user.pk).order_by("-id").values_list("token_hash", flat=True)
    _revoke(list(live[MAX_LIVE - 1 :]))
    Session.objects.using("default").create(
        token_hash=digest(token), user=user, created_at=now, expires_at=now + LIFETIME
    )
    return Opened(token, now + LIFETIME)


def revoke(*, token: str) -> None:
    """End one session; it may have ended already."""
    _revoke([digest(token)])


def revoke_all(*, user_id: int) -> None:
    """End all of a user's sessions."""
    _revoke(list(_live(user_id).values_list("token_hash", flat=True)))


def _live(user_id: int) -> QuerySet[Session]:
    return Session.objects.using("default").filter(
        user_id=user_id, revoked_at=None, expires_at__gt=timezone.now()
    )


def _revoke(hashes: Iterable[str]) -> None:
    ended = list(hashes)
    if not ended:
        return
    Session.objects.using("default").filter(token_hash__in=ended, revoked_at=None).update(
        revoked_at=timezone.now()
    )
    try:
        with redis.client().pipeline(transaction=False) as pipeline:
            for token_hash in ended:
                pipeline.set(_name(token_hash), _REVOKED, ex=CACHE_SECONDS)
            pipeline.execute()
    except redis.UNAVAILABLE as error:
        log.warning("a revoked session may be remembered for %d s: %s", CACHE_SECONDS, error)


def _recall(token_hash: str) -> str | None:
    if not _breaker.closed():
        return None
    try:
        kept = redis.client().get(_name(token_hash))
    except redis.UNAVAILABLE as error:
        _breaker.open()
        log.warning("sessions are read from MySQL: %s", error)
        return None
    return None if kept is None else str(kept)


def _remember(token_hash: str, customer: Customer, expires_at: datetime) -> None:
    left = int((expires_at - timezone.now()).total_seconds() * 1000)
    if left <= 0 or not _breaker.closed():
        return
    content = json.dumps({"id": customer.id, "openid": customer.openid})
    try:
        redis.client().set(_name(token_hash), content, nx=True, px=min(left, CACHE_SECONDS * 1000))
    except redis.UNAVAILABLE as error:
        _breaker.open()
        log.warning("sessions are read from MySQL: %s", error)
