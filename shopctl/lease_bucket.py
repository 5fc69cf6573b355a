"""The lease of an environment whose state is in a bucket.

Stores differ in how they write "only if nobody else has": COS has a header of its own for it, S3 has another, and some
know neither. So nothing of that is used. Whoever wants the lease puts a claim of its own into the bucket, then looks:
if there is another living claim, it takes its own away again. As a store shows at once what was written (COS and S3
do), of two that come together at least one sees the other. That both give way, and try again after a while of their
own, can happen; that both have it can not.

A claim lives as long as it is written again: its age is told by the store's clock, not by those of its holders.
"""

from __future__ import annotations

import json
import random
import time
import uuid
from dataclasses import asdict, replace

from shopctl.drivers.bucket import Bucket
from shopctl.lease import EXPIRES_AFTER, Held, Process, Record, alive, decide, lost, parse

ATTEMPTS = 4


class BucketLease:
    """One environment's; `killed` is what a holder left who didn't give it back."""

    def __init__(self, bucket: Bucket, environment: str) -> None:
        self._bucket = bucket
        self._prefix = f"shopctl/lease/{environment}/"
        self.killed: Record | None = None

    def read(self) -> Record | None:
        """The oldest living claim."""
        claims, now = self._claims()
        living = [claim for claim in claims if claim.expires > now]
        return min(living, key=lambda claim: claim.since, default=None)

    def try_take(self, operation: str) -> Record | Held:
        """One attempt; when two come together, a few."""
        me = Process.this()
        held: Held | None = None
        for _ in range(ATTEMPTS):
            held = self._other(me, "")
            if held:
                return held
            now = time.time()
            record = Record(me, operation, now, now + EXPIRES_AFTER, uuid.uuid4().hex)
            self._write(record)
            held = self._other(me, record.token)
            if held is None:
                return record
            self._bucket.delete(self._key(record))
            # Both may have seen each other: who comes back first gets it.
            time.sleep(random.uniform(0.1, 1.0))
        assert held is not None
        return held

    def renew(self, record: Record) -> Record:
        """Keeps it alive; raises when it was taken for dead, and given to somebody else, meanwhile."""
        if self._bucket.get(self._key(record)) is None:
            raise lost(self.read())
        renewed = replace(record, expires=time.time() + EXPIRES_AFTER)
        self._write(renewed)
        return renewed

    def give_back(self, record: Record) -> None:
        """Frees it."""
        self._bucket.delete(self._key(record))

    def _other(self, me: Process, own: str) -> Held | None:
        """Somebody else's living claim; dead ones are cleared away."""
        claims, now = self._claims()
        for claim in claims:
            if claim.token == own:
                continue
            decision = decide(claim, now, me, alive)
            if isinstance(decision, Held):
                return decision
            self.killed = claim
            self._bucket.delete(self._key(claim))
        return None

    def _claims(self) -> tuple[list[Record], float]:
        """All claims, each expiring by the store's clock, and that clock."""
        items, now = self._bucket.list(self._prefix)
        found: list[Record] = []
        for item in items:
            record = parse(self._bucket.get(item.key))
            if record is None:
                # Given back between the two looks, or torn: a torn one expires like any other.
                continue
            found.append(replace(record, expires=item.written.timestamp() + EXPIRES_AFTER))
        return found, now.timestamp()

    def _write(self, record: Record) -> None:
        self._bucket.put(self._key(record), json.dumps(asdict(record)).encode())

    def _key(self, record: Record) -> str:
        return f"{self._prefix}{record.token}.json"
