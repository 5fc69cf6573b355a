"""Periodic work on users."""

from datetime import timedelta

from django.utils import timezone

from users.models import Session

BATCH = 5_000
_KEPT = timedelta(days=7)


def forget_sessions() -> int:
    """Delete sessions that ended a week ago, so that the table doesn't grow for ever; how many."""
    ended = Session.objects.using("default").filter(expires_at__lt=timezone.now() - _KEPT)
    return ended.filter(pk__in=list(ended.values_list("pk", flat=True)[:BATCH])).delete()[0]
