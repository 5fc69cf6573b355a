"""Servers that are away, for a test: the shop looks for them where nothing listens."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from django.conf import settings
from django.db import connections

from tests.shop.conftest import forget_clients


@contextmanager
def without_redis() -> Iterator[None]:
    """Redis refuses connections."""
    before = settings.SHOP
    forget_clients()
    settings.SHOP = replace(before, redis=replace(before.redis, port=1))
    try:
        yield
    finally:
        forget_clients()
        settings.SHOP = before


@contextmanager
def without_replica() -> Iterator[None]:
    """The replica refuses connections."""
    connections["replica"].close()
    found = connections["replica"].settings_dict
    port = found["PORT"]
    found["PORT"] = 1
    try:
        yield
    finally:
        connections["replica"].close()
        found["PORT"] = port


def caught_up() -> None:
    """Wait until the replica has what the primary has now."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT @@gtid_binlog_pos")
        (position,) = cursor.fetchone()
    with connections["replica"].cursor() as cursor:
        # Many short waits: a connection of the shop gives up after 15 s, and after a test with many rows, and the end
        # of that test, which deletes them, a slow replica may need longer.
        for _ in range(60):
            cursor.execute("SELECT MASTER_GTID_WAIT(%s, 5)", [position])
            if cursor.fetchone() == (0,):
                return
    raise AssertionError("the replica is more than five minutes behind")
