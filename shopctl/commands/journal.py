"""shopctl journal, releases."""

from typing import TYPE_CHECKING, Annotated

import typer

from shopctl.commands import options, output
from shopctl.commands.options import DebugOption, EnvOption, JsonOption

if TYPE_CHECKING:
    from shopctl.journal import Entry

LinesOption = Annotated[int, typer.Option("--lines", "-n", help="How many, counted from the newest.", min=1)]
STYLES = {"succeeded": "", "failed": "red", "interrupted": "yellow", "killed": "yellow"}


def journal(
    lines: LinesOption = 20, env: EnvOption = None, json: JsonOption = False, debug: DebugOption = False
) -> None:
    """Show what was done to the environment: who, when, how long, how it ended, by which evidence."""
    from shopctl import journal as operation

    options.begin(debug, json)
    entries = operation.of(options.environment(env), options.reporter(json).warn).last(lines)
    if options.machine(json):
        output.print_json([operation.as_json(entry) for entry in entries])
        return
    _table(entries)


def releases(
    lines: LinesOption = 20, env: EnvOption = None, json: JsonOption = False, debug: DebugOption = False
) -> None:
    """Show which releases were brought to the environment, and how that ended."""
    from shopctl import journal as operation

    options.begin(debug, json)
    known = operation.of(options.environment(env), options.reporter(json).warn)
    entries = known.last(lines, operation.ROLLOUTS, lambda entry: "release" in entry.evidence)
    if options.machine(json):
        output.print_json([operation.as_json(entry) for entry in entries])
        return
    _table(entries)


def _table(entries: "list[Entry]") -> None:
    from shopctl import journal as operation

    rows = [
        (
            e.started,
            e.operation,
            e.actor,
            f"{e.seconds:.0f} s",
            e.outcome,
            e.evidence.get("version") or e.evidence.get("release", ""),
            operation.gates(e),
            e.error or "",
        )
        for e in entries
    ]
    headings = ("began", "operation", "by", "took", "outcome", "version", "gates", "error")
    output.table(headings, rows, [STYLES[entry.outcome] for entry in entries])
