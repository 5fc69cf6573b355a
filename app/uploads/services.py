"""Accepting pictures, and what WeChat's content check makes of them."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from core.drivers import storage
from core.errors import ApiError, invalid
from outbox import services as outbox
from uploads import pictures
from uploads.models import Upload

CHECK = "uploads.check"
RESULT = "uploads.result"
PER_HOUR = 60
ASKED_TIMES = 3
OVERDUE = timedelta(minutes=30)
"""WeChat promises its answer within this."""
_POSTPONED_SECONDS = 5
# The name is random and never used again.
_FOREVER = "public, max-age=31536000, immutable"
_Waiting = Upload.State.CHECKING


def accept(*, user_id: int | None, content: bytes) -> Upload:
    """Store a picture; a user's is sent to the content check, the staff's (`user_id=None`) is approved at once.

    Raises 400 for what is no picture, 429 after `PER_HOUR` of one user, 503 while the storage is away. The object is
    stored before its row: a crash in between leaves a file that nothing refers to, never a picture that isn't there.
    """
    if user_id is not None:
        _limit(user_id)
    try:
        picture = pictures.take(content)
    except pictures.NotAPictureError as error:
        raise invalid("file", str(error)) from error
    now = timezone.now()
    key = f"u/{now:%Y%m}/{secrets.token_urlsafe(18)}.jpg"
    try:
        wanted = storage.Object(key, picture.content, "image/jpeg", _FOREVER)
        storage.put(settings.SHOP.storage.media_bucket, wanted)
    except storage.UnavailableError as error:
        raise ApiError(
            503, "uploads_unavailable", "pictures can't be stored now, please try again"
        ) from error
    state = _Waiting if user_id is not None else Upload.State.APPROVED
    with transaction.atomic(using="default"):
        upload = Upload.objects.using("default").create(key=key, user_id=user_id, state=state, created_at=now)
        if state == _Waiting:
            outbox.add(topic=CHECK, body={"key": key})
    return upload


def _limit(user_id: int) -> None:
    since = timezone.now() - timedelta(hours=1)
    if Upload.objects.using("default").filter(user_id=user_id, created_at__gt=since).count() >= PER_HOUR:
        raise ApiError(429, "too_many_uploads", f"at most {PER_HOUR} pictures an hour")


def asked(*, key: str, trace_id: str) -> None:
    """Remember under which name WeChat will answer."""
    waiting = Upload.objects.using("default").filter(key=key, state=_Waiting)
    waiting.update(trace_id=trace_id, asked_at=timezone.now())


def ask_again(*, limit: int = 100) -> int:
    """Send pictures to the check whose answer is overdue, `ASKED_TIMES` in all; how many.

    What stays without an answer stays as it is: only its owner sees it, until a member of the staff decides.
    """
    now = timezone.now()
    with transaction.atomic(using="default"):
        overdue = Upload.objects.using("default").filter(
            state=_Waiting, created_at__lt=now - OVERDUE, asked_times__lt=ASKED_TIMES
        )
        overdue = overdue.filter(Q(asked_at=None) | Q(asked_at__lt=now - OVERDUE)).order_by("created_at")
        keys = list(overdue.select_for_update(skip_locked=True).values_list("key", flat=True)[:limit])
        for key in keys:
            outbox.add(topic=CHECK, body={"key": key})
        # Noted now: the message may wait for long, and the next sweep must not add another.
        chosen = Upload.objects.using("default").filter(key__in=keys)
        chosen.update(asked_at=now, asked_times=F("asked_times") + 1)
    return len(keys)


def answered(*, trace_id: str, approved: bool) -> bool:
    """Take WeChat's answer; False when no picture waits under this name (yet, or any more)."""
    state = Upload.State.APPROVED if approved else Upload.State.REFUSED
    return bool(Upload.objects.using("default").filter(trace_id=trace_id, state=_Waiting).update(state=state))


def postpone_answer(*, trace_id: str, approved: bool, tries: int = 1) -> None:
    """Take WeChat's answer a little later: it can be faster than the commit of who asked."""
    body = {"trace_id": trace_id, "approved": approved, "tries": tries}
    with transaction.atomic(using="default"):
        outbox.add(topic=RESULT, body=body, delay_seconds=_POSTPONED_SECONDS)


def decide(*, key: str, approved: bool) -> bool:
    """A member of the staff decides, whatever WeChat says or doesn't; False when nothing changes."""
    state = Upload.State.APPROVED if approved else Upload.State.REFUSED
    return bool(Upload.objects.using("default").filter(key=key).exclude(state=state).update(state=state))
