"""Reads that may be a moment old (`@read_from_replica`: the catalogue) go to the replica; every other read, and every
write, to the primary.
"""

import functools
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

from django.conf import settings
from django.db import InterfaceError, OperationalError, connections

from core import metrics
from core.breaker import Breaker

log = logging.getLogger("shop.replica")
PAUSE_SECONDS = 10.0
LAG_SECONDS = 5
"""Longer than the replica lags in health; a replica that lags more is the monitoring's business."""
P = ParamSpec("P")
R = TypeVar("R")

breaker = Breaker(PAUSE_SECONDS)
_scope = threading.local()


class ReadsFromReplica:
    """The router. Only code under `read_from_replica` reads there: services must see their own writes."""

    def db_for_read(self, model: type[Any], **hints: Any) -> str:
        """Where a query goes that doesn't name its database."""
        return "replica" if getattr(_scope, "replica", False) else "default"

    def db_for_write(self, model: type[Any], **hints: Any) -> str:
        """Always the primary."""
        return "default"

    def allow_relation(self, *objects: Any, **hints: Any) -> bool:
        """Both names are the same data."""
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """The replica gets its tables by replication."""
        return db == "default"


@contextmanager
def on_primary() -> Iterator[None]:
    """Keep everything inside on the primary, also what is under `read_from_replica`."""
    before = getattr(_scope, "primary", False)
    _scope.primary = True
    try:
        yield
    finally:
        _scope.primary = before


def read_from_replica(read: Callable[P, R]) -> Callable[P, R]:
    """Let a selector read from the replica, and from the primary when there is no replica or it is down."""

    @functools.wraps(read)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        if not _usable():
            with _reading(replica=False):
                return read(*args, **kwargs)
        try:
            with _reading(replica=True):
                return read(*args, **kwargs)
        except (OperationalError, InterfaceError) as error:
            breaker.open()
            metrics.REPLICA_FALLBACKS.inc()
            log.warning("replica failed, reading from the primary: %s", error)
            connections["replica"].close()
        return read(*args, **kwargs)

    return wrapped


def _usable() -> bool:
    if "replica" not in settings.DATABASES or getattr(_scope, "primary", False) or not breaker.closed():
        return False
    # Inside a transaction the reader expects to see what it wrote.
    return not connections["default"].in_atomic_block


@contextmanager
def _reading(*, replica: bool) -> Iterator[None]:
    before = getattr(_scope, "replica", False)
    _scope.replica = replica
    try:
        yield
    finally:
        _scope.replica = before
