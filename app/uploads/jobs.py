"""Periodic work on uploads."""

import logging

import outbox
from uploads import services

log = logging.getLogger("shop.uploads")


@outbox.every(seconds=300)
def ask_again() -> None:
    """Ask WeChat again about pictures that it has not answered for within its own time."""
    count = services.ask_again()
    if count:
        log.warning("asked again about %d pictures", count)
