"""shopctl up, preview, refresh."""

import typer

from shopctl.commands import options, output
from shopctl.commands.options import DebugOption, DryRunOption, EnvOption, JsonOption, WaitOption, YesOption


def up(
    env: EnvOption = None,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    wait: WaitOption = False,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Bring the environment up, or up to date: infrastructure, hosts, the shop; then check it."""
    from shopctl.confirm import yes_or_no
    from shopctl.operation import Declined, Options, perform
    from shopctl.up import Up

    options.begin(debug, json)
    environment, report = options.environment(env), options.reporter(json)
    machine = options.machine(json)
    chosen = Options(options.GLOBALS.yes or yes, options.GLOBALS.dry_run or dry_run, wait)
    result = perform(
        Up(environment, report),
        environment,
        chosen,
        report,
        show=lambda plan: output.show_plan(plan, machine, last=chosen.dry_run),
        confirm=lambda _: yes_or_no(f"Bring {environment.name} up?"),
    )
    if isinstance(result, Declined):
        if not chosen.dry_run:
            raise typer.Exit(1)
        return
    if machine:
        output.print_json(result.as_json())
        return
    lines = [
        ("", ""),
        (f"{environment.name} is up: {result.address}", "bold green"),
        (f"  {result.curl}", ""),
    ]
    if result.hosts:
        recap = "  ".join(f"{name}: changed={changed}" for name, changed in result.hosts.items())
        lines.append((f"  release {result.release}   {recap}", ""))
    times = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in result.phases.items())
    lines.append((f"  {times}; in all {sum(result.phases.values()):.1f} s", "dim"))
    output.styled(lines)


def preview(env: EnvOption = None, json: JsonOption = False, debug: DebugOption = False) -> None:
    """Show what `up` would change in the infrastructure."""
    from shopctl.up import Up

    options.begin(debug, json)
    environment, report = options.environment(env), options.reporter(json)
    output.show_plan(Up(environment, report).plan(), options.machine(json))
