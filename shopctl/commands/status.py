"""shopctl status."""

import typer

from shopctl.commands import options, output
from shopctl.commands.options import DebugOption, EnvOption, JsonOption
from shopctl.errors import FAILED

_STYLES = {"healthy": "green", "degraded": "yellow", "unhealthy": "red", "unknown": "yellow"}


def status(env: EnvOption = None, json: JsonOption = False, debug: DebugOption = False) -> None:
    """Look at every component; exit 1 unless all are healthy."""
    from shopctl import status as operation

    options.begin(debug, json)
    environment, report = options.environment(env), options.reporter(json)
    found = operation.status(environment, report)
    if options.machine(json):
        output.print_json(found.as_json())
    else:
        parts = found.components
        rows = [(part.name, part.kind, part.state, part.detail) for part in parts]
        output.table(("component", "kind", "state", "detail"), rows, [_STYLES[part.state] for part in parts])
        good = sum(part.state == "healthy" for part in parts)
        style = "bold green" if found.healthy else "bold red"
        output.styled(
            [("", ""), (f"{environment.name}: {good} of {len(parts)} components are healthy", style)]
        )
    if not found.healthy:
        raise typer.Exit(FAILED)
