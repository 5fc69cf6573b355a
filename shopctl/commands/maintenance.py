"""shopctl maintenance on, off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from shopctl.commands import options, output
from shopctl.commands.options import DebugOption, DryRunOption, EnvOption, JsonOption, WaitOption, YesOption

if TYPE_CHECKING:
    from shopctl.maintenance.notice import Notice
    from shopctl.maintenance.operation import Summary

app = typer.Typer(
    help="A page for buyers and merchants, while the hosts stay in the balancer.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def on(
    for_: Annotated[
        str | None,
        typer.Option(
            "--for",
            help="How long it is said to last: 30m, 2h; 1m to 168h. It ends with `off` only.",
            metavar="TIME",
            show_default=False,
        ),
    ] = None,
    message: Annotated[
        str | None,
        typer.Option("--message", "-m", help="What people read, 200 characters at most.", show_default=False),
    ] = None,
    env: EnvOption = None,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    wait: WaitOption = False,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Show the maintenance page: 503 for everybody but probes, WeChat and who comes by SSH."""
    import time

    from shopctl.load import duration
    from shopctl.maintenance import notice

    options.begin(debug, json)
    seconds = duration(for_) if for_ is not None else None
    wanted = notice.announce(message, seconds, now=time.time())
    _carry_out(wanted, env, yes, dry_run, wait, json)


@app.command()
def off(
    env: EnvOption = None,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    wait: WaitOption = False,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Take the page away, and see that the shop serves."""
    options.begin(debug, json)
    _carry_out(None, env, yes, dry_run, wait, json)


def _carry_out(
    wanted: Notice | None, env: str | None, yes: bool, dry_run: bool, wait: bool, json: bool
) -> None:
    from shopctl.confirm import yes_or_no
    from shopctl.maintenance.operation import Maintenance

    environment, report = options.environment(env), options.reporter(json)
    question = f"{'Close' if wanted else 'Open'} the shop of {environment.name}?"
    summary = options.carry_out(
        Maintenance(environment, report, wanted),
        environment,
        report,
        options.chosen(yes, dry_run, wait),
        lambda plan: plan.empty or yes_or_no(question),
    )
    if summary is None:
        return
    if options.machine(json):
        output.print_json(summary.as_json())
    else:
        output.styled(_lines(summary))


def _lines(summary: Summary) -> list[tuple[str, str]]:
    hosts, took = ", ".join(summary.hosts), f"{summary.seconds:.1f} s"
    if summary.notice is None:
        return [(f"{summary.environment} serves: {hosts}  ({took})", "bold green")]
    from shopctl.maintenance.planning import described

    return [
        (f"{summary.environment} is in maintenance: {hosts}  ({took})", "bold yellow"),
        (f"  {described(summary.notice)}", ""),
        ("  shopctl maintenance off ends it", "dim"),
    ]
