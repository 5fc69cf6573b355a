"""shopctl deploy --rehearse."""

from typing import TYPE_CHECKING

import typer

from shopctl.commands import options, output
from shopctl.errors import FAILED

if TYPE_CHECKING:
    from shopctl.operation import Options
    from shopctl.rehearse import Summary
    from shopctl.rehearse.verdict import Verdict


def carry_out(release: str | None, env: str | None, how: "Options", json: bool) -> None:
    """Plays the release's migrations on a copy of the database. Exits with 1 when they are not good."""
    from shopctl.confirm import yes_or_no
    from shopctl.rehearse import Rehearse

    environment, report = options.environment(env), options.reporter(json)
    summary = options.carry_out(
        Rehearse(environment, report, release),
        environment,
        report,
        how,
        lambda plan: (
            plan.empty
            or yes_or_no(f"Rehearse this beside {environment.name}? Nothing that serves is touched.")
        ),
    )
    if summary is None:
        return
    if options.machine(json):
        output.print_json(summary.as_json())
    else:
        output.styled(_lines(summary))
    if not summary.good:
        raise typer.Exit(FAILED)


def _lines(summary: "Summary") -> list[tuple[str, str]]:
    verdict = summary.verdict
    if verdict is None:
        return [(f"nothing to rehearse: {summary.reason}", "green")]
    lines = [("", ""), *_migrations(verdict), *_calm(verdict)]
    if verdict.good:
        lines.append((f"the migrations of {summary.release} are good to be deployed", "bold green"))
    else:
        lines.append((f"do not deploy {summary.release}:", "bold red"))
        lines += [(f"  {reason}", "red") for reason in verdict.reasons]
    copied = f"{summary.copied_bytes / 1e6:,.0f} MB were copied and are gone"
    return [*lines, (f"  {copied}; {summary.seconds:.1f} s in all", "dim")]


def _migrations(verdict: "Verdict") -> list[tuple[str, str]]:
    return [
        (
            f"  {one.name} ({one.phase}-deploy): {one.seconds:.1f} s; longest stall {one.stall:.1f} s "
            f"({one.stalled}), wait for a table's metadata {one.lock_wait:.1f} s",
            "",
        )
        for one in verdict.migrations
    ]


def _calm(verdict: "Verdict") -> list[tuple[str, str]]:
    return [
        (
            f"  without migrations {one.release} took {one.p95:.2f} s (95 %) and {one.longest:.2f} s at most, "
            f"in {one.requests} requests and uses of models",
            "dim",
        )
        for one in verdict.calm
    ]
