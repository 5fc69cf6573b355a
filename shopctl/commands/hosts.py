"""shopctl hosts, ssh, logs, run."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from shopctl.commands import options, output
from shopctl.commands.options import DebugOption, EnvOption, JsonOption
from shopctl.errors import FAILED

if TYPE_CHECKING:
    from shopctl.hosts import HostResult

Target = Annotated[str, typer.Argument(help="A host, a role (web, ops), or all.", metavar="HOST|ROLE")]
Command = Annotated[list[str], typer.Argument(help="The command and its arguments.", metavar="COMMAND...")]


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
    host: Annotated[str, typer.Argument(help="A host.", metavar="HOST")],
    command: Annotated[list[str] | None, typer.Argument(metavar="[-- COMMAND...]")] = None,
    env: EnvOption = None,
    debug: DebugOption = False,
) -> None:
    """Open a shell on a host, or run one command there with this terminal."""
    from shopctl import hosts as operation

    options.begin(debug)
    operation.open_shell(options.environment(env), options.reporter(False), host, _plain(command or []))


def run(
    target: Target,
    command: Command,
    env: EnvOption = None,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Run a command on a host or on every host of a role; exit 1 when it failed on any."""
    from shopctl import hosts as operation

    options.begin(debug, json)
    environment, report = options.environment(env), options.reporter(json)
    machine = options.machine(json)
    results = operation.run(environment, report, target, _plain(command), None if machine else _printer())
    if machine:
        output.print_json([vars(result) for result in results])
    _judge(results, silent=machine)


def logs(
    target: Annotated[
        str, typer.Argument(help="A host, a role (web, ops), or all.", metavar="[HOST|ROLE]")
    ] = "all",
    unit: Annotated[str | None, typer.Option("--unit", "-u", help="Only this systemd unit.")] = None,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on with what comes.", show_default=False)
    ] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", help="How many.", min=0)] = 100,
    since: Annotated[str | None, typer.Option("--since", help="For example '10 min ago'.")] = None,
    env: EnvOption = None,
    debug: DebugOption = False,
) -> None:
    """Show the hosts' journals, merged in the order of time."""
    from shopctl import hosts as operation

    options.begin(debug)
    results = operation.logs(
        options.environment(env),
        options.reporter(False),
        target,
        unit=unit,
        lines=lines,
        since=since,
        follow=follow,
        on_line=_printer(),
    )
    _judge(results, silent=False)


def _plain(command: list[str]) -> list[str]:
    """Without the `--` that sets the remote command apart from ours."""
    return command[1:] if command[:1] == ["--"] else command


def _printer() -> Callable[[str, str], None]:
    def print_line(host: str, line: str) -> None:
        # One write: lines of several hosts come from several threads.
        sys.stdout.write(f"{host} | {line}\n")
        sys.stdout.flush()

    return print_line


def _judge(results: list["HostResult"], *, silent: bool) -> None:
    bad = [result for result in results if result.code != 0]
    for result in bad if not silent else ():
        for line in result.stderr.splitlines():
            print(f"{result.host} ! {line}", file=sys.stderr)
        print(f"{result.host}: {result.error or f'exit {result.code}'}", file=sys.stderr)
    if bad:
        raise typer.Exit(FAILED)
