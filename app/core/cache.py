"""Finished answers in Redis, made once however many ask, and gone as soon as what they were made from changes.

An entry carries the versions that its tags had before it was made; it counts only while they are the tags' versions
still. `invalidate` gives tags new versions. So what was read before a change, and is stored after it, is never served.

- A miss is computed by one thread of one process; others wait for it (`WAIT_SECONDS`), then help themselves.
- An entry past its time is renewed by one; the others get the old one meanwhile. Times vary by a tenth, so that
  entries made together don't end together.
- Just after a change, what it touches is read from the primary: the replica may not have it yet.
- Without Redis everything is computed, once for each process at a time. An invalidation that Redis misses costs at most
  the entry's time.
"""

import json
import logging
import random
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import cast

from core import metrics
from core.breaker import Breaker
from core.drivers import redis
from core.flight import Flights
from core.replica import LAG_SECONDS, on_primary

log = logging.getLogger("shop.cache")
MISSING_SECONDS = 10.0
STALE_FACTOR = 4
LOCK_SECONDS = 5
WAIT_SECONDS = 2.0
PAUSE_SECONDS = 2.0
_POLL_SECONDS = 0.02
_A_DAY = 24 * 3600
_UNLOCK = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"

Make = Callable[[], bytes | None]
"""Computes an answer; None says that there is nothing, which is remembered too."""


@dataclass(frozen=True)
class Entry:
    """What Redis has under a key, as of the tags' versions now. Without a body there is nothing to serve."""

    versions: tuple[str, ...]
    valid: bool = False
    fresh: bool = False
    body: bytes | None = None


class Cache:
    """A room of keys and tags in Redis, under a name of its own."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._flights: Flights[bytes | None] = Flights()
        self._breaker = Breaker(PAUSE_SECONDS)

    def read(self, key: str, *, tags: Sequence[str], seconds: float, make: Make) -> bytes | None:
        """The answer under `key`, at most about `seconds` old and of the tags' present versions."""
        found = self._load(key, tags)
        if found is None:
            metrics.CACHE_READS.labels("unavailable").inc()
            return self._flights.run(key, make)
        if not found.valid:
            metrics.CACHE_READS.labels("miss").inc()
            return self._flights.run(key, lambda: self._fill(key, tags, seconds, make))
        if found.fresh:
            metrics.CACHE_READS.labels("hit").inc()
            return found.body
        metrics.CACHE_READS.labels("stale").inc()
        lock = self._lock(key)
        if lock is None:
            return found.body
        try:
            return self._make(key, found.versions, seconds, make)
        finally:
            self._unlock(key, lock)

    def invalidate(self, *tags: str) -> None:
        """Give the tags new versions. Call it after the commit."""
        version = f"{time.time():.3f}-{secrets.token_hex(4)}"
        try:
            pipeline = redis.client().pipeline(transaction=False)
            for tag in tags:
                # An entry never lives as long, so a version that was forgotten can't come back to one.
                pipeline.set(self._tag(tag), version, ex=_A_DAY)
            pipeline.execute()
        except redis.UNAVAILABLE as error:
            log.warning("not invalidated: %s", error)

    def _fill(self, key: str, tags: Sequence[str], seconds: float, make: Make) -> bytes | None:
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            lock = self._lock(key)
            try:
                found = self._load(key, tags)
                if found is None:
                    return make()
                if found.valid:
                    return found.body
                if lock is not None or time.monotonic() > deadline:
                    return self._make(key, found.versions, seconds, make)
            finally:
                if lock is not None:
                    self._unlock(key, lock)
            time.sleep(_POLL_SECONDS)

    def _make(self, key: str, versions: tuple[str, ...], seconds: float, make: Make) -> bytes | None:
        with ExitStack() as stack:
            if any(_young(version) for version in versions):
                stack.enter_context(on_primary())
            body = make()
        fresh = (MISSING_SECONDS if body is None else seconds) * random.uniform(0.9, 1.1)
        head = {"versions": versions, "until": time.time() + fresh, "missing": body is None}
        stored = json.dumps(head).encode() + b"\n" + (body or b"")
        try:
            redis.client().set(self._entry(key), stored, px=int(fresh * STALE_FACTOR * 1000))
        except redis.UNAVAILABLE as error:
            self._away(error)
        return body

    def _load(self, key: str, tags: Sequence[str]) -> Entry | None:
        if not self._breaker.closed():
            return None
        try:
            answer = redis.client().mget([self._entry(key), *(self._tag(tag) for tag in tags)])
        except redis.UNAVAILABLE as error:
            self._away(error)
            return None
        stored, *found = cast("list[str | None]", answer)
        versions = tuple(version or "" for version in found)
        if stored is None:
            return Entry(versions)
        head, _, body = stored.partition("\n")
        about = json.loads(head)
        return Entry(
            versions,
            valid=tuple(about["versions"]) == versions,
            fresh=time.time() < about["until"],
            body=None if about["missing"] else body.encode(),
        )

    def _lock(self, key: str) -> str | None:
        token = secrets.token_hex(8)
        try:
            taken = redis.client().set(f"{self._entry(key)}:lock", token, nx=True, ex=LOCK_SECONDS)
        except redis.UNAVAILABLE as error:
            self._away(error)
            return None
        return token if taken else None

    def _unlock(self, key: str, token: str) -> None:
        try:
            redis.client().eval(_UNLOCK, 1, f"{self._entry(key)}:lock", token)
        except redis.UNAVAILABLE as error:
            self._away(error)

    def _away(self, error: Exception) -> None:
        self._breaker.open()
        log.warning("cache %s unavailable: %s", self._name, error)

    def _entry(self, key: str) -> str:
        return f"cache:{self._name}:{key}"

    def _tag(self, tag: str) -> str:
        return f"cache:{self._name}:tag:{tag}"


def _young(version: str) -> bool:
    return bool(version) and time.time() - float(version.partition("-")[0]) < LAG_SECONDS
