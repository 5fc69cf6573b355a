"""What the queue tells of orders."""

from typing import Any

import outbox
from core.errors import ApiError
from orders import services
from orders.submission import UNPAID


@outbox.handles(UNPAID)
def unpaid(body: dict[str, Any]) -> None:
    """An order's time to be paid is over."""
    try:
        services.expire(number=str(body["number"]))
    except ApiError as error:
        if error.code == "unknown_order":
            # Possible after the database was restored to an earlier moment.
            raise outbox.Unprocessable(body["number"]) from error
        if error.code in ("being_paid", "payment_unavailable"):
            raise outbox.Later(30) from error
        raise
