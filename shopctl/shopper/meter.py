"""Counts and times of a load, from many threads. Its size does not grow with time."""

from __future__ import annotations

import math
import threading
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

# Times are kept in classes, each 2 % longer than the one before: a percentile is at most so far off.
_GROWTH = math.log(1.02)


@dataclass(frozen=True)
class Step:
    """One kind of request. Milliseconds are from asking until the answer was read, repeats left out."""

    name: str
    count: int
    errors: int
    p50_ms: float
    p95_ms: float
    p99_ms: float


@dataclass(frozen=True)
class Figures:
    """What was measured. `errors` and `refusals` by code; `repeats`: requests that were sent again."""

    requests: int
    repeats: int
    journeys: dict[str, int]
    errors: dict[str, int]
    refusals: dict[str, int]
    steps: tuple[Step, ...]

    @property
    def failed(self) -> int:
        """How many errors in all."""
        return sum(self.errors.values())

    def step(self, name: str) -> Step | None:
        """A step's figures; None when it never happened."""
        return next((step for step in self.steps if step.name == name), None)

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self)


class Meter:
    """What shoppers tell about their requests."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._times: defaultdict[str, Counter[int]] = defaultdict(Counter)
        self._failed: Counter[str] = Counter()
        self._errors: Counter[str] = Counter()
        self._refusals: Counter[str] = Counter()
        self._journeys: Counter[str] = Counter()
        self._repeats = 0

    def answered(self, step: str, seconds: float) -> None:
        """A request got an answer, whatever it was."""
        with self._lock:
            self._times[step][_class_of(seconds)] += 1

    def repeated(self) -> None:
        """A request is sent again."""
        with self._lock:
            self._repeats += 1

    def refused(self, code: str) -> None:
        """The shop said no, and may."""
        with self._lock:
            self._refusals[code] += 1

    def failed(self, step: str, code: str) -> None:
        """The shop did what it must not, or did not answer in the end."""
        with self._lock:
            self._failed[step] += 1
            self._errors[code] += 1

    def finished(self, journey: str) -> None:
        """A journey went to its end."""
        with self._lock:
            self._journeys[journey] += 1

    def figures(self) -> Figures:
        """Everything so far."""
        with self._lock:
            names = sorted(set(self._times) | set(self._failed))
            steps = tuple(_step(name, self._times.get(name, {}), self._failed[name]) for name in names)
            return Figures(
                requests=sum(step.count for step in steps),
                repeats=self._repeats,
                journeys=dict(self._journeys),
                errors=dict(self._errors),
                refusals=dict(self._refusals),
                steps=steps,
            )


def percentile(classes: Mapping[int, int], share: float) -> float:
    """The time in milliseconds within which that share of the answers came; 0 without any."""
    wanted, seen = math.ceil(share * sum(classes.values())), 0
    for number in sorted(classes):
        seen += classes[number]
        if seen >= wanted:
            return round(math.exp(number * _GROWTH) / 1000, 3)
    return 0.0


def _class_of(seconds: float) -> int:
    return round(math.log(max(seconds * 1e6, 1.0)) / _GROWTH)


def _step(name: str, classes: Mapping[int, int], errors: int) -> Step:
    p50, p95, p99 = (percentile(classes, share) for share in (0.5, 0.95, 0.99))
    return Step(name, sum(classes.values()), errors, p50, p95, p99)
