"""Servers that can't be reached, to this process."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from django.conf import settings

from tests.shop.conftest import forget_clients


@contextmanager
def redis_away() -> Iterator[None]:
    """Nothing listens where the shop looks for Redis."""
    before = settings.SHOP
    settings.SHOP = replace(before, redis=replace(before.redis, host="127.0.0.1", port=1))
    forget_clients()
    try:
        yield
    finally:
        settings.SHOP = before
        forget_clients()
