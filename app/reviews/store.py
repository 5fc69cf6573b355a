"""Reviews and the activity log in MongoDB.

Every document has an `_id` made from what it is about, so that writing it twice is writing it once. No
query needs more than single-field equality, and nothing relies on `$lookup` or TTL indexes: small servers
lack them.
"""

from datetime import UTC, datetime
from typing import Any

from pymongo.errors import DuplicateKeyError

from core.drivers import mongodb
from core.errors import ApiError

_SHOWN = 50


def _unavailable() -> ApiError:
    return ApiError(503, "reviews_unavailable", "reviews can't be reached, please try again in a moment")


def save_review(*, product_id: int, buyer: str, rating: int, text: str) -> bool:
    """Write or rewrite a buyer's only review of a product. True when it is the first."""
    identifier = f"{product_id}:{buyer}"
    review = {
        "product_id": product_id,
        "rating": rating,
        "text": text,
        "written_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
    }
    try:
        result = mongodb.database()["reviews"].replace_one({"_id": identifier}, review, upsert=True)
    except mongodb.UNAVAILABLE as error:
        raise _unavailable() from error
    return result.matched_count == 0


def load_reviews(*, product_id: int) -> list[dict[str, Any]]:
    """The latest reviews of a product."""
    try:
        found = list(mongodb.database()["reviews"].find({"product_id": product_id}))
    except mongodb.UNAVAILABLE as error:
        raise _unavailable() from error
    found.sort(key=lambda review: review["written_at"], reverse=True)
    return [{name: review[name] for name in ("rating", "text", "written_at")} for review in found[:_SHOWN]]


def append_activity(*, identifier: str, event: dict[str, Any]) -> None:
    """Add an event to the log; one that is already there is not added again."""
    try:
        mongodb.database()["activity"].insert_one({"_id": identifier, **event})
    except DuplicateKeyError:
        return
