"""What this process keeps open to others, and how much of it is in use. Counted where it happens: nobody is asked."""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from weakref import WeakSet

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created


@dataclass(frozen=True)
class Use:
    """A pool's connections: how many are in use, how many wait to be used, and how many there may be."""

    used: int
    idle: int
    limit: int


POOLS: dict[str, Callable[[], Use]] = {}
"""By the server's name. A driver puts its pool in here when it is loaded: who doesn't use the server tells nothing."""

_lock = threading.Lock()
# Each thread has connections of its own, which no other thread is told of, and which end with it.
_known: "WeakSet[BaseDatabaseWrapper]" = WeakSet()


def _opened(connection: BaseDatabaseWrapper, **_: Any) -> None:
    with _lock:
        _known.add(connection)


connection_created.connect(_opened)


def mysql() -> dict[str, int]:
    """How many connections to MySQL are open in all threads, by Django's name of the server."""
    with _lock:
        known = list(_known)
    opened = Counter(one.alias for one in known if one.connection is not None)
    return {alias: opened[alias] for alias in connections}
