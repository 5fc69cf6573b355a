"""shopctl deploy, rollback."""

from typing import TYPE_CHECKING, Annotated

import typer

from shopctl.commands import options, output
from shopctl.commands.options import DebugOption, DryRunOption, EnvOption, JsonOption, WaitOption, YesOption

if TYPE_CHECKING:
    from shopctl.deploy import Summary

ReleaseArgument = Annotated[
    str | None,
    typer.Argument(help="The release's id, or its beginning.", metavar="[RELEASE]", show_default=False),
]


def deploy(
    release: ReleaseArgument = None,
    env: EnvOption = None,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    wait: WaitOption = False,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Roll a release out, host by host, while the shop serves; without a name, that of the checkout."""
    _carry_out(release, env, yes, dry_run, wait, json, debug, back=False)


def rollback(
    release: ReleaseArgument = None,
    env: EnvOption = None,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    wait: WaitOption = False,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Go back to the release that ran before, or to one that is still on the hosts; migrations stay."""
    _carry_out(release, env, yes, dry_run, wait, json, debug, back=True)


def _carry_out(
    release: str | None,
    env: str | None,
    yes: bool,
    dry_run: bool,
    wait: bool,
    json: bool,
    debug: bool,
    *,
    back: bool,
) -> None:
    from shopctl.confirm import yes_or_no
    from shopctl.deploy import Deploy

    options.begin(debug, json)
    environment, report = options.environment(env), options.reporter(json)
    summary = options.carry_out(
        Deploy(environment, report, release, back=back),
        environment,
        report,
        options.chosen(yes, dry_run, wait),
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
    lines = [("", ""), (f"release {summary.release} serves in {summary.environment}", "bold green")]
    for host, stages in summary.hosts.items():
        took = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in stages.items())
        lines.append((f"  {host}: {took}", ""))
    before = f"before it {summary.before}: shopctl rollback; " if summary.before else ""
    return [*lines, (f"  {before}{summary.seconds:.1f} s in all", "dim")]
