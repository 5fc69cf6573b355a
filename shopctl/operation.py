"""The one shape of an operation that changes something.

observe → plan → show → confirm → lease → apply → verify → journal
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, runtime_checkable

from shopctl import journal, lease
from shopctl.clock import iso
from shopctl.environment import Environment
from shopctl.errors import ShopctlError, StoppedError
from shopctl.lease import Process, Record
from shopctl.plan import Plan
from shopctl.report import Report

Outcome = TypeVar("Outcome", covariant=True)


@dataclass(frozen=True)
class Options:
    """What the operator said about how to go about it."""

    yes: bool = False
    dry_run: bool = False
    wait: bool = False


class Operation(Protocol[Outcome]):
    """What an operation has to say for itself."""

    @property
    def name(self) -> str: ...

    def plan(self) -> Plan:
        """Observes, and says what would change. Changes nothing."""
        ...

    def apply(self, planned: Plan | None) -> tuple[Plan, Outcome]:
        """Does it, and proves it; returns what was changed. `planned` is None when nobody saw a plan."""
        ...


@runtime_checkable
class Testifies(Protocol):
    """An operation with something for the journal besides its plan."""

    @property
    def evidence(self) -> dict[str, Any]: ...


Confirm = Callable[[Plan], bool]
Show = Callable[[Plan], None]


@dataclass(frozen=True)
class Declined:
    """Nothing was done: it was a dry run, or the operator said no."""

    plan: Plan


def perform(
    operation: Operation[Any],
    environment: Environment,
    options: Options,
    report: Report,
    *,
    show: Show,
    confirm: Confirm,
    plan_first: bool = False,
) -> Any:
    """Runs an operation. With `--yes` nobody waits for a plan: it is made only for `plan_first`."""
    planned: Plan | None = None
    if plan_first or options.dry_run or not options.yes:
        planned = operation.plan()
        show(planned)
        if options.dry_run:
            return Declined(planned)
        if not options.yes and not confirm(planned):
            return Declined(planned)
    held, kept = lease.of(environment), journal.of(environment, report.warn)
    with lease.hold(
        held, operation.name, environment=environment.name, wait=options.wait, waiting=report.warn
    ) as record:
        if held.killed:
            _write_down_killed(environment, kept, held.killed, report)
        began = time.time()
        changed, error, outcome = planned, None, "failed"
        try:
            changed, result = operation.apply(planned)
            outcome = "succeeded"
            return result
        except (KeyboardInterrupt, StoppedError):
            outcome, error = "interrupted", "stopped by the operator"
            raise
        except ShopctlError as failure:
            error = failure.what
            raise
        except Exception as failure:
            # A defect's own words may be anything, a secret among it: they are for no one but its operator.
            error = type(failure).__name__ if kept.shared else f"{type(failure).__name__}: {failure}"
            raise
        finally:
            entry = journal.Entry(
                id=record.token[:12],
                operation=operation.name,
                environment=environment.name,
                actor=_actor(record.holder),
                started=iso(began),
                seconds=round(time.time() - began, 1),
                outcome=outcome,  # type: ignore[arg-type]
                plan=changed.counts() if changed else {},
                error=error,
                evidence=operation.evidence if isinstance(operation, Testifies) else {},
            )
            try:
                kept.append(entry)
            except OSError as failure:
                # What went wrong with the operation is more important than this.
                report.warn(f"the journal could not be written: {failure}")


def _write_down_killed(environment: Environment, kept: journal.Journal, left: Record, report: Report) -> None:
    """A holder that was killed wrote no line; this operation does it for that one."""
    id_ = left.token[:12]
    if kept.has(id_):
        return
    report(f"    {left.operation} by {left.holder.label} was killed; going on from what is there", "yellow")
    entry = journal.Entry(
        id=id_,
        operation=left.operation,
        environment=environment.name,
        actor=_actor(left.holder),
        started=iso(left.since),
        # It was alive when it last renewed its lease.
        seconds=round(max(left.expires - lease.EXPIRES_AFTER - left.since, 0.0), 1),
        outcome="killed",
        plan={},
        error="killed: it ended without giving back its lease",
    )
    kept.append(entry)


def _actor(holder: Process) -> str:
    return f"{holder.user}@{holder.host}"
