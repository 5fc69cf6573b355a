"""shopctl logs."""

from __future__ import annotations

import json as json_
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from shopctl.commands import options
from shopctl.commands.options import DebugOption, EnvOption, JsonOption
from shopctl.errors import FAILED

if TYPE_CHECKING:
    from shopctl.logs.entry import Entry
    from shopctl.logs.follow import Notice
    from shopctl.logs.text import Painter

LINES, LINES_BEFORE = 100, 10
"""How many are shown; how many before what comes."""


def logs(
    target: Annotated[
        str, typer.Argument(help="A host, a role (web, ops), or all.", metavar="HOST|ROLE")
    ] = "all",
    group: Annotated[
        list[str] | None,
        typer.Option(
            "--group",
            "-g",
            help="Only these processes: catalogue, trade, user, service, admin, worker; all of them: all. "
            "Can be given several times.",
            metavar="NAME",
        ),
    ] = None,
    level: Annotated[
        str, typer.Option("--level", "-l", help="From this one up: debug, info, warning, error, critical.")
    ] = "debug",
    grep: Annotated[
        str | None,
        typer.Option(
            "--grep",
            help="Only lines that this regular expression is found in; small letters stand for both.",
        ),
    ] = None,
    unit: Annotated[str | None, typer.Option("--unit", "-u", help="Only this systemd unit.")] = None,
    follow: Annotated[
        bool,
        typer.Option(
            "--follow", "-f", help="Go on with what comes, until Ctrl-C (exit 0).", show_default=False
        ),
    ] = False,
    lines: Annotated[
        int | None,
        typer.Option(
            "--lines",
            "-n",
            help=f"How many lines in all. [default: {LINES}; {LINES_BEFORE} with -f; all of --since]",
            min=0,
            show_default=False,
        ),
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", help="From this time on, as journalctl takes it: '10 min ago'.")
    ] = None,
    raw: Annotated[
        bool, typer.Option("--raw", help="The lines as they were written.", show_default=False)
    ] = False,
    env: EnvOption = None,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Show the hosts' journals, merged in the order of time."""
    from shopctl.logs import choice, reading
    from shopctl.logs.operation import Journals
    from shopctl.logs.text import Painter, wants_colour

    options.begin(debug, json)
    if lines is None and since is None:
        lines = LINES_BEFORE if follow else LINES
    wish = reading.Wish(choice.choice(group or [], level, grep), unit, lines, since)
    journals = Journals(options.environment(env), options.reporter(json), target)
    painter = Painter(journals.names, colour=wants_colour(os.environ, terminal=sys.stdout.isatty()))
    say = _printer(painter, raw=raw, machine=options.machine(json))
    try:
        if follow:
            journals.follow(wish, say, lambda notice: _tell(painter, notice))
            return
        past = journals.past(wish)
        for entry in reading.merged(past, lines):
            say(entry)
    except BrokenPipeError:
        # Whoever read has enough, as `head` does. What is still in the buffer would fail once more at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return
    failed = [part for part in past if part.error]
    for part in failed:
        print(f"{part.host}: {part.error}", file=sys.stderr)
    if failed:
        raise typer.Exit(FAILED)


def _printer(painter: Painter, *, raw: bool, machine: bool) -> Callable[[Entry], None]:
    def say(entry: Entry) -> None:
        if machine:
            found = [json_.dumps(entry.as_json(), ensure_ascii=False)]
        else:
            found = painter.raw(entry) if raw else painter.lines(entry)
        sys.stdout.write("".join(f"{line}\n" for line in found))
        sys.stdout.flush()

    return say


def _tell(painter: Painter, notice: Notice) -> None:
    print(painter.notice(notice.host, notice.words), file=sys.stderr, flush=True)
