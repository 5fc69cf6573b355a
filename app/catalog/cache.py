"""The product list's copy in Redis.

Each change of the catalogue begins a new generation. A reader takes the generation before it reads the
database, so a list that was read before the change can only be stored under a generation that nobody asks for
any more.
"""

import json
import logging
from typing import Any

from core import metrics
from core.drivers import redis

log = logging.getLogger("shop.catalogue")
_GENERATION = "catalogue:generation"
# Bounds what a lagging replica, or a Redis that lost its counter, can do.
_SECONDS = 30

Items = list[dict[str, Any]]


def load() -> tuple[str | None, Items | None]:
    """The generation (None when Redis is away) and its list, if it is there."""
    try:
        generation = str(redis.client().get(_GENERATION) or "0")
        stored = redis.client().get(f"catalogue:{generation}")
    except redis.UNAVAILABLE as error:
        log.warning("cache unavailable: %s", error)
        metrics.CACHE_READS.labels("unavailable").inc()
        return None, None
    metrics.CACHE_READS.labels("hit" if stored else "miss").inc()
    return generation, json.loads(str(stored)) if stored else None


def store(generation: str, items: Items) -> None:
    """Keep a list that was read after `generation` was taken."""
    try:
        redis.client().set(f"catalogue:{generation}", json.dumps(items), ex=_SECONDS)
    except redis.UNAVAILABLE as error:
        log.warning("cache unavailable: %s", error)


def invalidate() -> None:
    """Begin a new generation. Called after commit; a failure costs at most `_SECONDS` of staleness."""
    try:
        redis.client().incr(_GENERATION)
    except redis.UNAVAILABLE as error:
        log.warning("cache unavailable: %s", error)
