"""shopctl hosts, ssh, run."""

import os
import signal
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from shopctl.commands import options, output
from shopctl.commands.options import DebugOption, EnvOption, JsonOption
from shopctl.errors import FAILED, BadInputError

if TYPE_CHECKING:
    from shopctl.hosts import HostResult
    from shopctl.logs.text import Painter

Target = Annotated[str, typer.Argument(help="A host, a role (web, ops), or all.", metavar="HOST|ROLE")]
Command = Annotated[list[str], typer.Argument(help="The command and its arguments.", metavar="COMMAND...")]
ALL = "--all"


def hosts(env: EnvOption = None, json: JsonOption = False, debug: DebugOption = False) -> None:
    """List the hosts."""
    from shopctl import hosts as operation

    options.begin(debug, json)
    environment, report = options.environment(env), options.reporter(json)
    found = operation.listing(environment, report)
    if options.machine(json):
        output.print_json([host.model_dump(mode="json", by_alias=True) for host in found])
        return
    rows = [(h.name, h.role, h.zone, h.address, h.type, h.image, h.instance_id) for h in found]
    output.table(("name", "role", "zone", "address", "type", "image", "instance"), rows)


def ssh(
    target: Target,
    command: Annotated[
        list[str] | None,
        typer.Argument(
            help="A shell when left out; its exit code is ours.",
            metavar="[-- COMMAND...]",
            show_default=False,
        ),
    ] = None,
    everywhere: Annotated[
        bool, typer.Option(ALL, help="The command on every host of the role.", show_default=False)
    ] = False,
    env: EnvOption = None,
    debug: DebugOption = False,
) -> None:
    """Open a shell on a host, or on the first of a role that answers; or run one command there with this terminal."""
    from shopctl.hosts import Chosen

    options.begin(debug)
    words = command or []
    if words[:1] == [ALL]:
        # What stands behind the host belongs to the command; but this can't be one.
        everywhere, words = True, words[1:]
    argv = _plain(words)
    if everywhere and not argv:
        raise BadInputError(
            "a shell is on one host; --all is for commands", next_step=f"shopctl ssh {target} --all -- uptime"
        )
    chosen = Chosen(options.environment(env), options.reporter(False), target)
    if everywhere:
        _judge(chosen.run(argv, _printer(chosen.names)), chosen.names, silent=False)
        return
    host = chosen.first_that_answers()
    others = [other.name for other in chosen.hosts if other is not host]
    if others:
        print(
            f"{target}: this is {host.name}; there are {', '.join(others)}, too", file=sys.stderr, flush=True
        )
    chosen.open_shell(host, argv)


def run(
    target: Target,
    command: Command,
    env: EnvOption = None,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Run a command on a host or on every host of a role; exit 1 when it failed on any."""
    from shopctl.hosts import Chosen

    options.begin(debug, json)
    chosen = Chosen(options.environment(env), options.reporter(json), target)
    machine = options.machine(json)
    results = chosen.run(_plain(command), None if machine else _printer(chosen.names))
    if machine:
        output.print_json([vars(result) for result in results])
    _judge(results, chosen.names, silent=machine)


def _plain(command: list[str]) -> list[str]:
    """Without the `--` that sets the remote command apart from ours."""
    return command[1:] if command[:1] == ["--"] else command


def _printer(names: tuple[str, ...]) -> Callable[[str, str], None]:
    painter = _painter(names, terminal=sys.stdout.isatty())

    def print_line(host: str, line: str) -> None:
        try:
            # One write: lines of several hosts come from several threads.
            sys.stdout.write(f"{painter.plain(host, line)}\n")
            sys.stdout.flush()
        except BrokenPipeError:
            # Whoever read our output (`| head`) has seen enough, and an exception would reach nobody from a thread. Not
            # by the signal's own way: a connection that breaks would end us then, without a word.
            os._exit(128 + signal.SIGPIPE)

    return print_line


def _judge(results: list["HostResult"], names: tuple[str, ...], *, silent: bool) -> None:
    bad = [result for result in results if result.code != 0]
    painter = _painter(names, terminal=sys.stderr.isatty())
    for result in bad if not silent else ():
        for line in result.stderr.splitlines():
            print(painter.plain(result.host, line, "!"), file=sys.stderr)
        print(painter.plain(result.host, result.error or f"exit {result.code}", "!"), file=sys.stderr)
    if bad and not silent and len(results) > 1:
        print(f"failed on {len(bad)} of {len(results)}: {', '.join(r.host for r in bad)}", file=sys.stderr)
    if bad:
        raise typer.Exit(FAILED)


def _painter(names: tuple[str, ...], *, terminal: bool) -> "Painter":
    from shopctl.logs.text import Painter, wants_colour

    return Painter(names, colour=wants_colour(os.environ, terminal=terminal))
