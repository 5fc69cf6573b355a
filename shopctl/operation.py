"""The one shape of an operation that changes something.

observe → plan → show → confirm → lease → apply → verify → journal
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from shopctl import journal
from shopctl.clock import iso
from shopctl.environment import Environment
from shopctl.errors import ShopctlError, StoppedError
from shopctl.lease import FileLease, Process, hold
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
    with hold(
        FileLease(environment.lease_file),
        operation.name,
        environment=environment.name,
        wait=options.wait,
        waiting=report.warn,
    ) as record:
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
            error = f"{type(failure).__name__}: {failure}"
            raise
        finally:
            journal.append(
                environment.journal_file,
                journal.Entry(
                    id=uuid.uuid4().hex[:12],
                    operation=operation.name,
                    environment=environment.name,
                    actor=_actor(record.holder),
                    started=iso(began),
                    seconds=round(time.time() - began, 1),
                    outcome=outcome,  # type: ignore[arg-type]
                    plan=changed.counts() if changed else {},
                    error=error,
                ),
            )


def _actor(holder: Process) -> str:
    return f"{holder.user}@{holder.host}"
