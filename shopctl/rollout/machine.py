"""A host's way to a goal, step by step. Pure: what the next step is depends on what the host says, and on nothing else.

So a rollout that was killed anywhere is gone on with from wherever it ended, and a rollout back is the same thing with
another goal. What holds after every step, wherever it is cut off: who serves a group runs.
`tests/unit/shopctl/test_rollout_machine.py` walks all ways and holds that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from shopctl.rollout.facts import HostFacts, Unit

Goal = Mapping[str, str]
"""The version that each group shall be served by."""


@dataclass(frozen=True)
class Start:
    """Processes are started beside those that serve."""

    units: tuple[Unit, ...]


@dataclass(frozen=True)
class Flip:
    """Processes that run, and have proved themselves, get the requests of their groups."""

    units: tuple[Unit, ...]


@dataclass(frozen=True)
class Stop:
    """Processes that nobody is sent to any more end what they have in hand, and go."""

    units: tuple[Unit, ...]


Step = Start | Flip | Stop


def next_step(host: HostFacts, goal: Goal) -> Step | None:
    """What is to be done next; None when the host is there."""
    wanted = set(goal.items())
    if missing := wanted - (host.running & host.installed):
        return Start(tuple(sorted(missing)))
    if stale := {(group, version) for group, version in wanted if host.serving.get(group) != version}:
        return Flip(tuple(sorted(stale)))
    if surplus := (host.running | host.installed) - wanted:
        return Stop(tuple(sorted(surplus)))
    return None


def after(host: HostFacts, step: Step) -> HostFacts:
    """The host when the step is done."""
    units = frozenset(step.units)
    match step:
        case Start():
            return replace(host, running=host.running | units, installed=host.installed | units)
        case Flip():
            return replace(host, serving={**host.serving, **dict(step.units)})
        case Stop():
            return replace(host, running=host.running - units, installed=host.installed - units)


def steps(host: HostFacts, goal: Goal) -> Iterator[Step]:
    """All steps to the goal, in their order."""
    while step := next_step(host, goal):
        yield step
        host = after(host, step)


def broken(host: HostFacts) -> list[str]:
    """The groups whose requests go to processes that do not run: what must never be."""
    return sorted(group for group, version in host.serving.items() if (group, version) not in host.running)
