"""Locks by name, for what another store than MySQL can't change atomically."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connections


class LockedError(Exception):
    """Somebody else holds the lock for too long."""


@contextmanager
def named(name: str, *, seconds: int = 5) -> Iterator[None]:
    """Hold a lock that all of the shop's processes respect; waits up to `seconds`. Raises LockedError.

    It belongs to the database connection, so the lock of a process that was killed is free at once. Row locks, which
    the shop takes in an order of their own, must not be awaited inside.
    """
    # The server's locks are for all its databases.
    whole = f"{settings.SHOP.mysql.database}:{name}"[:64]
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT GET_LOCK(%s, %s)", [whole, seconds])
        (taken,) = cursor.fetchone()
        if not taken:
            raise LockedError(name)
        try:
            yield
        finally:
            cursor.execute("SELECT RELEASE_LOCK(%s)", [whole])
