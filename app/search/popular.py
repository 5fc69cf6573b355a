"""What people search for, counted by the week in Redis. Nothing depends on it."""

import logging
import random
from typing import cast

from django.utils import timezone

from core.breaker import Breaker
from core.drivers import redis
from search import words

log = logging.getLogger("shop.search")
LENGTH = 12
AT_LEAST = 3
"""Searches before a text is shown to others."""
_KEPT = 1000
_TWO_WEEKS = 14 * 24 * 3600
_breaker = Breaker(5.0)


def count(text: str) -> None:
    """Count a search that found something."""
    normal = words.normal(text)
    if not 2 <= len(normal) <= LENGTH or not _breaker.closed():
        return
    key = _key()
    try:
        pipeline = redis.client().pipeline(transaction=False)
        pipeline.zincrby(key, 1, normal)
        pipeline.expire(key, _TWO_WEEKS)
        if random.random() < 0.01:
            pipeline.zremrangebyrank(key, 0, -_KEPT - 1)
        pipeline.execute()
    except redis.UNAVAILABLE as error:
        _breaker.open()
        log.warning("search not counted: %s", error)


def most(limit: int = 200) -> dict[str, int]:
    """This week's searches, most frequent first; nothing when Redis is away."""
    try:
        answer = redis.client().zrevrange(_key(), 0, limit - 1, withscores=True)
    except redis.UNAVAILABLE as error:
        log.warning("popular searches unknown: %s", error)
        return {}
    found = cast("list[tuple[str, float]]", answer)
    return {text: int(times) for text, times in found if times >= AT_LEAST}


def _key() -> str:
    year, week, _ = timezone.now().isocalendar()
    return f"search:popular:{year}-{week:02}"
