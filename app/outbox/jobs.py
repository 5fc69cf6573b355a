"""Keeping the outbox small."""

import outbox
from outbox import services


@outbox.every(seconds=600)
def forget_sent() -> None:
    """Delete messages that were sent long ago."""
    services.forget_sent()
