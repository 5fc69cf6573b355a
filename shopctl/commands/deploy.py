"""shopctl deploy, rollback."""

from typing import TYPE_CHECKING, Annotated

import typer

from shopctl.commands import options, output
from shopctl.commands import rehearse as rehearsing
from shopctl.commands.options import DebugOption, DryRunOption, EnvOption, JsonOption, WaitOption, YesOption
from shopctl.errors import BadInputError

if TYPE_CHECKING:
    from shopctl.deploy import Request, Summary
    from shopctl.operation import Options

GroupOption = Annotated[
    list[str] | None,
    typer.Option(
        "--group",
        "-g",
        help="Only these processes: catalogue, trade, user, service, admin, worker. Can be given several times.",
        show_default=False,
    ),
]


def deploy(
    release: Annotated[
        str | None,
        typer.Argument(help="The release's id, or its beginning.", metavar="RELEASE", show_default=False),
    ] = None,
    group: GroupOption = None,
    judge: Annotated[
        bool,
        typer.Option(
            "--judge/--no-judge",
            help="Try it on one host first and hold it to the gates; without, all hosts change over at once, once "
            "the release is ready there.",
        ),
    ] = True,
    rehearse: Annotated[
        bool,
        typer.Option(
            "--rehearse",
            help="Deploy nothing: play the migrations on a copy of the database, and say how long they lock it and "
            "whether the code that runs goes on; exit 1 when they are not good.",
        ),
    ] = False,
    env: EnvOption = None,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    wait: WaitOption = False,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Roll a release, or changed settings, out while the shop serves; without a name, the checkout's release.

    Where a gate is not passed, what served before serves again; exit 1.
    """
    from shopctl.deploy import Request

    options.begin(debug, json)
    if rehearse and group:
        raise BadInputError(
            "migrations are every group's: there is no rehearsal of one", next_step="leave --group out"
        )
    if rehearse:
        rehearsing.carry_out(release, env, options.chosen(yes, dry_run, wait), json)
        return
    request = Request(release, tuple(group or ()), judge=judge)
    _carry_out(request, env, options.chosen(yes, dry_run, wait), json)


def rollback(
    release: Annotated[
        str | None,
        typer.Argument(
            help="A release or version that is on the hosts, or its beginning.",
            metavar="RELEASE",
            show_default=False,
        ),
    ] = None,
    group: GroupOption = None,
    env: EnvOption = None,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    wait: WaitOption = False,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Go back to the version that served before, or to one that is still on the hosts; migrations stay.

    All hosts change over at once, when the version is ready there; no gate watches it.
    """
    from shopctl.deploy import Request

    options.begin(debug, json)
    request = Request(release, tuple(group or ()), back=True)
    _carry_out(request, env, options.chosen(yes, dry_run, wait), json)


def _carry_out(request: "Request", env: str | None, how: "Options", json: bool) -> None:
    from shopctl.confirm import yes_or_no
    from shopctl.deploy import Deploy

    environment, report = options.environment(env), options.reporter(json)
    summary = options.carry_out(
        Deploy(environment, report, request),
        environment,
        report,
        how,
        lambda plan: plan.empty or yes_or_no(f"Roll this out in {environment.name}?"),
    )
    if summary is None:
        return
    if options.machine(json):
        output.print_json(summary.as_json())
    else:
        output.styled(_lines(summary))


def _lines(summary: "Summary") -> list[tuple[str, str]]:
    if summary.reason:
        return [(f"nothing to do: {summary.reason}", "green")]
    lines = [("", ""), (f"{summary.version} serves in {summary.environment}", "bold green")]
    for host, stages in summary.hosts.items():
        took = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in stages.items())
        lines.append((f"  {host}: {took}", ""))
    before = f"before it {summary.before}: shopctl rollback; " if summary.before else ""
    return [*lines, (f"  {before}{summary.seconds:.1f} s in all", "dim")]
