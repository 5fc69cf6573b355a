"""Messages that the catalogue handles."""

from typing import Any

import outbox
from catalog import ratings

RATED = "catalog.rated"
"""`{"product_id": 1}`: somebody reviewed it, or a review was hidden."""


@outbox.handles(RATED)
def rated(body: dict[str, Any]) -> None:
    """Copy the product's average at once, without waiting for the job."""
    ratings.refresh([int(body["product_id"])])
