"""What was seen on the host, as typed lines: requests, waits for locks, migrations. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Sample:
    """Something that the release on trial did: a request, or the use of a model. `said` is its error, empty when it
    went well. Times are the host's clock, in seconds."""

    name: str
    at: float
    seconds: float
    said: str = ""

    @property
    def ended(self) -> float:
        """When the answer was there."""
        return self.at + self.seconds


@dataclass(frozen=True)
class Wait:
    """So many sessions waited for a table's metadata at this moment, the longest for so many seconds."""

    at: float
    sessions: int
    seconds: float
    statement: str = ""


@dataclass(frozen=True)
class Ran:
    """A migration, and when it ran."""

    name: str
    began: float
    ended: float

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.ended - self.began


@dataclass(frozen=True)
class Watched:
    """What the load told. `failed`: why it could not go on."""

    samples: tuple[Sample, ...] = ()
    waits: tuple[Wait, ...] = ()
    steps: tuple[str, ...] = ()
    failed: str = ""


@dataclass(frozen=True)
class Migrated:
    """What the migrations told. `began` and `ended` are of all of them together; `failed`: why one could not be
    applied."""

    ran: tuple[Ran, ...] = ()
    began: float = 0.0
    ended: float = 0.0
    failed: str = ""


@dataclass(frozen=True)
class Stage:
    """A phase of migrations under the load of a release: the old one before the deploy, the new one after it."""

    phase: str
    release: str
    watched: Watched
    migrated: Migrated
    about: Mapping[str, str] = field(default_factory=dict[str, str])


def watched(lines: Iterable[str]) -> Watched:
    """Of inside/load.py's output. Lines of others are left out."""
    samples, waits = list[Sample](), list[Wait]()
    steps: tuple[str, ...] = ()
    failed = ""
    for told in _told(lines):
        if "failed" in told:
            failed = str(told["failed"])
        elif "name" in told:
            samples.append(Sample(told["name"], told["at"], told["seconds"], told["said"]))
        elif "waiting" in told:
            waits.append(Wait(told["at"], told["waiting"], told["seconds"], told["statement"]))
        elif "steps" in told:
            steps = tuple(told["steps"])
    return Watched(tuple(samples), tuple(waits), steps, failed)


def migrated(lines: Iterable[str]) -> Migrated:
    """Of inside/migrate.py's output."""
    ran = list[Ran]()
    began = ended = 0.0
    failed = ""
    for told in _told(lines):
        ended = told.get("ended", ended)
        if "began" in told:
            began = told["began"]
        elif "migration" in told:
            ran.append(Ran(told["migration"], ended - told["seconds"], ended))
        elif "failed" in told:
            failed = str(told["failed"])
    return Migrated(tuple(ran), began, ended, failed)


def _told(lines: Iterable[str]) -> Iterable[dict[str, Any]]:
    for line in lines:
        if line.startswith("{"):
            try:
                yield json.loads(line)
            except ValueError:
                # Two processes wrote at once, or the container's engine said something of its own.
                continue
