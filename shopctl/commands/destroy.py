"""shopctl destroy."""

from typing import Annotated

import typer

from shopctl.commands import options, output
from shopctl.commands.options import DebugOption, DryRunOption, EnvOption, JsonOption, WaitOption, YesOption


def destroy(
    env: EnvOption = None,
    confirm: Annotated[
        str | None,
        typer.Option(
            help="The environment's name, where --yes alone is not enough.",
            metavar="NAME",
            show_default=False,
        ),
    ] = None,
    unprotect: Annotated[
        bool, typer.Option("--unprotect", help="Delete what is protected as well.", show_default=False)
    ] = False,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    wait: WaitOption = False,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Remove the environment: hosts, data, secrets. Only the journal stays."""
    from shopctl import confirm as confirming
    from shopctl.destroy import Destroy

    options.begin(debug, json)
    environment, report = options.environment(env), options.reporter(json)
    how = options.chosen(yes or confirm is not None, dry_run, wait)
    if not how.dry_run:
        confirming.enough(environment.name, how.yes, confirm, guarded=environment.settings.protect)
    result = options.carry_out(
        Destroy(environment, report, unprotect=unprotect),
        environment,
        report,
        how,
        lambda plan: bool(plan.refused) or confirming.by_name(environment.name),
        plan_first=True,
    )
    if result is None:
        return
    if options.machine(json):
        output.print_json(
            {"environment": environment.name, "removed": result.removed, "journal": result.journal}
        )
    else:
        output.styled([(f"{environment.name} is gone. Its journal stays: {result.journal}", "bold")])
