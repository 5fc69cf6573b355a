"""Periodic work on reviews."""

import logging

import outbox
from core.errors import ApiError
from reviews import services, store

log = logging.getLogger("shop.reviews")


@outbox.every(seconds=600)
def sweep() -> None:
    """Finish what was left unchecked or half published."""
    try:
        count = services.sweep()
    except ApiError as error:
        log.warning("reviews not swept: %s", error.message)
        return
    if count:
        log.warning("sent %d reviews to their check again", count)


@outbox.every(seconds=24 * 3600)
def indexes() -> None:
    """The database of reviews has the indexes that the staff's list needs."""
    store.ensure_indexes()
