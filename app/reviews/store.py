"""Reviews in MongoDB: documents that are found by their `_id`, as that is what every server of its protocol does fast.

`reviews` has a document for each reviewed line of an order, `shelves` one for each product: the ids of what is shown.
Servers of the protocol exist that lose one of two simultaneous updates of a document. Inserting is atomic on all of
them; updates are made under `changing`, one at a time for each product.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from pymongo import DESCENDING
from pymongo.errors import DuplicateKeyError

from core.breaker import Circuit, RestingError
from core.drivers import mongodb
from core.errors import ApiError
from core.locks import LockedError, named
from reviews.shelf import Rating, Shelf

circuit = Circuit()


class State(StrEnum):
    """CHECKING waits for WeChat's content check, WAITING for a member of the staff."""

    CHECKING = "checking"
    WAITING = "waiting"
    SHOWN = "shown"
    HIDDEN = "hidden"
    REFUSED = "refused"


@dataclass(frozen=True)
class Review:
    """A review; `written_at` is RFC 3339, the pictures are keys of uploads."""

    id: str
    order_number: str
    product_id: int
    sku_id: int
    user_id: int
    product_name: str
    attributes: dict[str, str]
    rating: int
    text: str
    image_keys: tuple[str, ...]
    written_at: str
    state: State
    reply: str = ""


class AlreadyReviewedError(Exception):
    """The line of the order has a review."""


def unavailable() -> ApiError:
    """MongoDB is away."""
    return ApiError(503, "reviews_unavailable", "reviews can't be reached, please try again in a moment")


@contextmanager
def _answering() -> Iterator[None]:
    try:
        with circuit.watching(*mongodb.SILENT):
            yield
    except DuplicateKeyError:
        raise
    except (*mongodb.UNAVAILABLE, RestingError) as error:
        raise unavailable() from error


@contextmanager
def changing(product_id: int) -> Iterator[None]:
    """Nobody else changes the product's shelf or reviews meanwhile. Raises 503."""
    try:
        with named(f"reviews:{product_id}"):
            yield
    except LockedError as error:
        raise unavailable() from error


def insert(review: Review) -> None:
    """Store a new review. Raises AlreadyReviewedError, 503."""
    document = _plain(asdict(review)) | {"_id": review.id}
    del document["id"]
    try:
        with _answering():
            mongodb.database()["reviews"].insert_one(document)
    except DuplicateKeyError as error:
        raise AlreadyReviewedError(review.id) from error


def find(review_id: str) -> Review | None:
    """A review by its id."""
    with _answering():
        document = mongodb.database()["reviews"].find_one({"_id": review_id})
    return _review(document) if document else None


def find_all(review_ids: list[str]) -> list[Review]:
    """Reviews by their ids, in this order. One look-up each: for `$in` small servers take ten times as long."""
    return [review for review in map(find, review_ids) if review is not None]


def change(review: Review, **fields: Any) -> Review:
    """Set fields of a review. Only under `changing`."""
    with _answering():
        mongodb.database()["reviews"].update_one({"_id": review.id}, {"$set": _plain(fields)})
    return replace(review, **fields)


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, State) else value for name, value in fields.items()}


def review(fields: dict[str, Any]) -> Review:
    """A review from its fields as they are stored."""
    typed = {"image_keys": tuple(fields["image_keys"]), "state": State(fields["state"])}
    return Review(**fields | typed)


def _review(document: dict[str, Any]) -> Review:
    fields = {name: value for name, value in document.items() if name != "_id"}
    return review({"id": document["_id"], **fields})


def shelf(product_id: int) -> Shelf:
    """What is shown of a product."""
    with _answering():
        document = mongodb.database()["shelves"].find_one({"_id": str(product_id)})
    return Shelf(tuple((entry["id"], entry["rating"]) for entry in (document or {}).get("entries", ())))


def save_shelf(product_id: int, wanted: Shelf) -> None:
    """Replace what is shown of a product. Only under `changing`."""
    document = {
        "entries": [{"id": review_id, "rating": rating} for review_id, rating in wanted.entries],
        "count": wanted.rating.count,
        "total": wanted.rating.total,
    }
    with _answering():
        mongodb.database()["shelves"].replace_one({"_id": str(product_id)}, document, upsert=True)


def rating(product_id: int) -> Rating:
    """Count and sum, without reading the shelf's entries."""
    with _answering():
        found = mongodb.database()["shelves"].find_one({"_id": str(product_id)}, {"count": 1, "total": 1})
    return Rating(found["count"], found["total"]) if found else Rating()


def listed(*, state: State | None, skip: int, limit: int) -> list[Review]:
    """All reviews for the staff, the newest first."""
    wanted = {"state": str(state)} if state else {}
    with _answering():
        found = mongodb.database()["reviews"].find(wanted).sort("written_at", DESCENDING)
        return [_review(document) for document in found.skip(skip).limit(limit)]


def count(*, state: State | None) -> int:
    """How many reviews there are in a state."""
    with _answering():
        return mongodb.database()["reviews"].count_documents({"state": str(state)} if state else {})


def ensure_indexes() -> None:
    """What the staff's list needs. A server that has them does nothing."""
    with _answering():
        reviews = mongodb.database()["reviews"]
        reviews.create_index([("written_at", DESCENDING)])
        reviews.create_index([("state", DESCENDING), ("written_at", DESCENDING)])
