"""shopctl refresh."""

import typer

from shopctl.commands import options, output
from shopctl.commands.options import DebugOption, DryRunOption, EnvOption, JsonOption, WaitOption, YesOption


def refresh(
    env: EnvOption = None,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    wait: WaitOption = False,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Read every resource back into the engine's state, and show what differed."""
    from shopctl.confirm import yes_or_no
    from shopctl.operation import Declined, Options, perform
    from shopctl.refresh import Refresh

    options.begin(debug, json)
    environment, report = options.environment(env), options.reporter(json)
    machine = options.machine(json)
    chosen = Options(options.GLOBALS.yes or yes, options.GLOBALS.dry_run or dry_run, wait)
    result = perform(
        Refresh(environment, report),
        environment,
        chosen,
        report,
        show=lambda plan: output.show_plan(plan, machine, last=chosen.dry_run),
        confirm=lambda _: yes_or_no(f"Refresh the state of {environment.name}?"),
    )
    if not isinstance(result, Declined):
        output.show_plan(result, machine)
    elif not chosen.dry_run:
        raise typer.Exit(1)
