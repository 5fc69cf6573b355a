"""What time does to orders. Messages do the same sooner; this finds what a lost message left behind."""

from datetime import timedelta

from django.utils import timezone

import outbox
from orders import selectors, services
from orders.states import State
from outbox import sweeping

BATCH = 200
_GRACE = timedelta(seconds=30)


@outbox.every(seconds=60, lease_seconds=600)
def cancel_unpaid() -> None:
    """Cancel orders whose delayed message should have come and didn't."""
    overdue = selectors.due(states=(State.PENDING,), until=timezone.now() - _GRACE, limit=BATCH)
    sweeping.each(overdue, lambda number: services.expire(number=number), what="order")


@outbox.every(seconds=600, lease_seconds=600)
def pass_time() -> None:
    """Receive and complete orders of themselves."""
    now = timezone.now()
    ripe = selectors.due(states=(State.SHIPPED, State.RECEIVED), until=now, limit=BATCH)
    sweeping.each(ripe, lambda number: services.pass_time(number=number, now=now), what="order")
