"""What a rollout took on each host, from the moments at which its tasks ended. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

STAGES = {
    "Tell the balancer to take the host out": "begin",
    "Wait until open requests are done": "drain",
    "Start the release": "start",
    "Wait until the shop is ready": "ready",
    "Warm it up": "warm",
    "Wait until the balancer has taken the host back": "return",
    "Start the worker, when it has finished its messages": "worker",
}
"""Names of tasks in roles/app/tasks, and what has passed when they end."""


@dataclass(frozen=True)
class Mark:
    """A task ended on a host, so many seconds after the beginning."""

    seconds: float
    host: str
    task: str


def by_host(marks: Iterable[Mark]) -> dict[str, dict[str, float]]:
    """Seconds of each stage, by host; `out` is how long it was out of the balancer."""
    found: dict[str, dict[str, float]] = {}
    last: dict[str, float] = {}
    began: dict[str, float] = {}
    for mark in marks:
        stage = STAGES.get(mark.task.rpartition(" : ")[2])
        if stage == "begin":
            began[mark.host] = mark.seconds
        elif stage and stage != "worker" and mark.host in began:
            stages = found.setdefault(mark.host, {})
            stages[stage] = round(stages.get(stage, 0.0) + mark.seconds - last[mark.host], 1)
            if stage == "return":
                stages["out"] = round(mark.seconds - began[mark.host], 1)
        if stage and stage != "worker":
            last[mark.host] = mark.seconds
    return found


def gates(marks: Iterable[Mark]) -> list[str]:
    """The gates that were passed, in their order."""
    named = {"ready": "ready", "warm": "warm", "return": "in the balancer"}
    passed = ((mark.host, named.get(STAGES.get(mark.task.rpartition(" : ")[2], ""))) for mark in marks)
    return list(dict.fromkeys(f"{host} {gate}" for host, gate in passed if gate))
