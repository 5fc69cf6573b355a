"""The options that every command shares. They may stand before the command or after it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shopctl import paths

if TYPE_CHECKING:
    from shopctl.environment import Environment
    from shopctl.operation import Operation, Options
    from shopctl.plan import Plan
    from shopctl.report import Report

DEFAULT_ENVIRONMENT = "local"


def _complete_environment(incomplete: str) -> list[str]:
    return [name for name in paths.stack_files() if name.startswith(incomplete)]


EnvOption = Annotated[
    str | None,
    typer.Option(
        "--env",
        "-e",
        help="Environment: local, test, staging, production. [env var: SHOPCTL_ENV; default: local]",
        autocompletion=_complete_environment,
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.", show_default=False)]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.", show_default=False)]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Show the plan and stop.", show_default=False)]
WaitOption = Annotated[
    bool,
    typer.Option("--wait", help="Wait for a running operation to end, not exit with 3.", show_default=False),
]
DebugOption = Annotated[bool, typer.Option("--debug", help="Show tracebacks.", show_default=False)]


@dataclass
class Globals:
    """What was said before the command; the command's own options add to it."""

    env: str | None = None
    json: bool = False
    yes: bool = False
    dry_run: bool = False
    debug: bool = False


GLOBALS = Globals()


def environment(name: str | None) -> Environment:
    """The environment that was asked for."""
    from shopctl.environment import Environment

    return Environment.load(name or GLOBALS.env or os.environ.get("SHOPCTL_ENV") or DEFAULT_ENVIRONMENT)


def begin(debug: bool, json: bool = False) -> None:
    """Every command's first line: how its errors are to be printed."""
    GLOBALS.debug = GLOBALS.debug or debug
    GLOBALS.json = GLOBALS.json or json


def machine(json: bool) -> bool:
    """Whether a machine reads the result."""
    return GLOBALS.json or json


def reporter(json: bool) -> Report:
    """Progress for a person; silence for a machine."""
    from shopctl.report import Report

    return Report(quiet=machine(json))


def chosen(yes: bool, dry_run: bool, wait: bool) -> Options:
    """How the operator wants a change to be gone about."""
    from shopctl.operation import Options

    return Options(GLOBALS.yes or yes, GLOBALS.dry_run or dry_run, wait)


def carry_out(
    operation: Operation[Any],
    environment: Environment,
    report: Report,
    how: Options,
    confirm: Callable[[Plan], bool],
    *,
    plan_first: bool = False,
) -> Any:
    """Runs an operation that changes something; None after a dry run. Exits with 1 when the operator says no."""
    from shopctl.commands import output
    from shopctl.operation import Declined, perform

    result = perform(
        operation,
        environment,
        how,
        report,
        show=lambda plan: output.show_plan(plan, report.quiet, last=how.dry_run),
        confirm=confirm,
        plan_first=plan_first,
    )
    if not isinstance(result, Declined):
        return result
    if not how.dry_run:
        raise typer.Exit(1)
    return None
