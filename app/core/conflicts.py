"""Transactions that the database gave up on, not the buyer."""

import functools
import random
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import OperationalError

P = ParamSpec("P")
R = TypeVar("R")
# Record changed since read (MariaDB), lock wait timeout, deadlock: rolled back whole, so safe to do again.
_RETRYABLE = frozenset({1020, 1205, 1213})
_ATTEMPTS = 4


def retry_conflicts(operation: Callable[P, R]) -> Callable[P, R]:
    """Repeat a whole transaction after a conflict. Only for functions that open it themselves."""

    @functools.wraps(operation)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        for attempt in range(1, _ATTEMPTS):
            try:
                return operation(*args, **kwargs)
            except OperationalError as error:
                if not error.args or error.args[0] not in _RETRYABLE:
                    raise
                time.sleep(random.uniform(0.01, 0.05) * attempt)
        return operation(*args, **kwargs)

    return wrapped
