"""Periodic work of the admin."""

from django.contrib.sessions.models import Session
from django.utils import timezone

import outbox


@outbox.every(seconds=24 * 3600)
def forget_sessions() -> None:
    """Delete the staff's sessions that have expired."""
    Session.objects.using("default").filter(expire_date__lt=timezone.now()).delete()
