"""Periodic work on users."""

from datetime import timedelta

from django.utils import timezone

import outbox
from users.models import Session

BATCH = 5_000
_KEPT = timedelta(days=7)


@outbox.every(seconds=600)
def forget_sessions() -> None:
    """Delete sessions that ended a week ago, so that the table doesn't grow for ever."""
    sessions = Session.objects.using("default")
    ended = sessions.filter(expires_at__lt=timezone.now() - _KEPT).order_by("expires_at")
    sessions.filter(pk__in=list(ended.values_list("pk", flat=True)[:BATCH])).delete()
