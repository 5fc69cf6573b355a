"""Recommendations in Redis: lists of products' ids, written by the job and read by the catalogue."""

import json
import logging
from collections.abc import Mapping, Sequence

from core.breaker import Breaker
from core.drivers import redis

log = logging.getLogger("shop.recommendations")
SECONDS = 2 * 24 * 3600
"""Longer than the job may fail before anybody looks."""
POPULAR = "popular"
_BATCH = 1000
_breaker = Breaker(2.0)


def product_key(product_id: int) -> str:
    """Where the list of what is bought with a product is."""
    return f"product:{product_id}"


def user_key(user_id: int) -> str:
    """Where a user's own list is."""
    return f"user:{user_id}"


def write(lists: Mapping[str, Sequence[int]]) -> None:
    """Replace these lists; others stay until their time is over."""
    items = list(lists.items())
    for start in range(0, len(items), _BATCH):
        pipeline = redis.client().pipeline(transaction=False)
        for key, products in items[start : start + _BATCH]:
            pipeline.set(_name(key), json.dumps(list(products)), ex=SECONDS)
        pipeline.execute()


def read(*keys: str) -> list[list[int]]:
    """The lists under these keys; empty where there is none, or where Redis is away."""
    if not _breaker.closed():
        return [[] for _ in keys]
    try:
        found = redis.client().mget([_name(key) for key in keys])
    except redis.UNAVAILABLE as error:
        _breaker.open()
        log.warning("recommendations unavailable: %s", error)
        return [[] for _ in keys]
    return [json.loads(stored) if stored else [] for stored in found]


def _name(key: str) -> str:
    return f"recommendations:{key}"
