"""One operation at a time on an environment.

A lease expires unless its holder keeps it alive, so nobody has to unlock anything by hand: a holder that
was killed loses it after EXPIRES_AFTER, and at once when the next operation runs on the same machine and
sees that it is gone.
"""

from __future__ import annotations

import fcntl
import getpass
import json
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from shopctl.clock import iso
from shopctl.errors import LeaseHeldError, ShopctlError

if TYPE_CHECKING:
    from shopctl.environment import Environment

EXPIRES_AFTER = 60.0
HEARTBEAT = 15.0
_POLL = 1.0


@dataclass(frozen=True)
class Process:
    """A process that no later one can be taken for: pids are used again, start times are not."""

    user: str
    host: str
    pid: int
    started: int

    @property
    def label(self) -> str:
        """For people."""
        return f"{self.user}@{self.host} (pid {self.pid})"

    @classmethod
    def this(cls) -> Process:
        """The running one."""
        pid = os.getpid()
        return cls(getpass.getuser(), os.uname().nodename, pid, start_time(pid) or 0)


@dataclass(frozen=True)
class Record:
    """Who holds the lease, for what, since and until when (seconds since the epoch)."""

    holder: Process
    operation: str
    since: float
    expires: float
    token: str


@dataclass(frozen=True)
class Take:
    """The lease is free. `reason` says why a record that was there does not count."""

    reason: str


@dataclass(frozen=True)
class Held:
    """Somebody else has it."""

    record: Record


def decide(
    record: Record | None, now: float, me: Process, holder_alive: Callable[[Process], bool]
) -> Take | Held:
    """Whether the lease may be taken. `holder_alive` is asked about processes of this machine only."""
    if record is None:
        return Take("free")
    if record.holder == me:
        return Take("held by this very process")
    if record.holder.host == me.host and not holder_alive(record.holder):
        return Take(f"{record.holder.label} ended without giving it back")
    if record.expires <= now:
        return Take(f"{record.holder.label} let it expire")
    return Held(record)


def start_time(pid: int) -> int | None:
    """The process's start in clock ticks since boot, or None when there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    # The command's name, in brackets, may hold spaces and brackets itself.
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] == "Z" else int(fields[19])


def alive(process: Process) -> bool:
    """Whether that very process still runs on this machine."""
    return start_time(process.pid) == process.started


def parse(content: bytes | None) -> Record | None:
    """A record as it is kept; a torn one counts as none."""
    try:
        data = json.loads(content or b"")
        return Record(**{**data, "holder": Process(**data["holder"])})
    except (ValueError, TypeError, KeyError):
        return None


def lost(holder: Record | None) -> ShopctlError:
    """What is said to an operation whose lease is somebody else's by now."""
    return ShopctlError(
        "the lease was lost",
        where=holder.holder.label if holder else None,
        next_step="wait for it to end, then run again",
    )


class Lease(Protocol):
    """Where an environment's lease is kept. `killed`: what a holder left who never gave it back."""

    killed: Record | None

    def read(self) -> Record | None: ...

    def try_take(self, operation: str) -> Record | Held: ...

    def renew(self, record: Record) -> Record: ...

    def give_back(self, record: Record) -> None: ...


def of(environment: Environment) -> Lease:
    """The environment's lease: beside its state."""
    if environment.bucket is None:
        return FileLease(environment.lease_file)
    from shopctl.drivers.bucket import Bucket
    from shopctl.lease_bucket import BucketLease

    return BucketLease(Bucket(environment.bucket), environment.name)


class FileLease:
    """The lease of an environment whose state is in a folder of this machine."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.killed: Record | None = None

    def read(self) -> Record | None:
        """The record that is there, valid or not."""
        try:
            return parse(self._file.read_bytes())
        except FileNotFoundError:
            return None

    def try_take(self, operation: str) -> Record | Held:
        """One attempt."""
        me = Process.this()
        with self._exclusively():
            left = self.read()
            decision = decide(left, time.time(), me, alive)
            if isinstance(decision, Held):
                return decision
            self.killed = left
            now = time.time()
            record = Record(me, operation, now, now + EXPIRES_AFTER, uuid.uuid4().hex)
            self._write(record)
            return record

    def renew(self, record: Record) -> Record:
        """Keeps it alive; raises when somebody else has taken it meanwhile."""
        with self._exclusively():
            current = self.read()
            if current is not None and current.token != record.token:
                raise lost(current)
            renewed = replace(record, expires=time.time() + EXPIRES_AFTER)
            self._write(renewed)
            return renewed

    def give_back(self, record: Record) -> None:
        """Frees it, unless it is somebody else's by now."""
        with self._exclusively():
            current = self.read()
            if current is not None and current.token == record.token:
                self._file.unlink(missing_ok=True)

    def _write(self, record: Record) -> None:
        partial = self._file.with_suffix(".partial")
        partial.write_text(json.dumps(asdict(record)))
        partial.replace(self._file)

    @contextmanager
    def _exclusively(self) -> Iterator[None]:
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._file.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


@contextmanager
def hold(
    lease: Lease,
    operation: str,
    *,
    environment: str,
    wait: bool = False,
    waiting: Callable[[str], None] | None = None,
) -> Iterator[Record]:
    """Takes the lease, keeps it alive by a thread, and gives it back."""
    record = _take(lease, operation, environment, wait, waiting)
    ended = threading.Event()

    def beat() -> None:
        # A failed beat (the disk is full, the lease was lost) must not end the operation half way: it goes
        # on, and whoever took the lease was told that this one had expired.
        while not ended.wait(HEARTBEAT):
            try:
                lease.renew(record)
            except (OSError, ShopctlError) as error:
                if waiting:
                    waiting(f"the lease was not renewed: {error}")

    thread = threading.Thread(target=beat, name="lease", daemon=True)
    thread.start()
    try:
        yield record
    finally:
        ended.set()
        thread.join()
        try:
            lease.give_back(record)
        except (OSError, ShopctlError) as error:
            # How the operation went is more important than this, and by then it is known.
            if waiting is None:
                raise
            waiting(f"the lease was not given back, and is free {EXPIRES_AFTER:.0f} s from now: {error}")


def _take(
    lease: Lease, operation: str, environment: str, wait: bool, waiting: Callable[[str], None] | None
) -> Record:
    said = False
    while True:
        result = lease.try_take(operation)
        if isinstance(result, Record):
            return result
        holder = result.record
        words = f"{holder.operation} of {environment} by {holder.holder.label}, since {iso(holder.since)}"
        if not wait:
            raise LeaseHeldError(
                f"{environment} is being worked on: {words}",
                next_step="wait for it to end, or run the command with --wait",
            )
        if not said and waiting:
            waiting(f"waiting for {words}")
            said = True
        time.sleep(_POLL)
