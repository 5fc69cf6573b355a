"""Pages of products' reviews, kept in Redis until something of the product's changes.

MongoDB finds ten documents by their ids in no time; smaller servers of its protocol read a collection for each.
"""

import json
from dataclasses import asdict

from core.cache import Cache
from reviews import store
from reviews.shelf import Rating
from reviews.store import Review, State

SECONDS = 60.0
_cache = Cache("reviews")


def read(*, product_id: int, number: int, size: int) -> tuple[list[Review], Rating]:
    """A page, the newest first, and the rating of all. Raises 503 for one that isn't kept while MongoDB is away."""

    def make() -> bytes:
        shelf = store.shelf(product_id)
        found = [one for one in store.find_all(shelf.page(number, size)) if one.state is State.SHOWN]
        return json.dumps(
            {"rating": asdict(shelf.rating), "reviews": [asdict(one) for one in found]}
        ).encode()

    key = f"{product_id}:{number}:{size}"
    body = _cache.read(key, tags=[_tag(product_id)], seconds=SECONDS, make=make)
    assert body is not None, "an empty page is a page"
    kept = json.loads(body)
    return [store.review(fields) for fields in kept["reviews"]], Rating(**kept["rating"])


def changed(product_id: int) -> None:
    """A review of the product was shown, hidden or answered."""
    _cache.invalidate(_tag(product_id))


def _tag(product_id: int) -> str:
    return f"product:{product_id}"
