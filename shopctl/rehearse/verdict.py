"""Whether a release's migrations are good: how long they keep the shop waiting, and whether its code goes on. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from shopctl.rehearse.samples import Migrated, Ran, Sample, Stage, Wait

STALL_LIMIT = 2.0
"""Seconds that a request may wait for a migration: a buyer takes it for a slow page, and no timeout is reached. What it
took at the longest without migrations comes on top: a busy host is no fault of theirs."""


@dataclass(frozen=True)
class Errors:
    """What no longer works: a request or the use of a model, how often it failed of how many times, and its first
    error."""

    name: str
    count: int
    of: int
    first: str


@dataclass(frozen=True)
class Judged:
    """A migration: how long it took, the longest that something waited meanwhile and what, and the longest wait for a
    table's metadata. Seconds."""

    name: str
    phase: str
    seconds: float
    stall: float
    stalled: str
    lock_wait: float


@dataclass(frozen=True)
class Calm:
    """How the release did before: requests, the 95th percentile and the longest of their times, in seconds."""

    phase: str
    release: str
    requests: int
    p95: float
    longest: float


@dataclass(frozen=True)
class Verdict:
    """The outcome. `reasons` say why it is not good."""

    calm: tuple[Calm, ...]
    migrations: tuple[Judged, ...]
    errors: tuple[Errors, ...]
    reasons: tuple[str, ...]

    @property
    def good(self) -> bool:
        """Nothing waited for too long, and nothing failed."""
        return not self.reasons

    def as_json(self) -> dict[str, Any]:
        """For machines, and for the journal."""
        return {"good": self.good, "stall_limit_seconds": STALL_LIMIT, **asdict(self)}


def unfit(stage: Stage) -> str:
    """Why a stage can tell nothing: its release does not do well even before the migrations. Empty when it can."""
    if stage.watched.failed:
        return f"{stage.release} could not be loaded: {_last(stage.watched.failed)}"
    before = _before(stage)
    if not before:
        return f"{stage.release} answered nothing before the migrations"
    broken = [sample for sample in before if sample.said]
    if broken:
        return (
            f"{stage.release} does not work on the copy even without the migrations: "
            f"{broken[0].name}: {broken[0].said}"
        )
    p95 = _calm(stage).p95
    return (
        f"the host is too busy to measure: answers took {p95:.1f} s without migrations"
        if p95 > STALL_LIMIT
        else ""
    )


def judge(stages: Sequence[Stage]) -> Verdict:
    """The verdict on stages that are fit."""
    migrations = [judged for stage in stages for judged in _migrations(stage)]
    errors = [error for stage in stages for error in _errors(stage)]
    return Verdict(
        tuple(_calm(stage) for stage in stages),
        tuple(migrations),
        tuple(errors),
        tuple(reason for stage in stages for reason in _reasons(stage)),
    )


def _calm(stage: Stage) -> Calm:
    times = sorted(sample.seconds for sample in _before(stage))
    p95 = times[min(len(times) - 1, int(len(times) * 0.95))]
    return Calm(stage.phase, stage.release, len(times), round(p95, 3), round(times[-1], 3))


def _reasons(stage: Stage) -> Iterable[str]:
    if stage.migrated.failed:
        yield f"a migration could not be applied: {_last(stage.migrated.failed)}"
    longest = _calm(stage).longest
    for judged in _migrations(stage):
        if judged.stall > STALL_LIMIT + longest:
            yield (
                f"{judged.name} kept {judged.stalled} waiting for {judged.stall:.1f} s; "
                f"without it nothing waited for more than {longest:.1f} s"
            )
    when = "after the migrations" if stage.phase == "pre" else "around the migrations that follow its deploy"
    for error in _errors(stage):
        yield f"{stage.release} fails {when}: {error.name}: {error.first}"


def _migrations(stage: Stage) -> list[Judged]:
    ran = [*stage.migrated.ran, *_broken_off(stage.migrated)]
    return [_judged(stage, one) for one in ran]


def _broken_off(migrated: Migrated) -> list[Ran]:
    """The one that failed told nothing of itself."""
    if not migrated.failed:
        return []
    began = migrated.ran[-1].ended if migrated.ran else migrated.began
    return [Ran("the one that failed", began, migrated.ended)]


def _judged(stage: Stage, ran: Ran) -> Judged:
    during = [one for one in stage.watched.samples if one.at < ran.ended and one.ended > ran.began]
    longest = max(during, key=lambda sample: sample.seconds, default=Sample("nothing", 0, 0))
    waits = [wait for wait in stage.watched.waits if ran.began <= wait.at <= ran.ended + 1]
    lock = max(waits, key=lambda wait: wait.seconds, default=Wait(0, 0, 0))
    return Judged(
        ran.name,
        stage.phase,
        round(ran.seconds, 2),
        round(longest.seconds, 2),
        longest.name,
        round(lock.seconds, 2),
    )


def _errors(stage: Stage) -> list[Errors]:
    after = [sample for sample in stage.watched.samples if sample.ended >= stage.migrated.began]
    asked = Counter(sample.name for sample in after)
    failed = Counter(sample.name for sample in after if sample.said)
    first = {sample.name: sample.said for sample in reversed(after) if sample.said}
    found = [Errors(name, count, asked[name], first[name]) for name, count in sorted(failed.items())]
    # Of a model it is the database's own words; buyers are told no more than that something is wrong.
    return sorted(found, key=lambda error: not error.name.startswith("model "))


def _before(stage: Stage) -> list[Sample]:
    """Without the first of each: a process that has just started is slow, and errs in nothing that it then does."""
    seen, found = set[str](), list[Sample]()
    for sample in stage.watched.samples:
        if sample.ended < stage.migrated.began:
            if sample.name in seen or sample.said:
                found.append(sample)
            seen.add(sample.name)
    return found


def _last(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else text
