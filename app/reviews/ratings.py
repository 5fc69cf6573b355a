"""Products' ratings: in Redis, as every card of the catalogue shows one, and from MongoDB when they are not there."""

import logging
from collections.abc import Iterable

from core.breaker import Breaker
from core.drivers import redis
from core.errors import ApiError
from reviews import store
from reviews.shelf import Rating

log = logging.getLogger("shop.reviews")
SECONDS = 600
"""How long a rating may be old when Redis missed its change."""
_mongodb = Breaker(10)
_redis = Breaker(2)


def of(product_ids: Iterable[int]) -> dict[int, Rating]:
    """The ratings of products. While MongoDB is away, those that Redis doesn't have are missing."""
    wanted = list(dict.fromkeys(product_ids))
    found = _cached(wanted)
    for product_id in wanted:
        if product_id not in found and _mongodb.closed():
            try:
                found[product_id] = store.rating(product_id)
            except ApiError as error:
                _mongodb.open()
                log.warning("ratings unavailable: %s", error.message)
            else:
                _keep(product_id, found[product_id], only_new=True)
    return found


def changed(product_id: int, rating: Rating) -> None:
    """A product's rating is another now."""
    _keep(product_id, rating, only_new=False)


def _name(product_id: int) -> str:
    return f"rating:{product_id}"


def _cached(product_ids: list[int]) -> dict[int, Rating]:
    if not product_ids or not _redis.closed():
        return {}
    try:
        values = redis.client().mget([_name(product_id) for product_id in product_ids])
    except redis.UNAVAILABLE as error:
        _redis.open()
        log.warning("ratings' cache unavailable: %s", error)
        return {}
    found = zip(product_ids, values, strict=True)
    return {product_id: Rating(*map(int, value.split())) for product_id, value in found if value}


def _keep(product_id: int, rating: Rating, *, only_new: bool) -> None:
    # A reader must not overwrite what a change has put there after its look at MongoDB.
    if not _redis.closed():
        return
    try:
        value = f"{rating.count} {rating.total}"
        redis.client().set(_name(product_id), value, ex=SECONDS, nx=only_new)
    except redis.UNAVAILABLE as error:
        _redis.open()
        log.warning("ratings' cache unavailable: %s", error)
