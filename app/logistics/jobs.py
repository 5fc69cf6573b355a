"""Periodic work on shipments."""

import logging

import outbox
from logistics import services

log = logging.getLogger("shop.logistics")


@outbox.every(seconds=300)
def remind() -> None:
    """Tell WeChat again of shipments whose message the queue has given up, or lost."""
    count = services.remind()
    if count:
        log.warning("%d shipments are not known to WeChat yet", count)
