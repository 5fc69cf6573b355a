"""shopctl destroy."""

import typer

from shopctl.commands import options, output
from shopctl.commands.options import DebugOption, DryRunOption, EnvOption, JsonOption, WaitOption, YesOption


def destroy(
    env: EnvOption = None,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    wait: WaitOption = False,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Remove the environment: hosts, data, secrets. Only the journal stays."""
    from shopctl.confirm import by_name
    from shopctl.destroy import Destroy
    from shopctl.operation import Declined, Options, perform

    options.begin(debug, json)
    environment, report = options.environment(env), options.reporter(json)
    machine = options.machine(json)
    chosen = Options(options.GLOBALS.yes or yes, options.GLOBALS.dry_run or dry_run, wait)
    result = perform(
        Destroy(environment, report),
        environment,
        chosen,
        report,
        show=lambda plan: output.show_plan(plan, machine, last=chosen.dry_run),
        confirm=lambda _: by_name(environment.name),
        plan_first=True,
    )
    if isinstance(result, Declined):
        if not chosen.dry_run:
            raise typer.Exit(1)
    elif machine:
        output.print_json(
            {"environment": environment.name, "removed": result.removed, "journal": result.journal}
        )
    else:
        output.styled([(f"{environment.name} is gone. Its journal stays: {result.journal}", "bold")])
