"""Watches one host after it has begun to serve a new version, and has the gates judge what it sees."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from shopctl.rollout import gates, sample, traffic
from shopctl.rollout.gates import Gate, Traffic, Unit
from shopctl.rollout.limits import Limits
from shopctl.rollout.traffic import Request, Window

LOOK_SECONDS = 1.0
"""Between two looks."""
UNREADY_LOOKS = 3
"""So many in a row are no blink of a dependency."""


class Run(Protocol):
    """Runs a command on the host and returns its output, whatever its exit code. Raises ShopctlError without a host."""

    def __call__(self, argv: Sequence[str], /) -> str: ...


@dataclass(frozen=True)
class Watched:
    """A host and the version that it has begun to serve.

    `release` is how that version's answers name it (X-Shop-Release). `groups`: those whose requests it gets; `others`
    have a unit and a socket all the same: the worker, once its turn has come. `memory_mb`: what each may have.
    """

    host: str
    version: str
    release: str
    groups: tuple[str, ...]
    others: tuple[str, ...] = ()
    memory_mb: float = 512.0

    @property
    def every(self) -> tuple[str, ...]:
        """All groups with a unit."""
        return (*self.groups, *self.others)


@dataclass(frozen=True)
class Look:
    """What was seen at one moment. `unready`: so many looks in a row somebody was not ready."""

    after: Window
    memory: Mapping[str, float]
    units: Mapping[str, Unit]
    answers: Mapping[str, int]
    unready: int = 0


def usual(run: Run, limits: Limits) -> Window:
    """The last minutes' requests of a host. Ask before the new version is started: that makes the former one slower."""
    [now] = sample.moments(run(sample.NOW))
    found = traffic.requests(run(traffic.RECENT))
    return traffic.before(found, since=now - limits.before_seconds, until=now)


def watch(
    watched: Watched,
    run: Run,
    limits: Limits,
    *,
    before: Window,
    warmed: Sequence[Request] = (),
    beside: Mapping[str, Run] | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[Gate, ...]:
    """The gates after `watch_seconds`, or at once when one of them is clearly not to be passed.

    `warmed`: the last round of the warm-up. `beside`: hosts that serve the former version meanwhile, by name.
    Raises ShopctlError when a host can't be asked.
    """
    since = min(sample.moments(run(sample.serves_since(watched.groups or watched.others))))
    base, began = Traffic(before=before, warmed=Window.of(warmed)), clock()
    first = now = _look(watched, run, since, None)

    def judged(*, early: bool) -> tuple[Gate, ...]:
        found = judge(watched, base, first, now, limits, early=early)
        if beside and any(gate.failed for gate in found):
            # They can only excuse, so they are not asked before there is something to excuse.
            excused = replace(base, beside=_beside(beside, since))
            return judge(watched, excused, first, now, limits, early=early)
        return found

    while True:
        found, left = judged(early=True), limits.watch_seconds - (clock() - began)
        if any(gate.failed for gate in found):
            return found
        if left <= 0:
            return judged(early=False)
        sleep(min(LOOK_SECONDS, left))
        now = _look(watched, run, since, now)


def judge(
    watched: Watched, base: Traffic, first: Look, now: Look, limits: Limits, *, early: bool = False
) -> tuple[Gate, ...]:
    """All gates by what was seen first and what is seen now. Pure. `early`: only what is clear fails."""
    compared = replace(base, after=now.after)
    ready = gates.ready(watched.host, watched.every, now.answers)
    if early and ready.failed and now.unready < UNREADY_LOOKS:
        ready = replace(ready, passed=None)
    return (
        ready,
        gates.restarts(watched.host, watched.every, first.units, now.units),
        gates.errors(watched.host, compared, limits, early=early),
        gates.latency(watched.host, compared, limits, early=early),
        gates.memory(watched.host, first.memory, now.memory, limits, limit_mb=watched.memory_mb),
    )


def _look(watched: Watched, run: Run, since: float, last: Look | None) -> Look:
    found = traffic.requests(run(traffic.RECENT))
    answers = sample.answers_of(run(sample.readiness(watched.version, watched.every)))
    well = gates.ready(watched.host, watched.every, answers).passed
    return Look(
        after=traffic.after(found, watched.release, watched.groups, since=since),
        memory=sample.memory_of(run(sample.MEMORY), watched.version),
        units=sample.units_of(run(sample.units(watched.version))),
        answers=answers,
        unready=0 if well else (last.unready if last else 0) + 1,
    )


def _beside(hosts: Mapping[str, Run], since: float) -> Window:
    said = (run(traffic.RECENT) for run in hosts.values())
    return Window.of(request for each in said for request in traffic.requests(each) if request.at >= since)
