"""Messages about reviews."""

from typing import Any

import outbox
from reviews import services


@outbox.handles(services.CHECK)
def check(body: dict[str, Any]) -> None:
    """Check a review that WeChat could not be asked about when it was written."""
    services.check(review_id=body["review_id"])
