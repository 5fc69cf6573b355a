"""shopctl up, preview."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shopctl.commands import options, output
from shopctl.commands.options import DebugOption, DryRunOption, EnvOption, JsonOption, WaitOption, YesOption

if TYPE_CHECKING:
    from shopctl.up import Summary

TargetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--target",
        "-t",
        help="Change this resource alone: its name or URN. Can be given several times.",
        metavar="NAME",
        show_default=False,
    ),
]
DependentsOption = Annotated[
    bool,
    typer.Option("--target-dependents", help="With --target: and what depends on them.", show_default=False),
]


def up(
    env: EnvOption = None,
    target: TargetOption = None,
    target_dependents: DependentsOption = False,
    plan: Annotated[
        Path | None,
        typer.Option(
            help="Apply the plan that `preview --save` wrote, exactly, or refuse.",
            metavar="FILE",
            show_default=False,
        ),
    ] = None,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    wait: WaitOption = False,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Bring the environment up, or up to date: infrastructure, hosts, the shop; then check it."""
    from shopctl.confirm import yes_or_no
    from shopctl.errors import BadInputError
    from shopctl.up import Request, Up

    options.begin(debug, json)
    environment, report = options.environment(env), options.reporter(json)
    if plan and (target or target_dependents):
        raise BadInputError(
            "a saved plan has its targets in it", next_step="give --plan or --target, not both"
        )
    if target_dependents and not target:
        raise BadInputError("--target-dependents says nothing without --target")
    summary = options.carry_out(
        Up(environment, report, Request(tuple(target or ()), target_dependents, plan)),
        environment,
        report,
        options.chosen(yes, dry_run, wait),
        lambda _: yes_or_no(f"Bring {environment.name} up?"),
        # Where data is protected, what would be deleted is known before anything is touched.
        plan_first=plan is not None or environment.settings.protect,
    )
    if summary is None:
        return
    if options.machine(json):
        output.print_json(summary.as_json())
    else:
        output.styled(_lines(summary))


def preview(
    env: EnvOption = None,
    target: TargetOption = None,
    target_dependents: DependentsOption = False,
    save: Annotated[
        Path | None,
        typer.Option(help="Keep the plan for `up --plan FILE`.", metavar="FILE", show_default=False),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Show the properties of new resources too.", show_default=False)
    ] = False,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Show what `up` would change in the infrastructure, property by property, and what would be lost."""
    from shopctl.up import Request, Up

    options.begin(debug, json)
    environment, report = options.environment(env), options.reporter(json)
    operation = Up(environment, report, Request(tuple(target or ()), target_dependents, save=save, look=True))
    output.show_plan(operation.plan(), options.machine(json), everything=everything)
    if save:
        report(f"kept in {save}: apply it with `shopctl --env {environment.name} up --plan {save}`")


def _lines(summary: "Summary") -> list[tuple[str, str]]:
    lines = [
        ("", ""),
        (f"{summary.environment} is up: {summary.address}", "bold green"),
        (f"  {summary.curl}", ""),
    ]
    if summary.hosts:
        recap = "  ".join(f"{name}: changed={changed}" for name, changed in summary.hosts.items())
        lines.append((f"  release {summary.release}   {recap}", ""))
    lines.extend((f"  {line}", "yellow") for line in summary.left_out)
    times = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in summary.phases.items())
    lines.append((f"  {times}; in all {sum(summary.phases.values()):.1f} s", "dim"))
    return lines
