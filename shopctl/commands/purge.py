"""shopctl purge."""

from typing import Annotated

import typer

from shopctl.commands import options, output
from shopctl.commands.options import DebugOption, DryRunOption, EnvOption, JsonOption, WaitOption, YesOption


def purge(
    paths: Annotated[
        list[str], typer.Argument(help="Paths of the CDN's domain: /static/h5/index.html", metavar="PATH...")
    ],
    env: EnvOption = None,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    wait: WaitOption = False,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Have the CDN forget objects, so that visitors get them anew."""
    from shopctl.confirm import yes_or_no
    from shopctl.purge import Purge

    options.begin(debug, json)
    environment, report = options.environment(env), options.reporter(json)
    done = options.carry_out(
        Purge(environment, report, paths),
        environment,
        report,
        options.chosen(yes, dry_run, wait),
        lambda plan: yes_or_no(f"Purge these from the CDN of {environment.name}?"),
    )
    if done is None:
        return
    if options.machine(json):
        output.print_json(done.as_json())
    else:
        output.styled([(f"the CDN forgot {len(done.urls)} objects  ({done.seconds:.1f} s)", "bold green")])
