"""Catalogue reads go to the replica while it answers; everything else, and every write, to the primary."""

import functools
import logging
import threading
import time
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from django.conf import settings
from django.db import InterfaceError, OperationalError, connections

from core import metrics

log = logging.getLogger("shop.replica")
PAUSE_SECONDS = 10.0
P = ParamSpec("P")
R = TypeVar("R")


class Breaker:
    """Remembers that the replica failed, so that not every request has to find out by waiting."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until = 0.0

    def open(self) -> None:
        """Leave the replica alone for a while."""
        self._until = self._clock() + PAUSE_SECONDS

    def closed(self) -> bool:
        """Whether the replica may be asked."""
        return self._clock() >= self._until


breaker = Breaker()
_scope = threading.local()


class CatalogueReadsFromReplica:
    """The router. Only code under `read_from_replica` reads there: services must see their own writes."""

    def db_for_read(self, model: type[Any], **hints: Any) -> str:
        """Where a query goes that doesn't name its database."""
        wanted = getattr(_scope, "active", False) and model._meta.app_label == "catalog"
        return "replica" if wanted else "default"

    def db_for_write(self, model: type[Any], **hints: Any) -> str:
        """Always the primary."""
        return "default"

    def allow_relation(self, *objects: Any, **hints: Any) -> bool:
        """Both names are the same data."""
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """The replica gets its tables by replication."""
        return db == "default"


def read_from_replica(read: Callable[P, R]) -> Callable[P, R]:
    """Let a selector read from the replica, and from the primary when there is no replica or it is down."""

    @functools.wraps(read)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        usable = "replica" in settings.DATABASES and breaker.closed()
        if not usable or connections["default"].in_atomic_block:
            return read(*args, **kwargs)
        _scope.active = True
        try:
            return read(*args, **kwargs)
        except (OperationalError, InterfaceError) as error:
            breaker.open()
            metrics.REPLICA_FALLBACKS.inc()
            log.warning("replica failed, reading from the primary: %s", error)
            connections["replica"].close()
        finally:
            _scope.active = False
        return read(*args, **kwargs)

    return wrapped
