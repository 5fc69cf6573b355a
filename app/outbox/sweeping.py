"""Going through what is due, one by one, at somebody else's who may refuse one and may be away."""

import logging
from collections.abc import Callable, Iterable

from core.errors import ApiError
from outbox.handling import DATABASE_AWAY

log = logging.getLogger("shop.worker")
GIVEN_UP_AFTER = 5


def each(numbers: Iterable[str], act: Callable[[str], object], *, what: str) -> None:
    """Act on each of them. One that is refused must not keep the others waiting: it is due again.

    After `GIVEN_UP_AFTER` answers of 503 the others are left for the next time: somebody is away, and asking for each
    would only take a long time. Raises what the database does while it is away. `what` names one of them in the log.
    """
    away = 0
    for number in numbers:
        try:
            act(number)
        except ApiError as error:
            log.warning("%s %s stays as it is: %s", what, number, error)
            away += error.status == 503
        except DATABASE_AWAY:
            raise
        except Exception:
            log.exception("%s %s can't be dealt with", what, number)
        if away == GIVEN_UP_AFTER:
            return
