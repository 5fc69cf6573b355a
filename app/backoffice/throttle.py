"""Guessing passwords is slow: so many attempts for an account from an address, and for an address, in a time.

Attempts are counted before the password is looked at, so that many at once can't pass. While Redis is away each process
counts for itself.
"""

import logging
import threading
import time

from core.breaker import Breaker
from core.drivers import redis
from core.identity import digest

log = logging.getLogger("shop.backoffice")
SECONDS = 900
PER_ACCOUNT = 5
PER_ADDRESS = 50
_LIMIT_OF_OWN = 10_000
_breaker = Breaker(5)
_lock = threading.Lock()
_own: dict[str, tuple[float, int]] = {}


def _names(account: str, address: str) -> dict[str, int]:
    # Names of accounts can have any length, and are no business of who reads Redis.
    pair = digest(f"{account.casefold()} {address}")
    return {f"login:account:{pair}": PER_ACCOUNT, f"login:address:{address}": PER_ADDRESS}


def attempt(*, account: str, address: str) -> bool:
    """Count an attempt to log in; False when there were too many and this one must not be looked at."""
    # Each is counted, also when the first says no.
    within = {name: _count(name) <= limit for name, limit in _names(account, address).items()}
    return all(within.values())


def succeeded(*, account: str, address: str) -> None:
    """Forget the account's attempts from this address."""
    name = next(iter(_names(account, address)))
    with _lock:
        _own.pop(name, None)
    try:
        redis.client().delete(name)
    except redis.UNAVAILABLE as error:
        log.warning("attempts to log in not forgotten: %s", error)


def _count(name: str) -> int:
    if _breaker.closed():
        try:
            with redis.client().pipeline(transaction=True) as pipeline:
                pipeline.incr(name)
                pipeline.expire(name, SECONDS, nx=True)
                return int(pipeline.execute()[0])
        except redis.UNAVAILABLE as error:
            _breaker.open()
            log.warning("attempts to log in are counted here only: %s", error)
    return _count_here(name)


def _count_here(name: str) -> int:
    now = time.monotonic()
    with _lock:
        if len(_own) >= _LIMIT_OF_OWN:
            for old in [key for key, (until, _) in _own.items() if until < now] or list(_own)[:1000]:
                del _own[old]
        until, count = _own.get(name, (0.0, 0))
        if until < now:
            until, count = now + SECONDS, 0
        _own[name] = (until, count + 1)
        return count + 1
