"""What a rehearsal would do, and whether it can. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from shopctl.errors import BadInputError
from shopctl.migrations import Phases
from shopctl.plan import Change, Difference, Plan
from shopctl.rehearse import sizing
from shopctl.rehearse.sizing import Host, Needs, Size

CALM_SECONDS = 10.0
"""How long the release is watched before its migrations, and as long after them: every table is used several times."""


@dataclass(frozen=True)
class Script:
    """What is to be played: the release that runs and the one that is to come, its pending migrations, the data and the
    host. `source` names where the data comes from, `warnings` are what the linter says, `remains`: an earlier
    rehearsal left something."""

    environment: str
    running: str
    wanted: str
    phases: Phases
    source: str
    size: Size
    machine: str
    host: Host
    needs: Needs
    warnings: tuple[str, ...] = ()
    remains: bool = False


def stages(phases: Phases) -> int:
    """How many phases have something to do."""
    return bool(phases.pre) + bool(phases.post)


def checked(script: Script) -> Script:
    """The script. Raises BadInputError where the host has too little room; nothing was touched."""
    lacking = sizing.lacking(script.host, script.needs)
    if lacking:
        raise BadInputError(
            f"{script.machine} has too little room for a rehearsal",
            where=script.machine,
            last_lines=lacking,
            next_step="make room there, or give the host a larger disk or type; nothing was touched",
        )
    return script


def plan(script: Script) -> Plan:
    """The plan. Where there is nothing to rehearse it says why."""
    if not stages(script.phases):
        reason = f"the database has every migration of release {script.wanted}"
        return Plan("rehearse", script.environment, unchanged=1, reason=reason)
    change = Change(
        "create",
        "rehearsal",
        script.machine,
        differences=(
            Difference("database", None, f"{_mb(script.size.bytes)} from {script.source}"),
            Difference("disk", None, _mb(script.needs.disk)),
            Difference("memory", None, _mb(script.needs.memory)),
        ),
    )
    return Plan(
        "rehearse",
        script.environment,
        (change,),
        steps=tuple(_steps(script)),
        warnings=script.warnings,
    )


def _steps(script: Script) -> Iterable[str]:
    if script.remains:
        yield f"remove what an earlier rehearsal left on {script.machine}"
    yield f"copy {_mb(script.size.bytes)} from {script.source} into a database of its own on {script.machine}"
    if script.phases.pre:
        yield f"under the load of {script.running}, which runs: {', '.join(script.phases.pre)}"
    if script.phases.post:
        yield f"under the load of {script.wanted}: {', '.join(script.phases.post)}"
    yield f"remove all of it again; about {script.needs.seconds} s and the migrations' own time"


def _mb(count: int) -> str:
    return f"{count / 1e6:,.0f} MB"
