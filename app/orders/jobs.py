"""What time does to orders. Messages do the same sooner; this finds what a lost message left behind."""

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta

from django.utils import timezone

import outbox
from core.errors import ApiError
from orders import selectors, services
from orders.states import State

log = logging.getLogger("shop.orders")
BATCH = 200
GIVEN_UP_AFTER = 5
_GRACE = timedelta(seconds=30)


@outbox.every(seconds=60, lease_seconds=600)
def cancel_unpaid() -> None:
    """Cancel orders whose delayed message should have come and didn't."""
    overdue = selectors.due(states=(State.PENDING,), until=timezone.now() - _GRACE, limit=BATCH)
    _each(overdue, lambda number: services.expire(number=number))


@outbox.every(seconds=600, lease_seconds=600)
def pass_time() -> None:
    """Receive and complete orders of themselves."""
    now = timezone.now()
    ripe = selectors.due(states=(State.SHIPPED, State.RECEIVED), until=now, limit=BATCH)
    _each(ripe, lambda number: services.pass_time(number=number, now=now))


def _each(numbers: Iterable[str], act: Callable[[str], None]) -> None:
    failed = 0
    for number in numbers:
        try:
            act(number)
        except ApiError as error:
            # One order that WeChat won't let go must not keep the others waiting; it is due again.
            log.warning("order %s stays as it is: %s", number, error)
            failed += error.status == 503
        # WeChat is away: asking for each of the others would only take a long time.
        if failed == GIVEN_UP_AFTER:
            return
