"""The outbox and its worker: messages that are written with the change they tell about, and periodic jobs.

@outbox.handles("orders.unpaid")       # in <domain>/messages.py
def close_unpaid(body: dict[str, Any]) -> None: ...

@outbox.every(seconds=60)              # in <domain>/jobs.py
def sweep() -> None: ...
"""

from outbox.registry import Later, Unprocessable, every, handles

__all__ = ["Later", "Unprocessable", "every", "handles"]
