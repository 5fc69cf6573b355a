"""shopctl refresh."""

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
    """Look at every resource and name what was changed by other means; write that into the engine's state."""
    from shopctl.confirm import yes_or_no
    from shopctl.refresh import Refresh

    options.begin(debug, json)
    environment, report = options.environment(env), options.reporter(json)
    drift = options.carry_out(
        Refresh(environment, report),
        environment,
        report,
        options.chosen(yes, dry_run, wait),
        lambda plan: plan.empty or yes_or_no(f"Write this into the state of {environment.name}?"),
    )
    if drift is not None:
        output.show_plan(drift, options.machine(json))
