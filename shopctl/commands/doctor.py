"""shopctl doctor."""

import typer

from shopctl.commands import options, output
from shopctl.commands.options import DebugOption, EnvOption, JsonOption
from shopctl.errors import FAILED

_MARKS = {"ok": "ok", "fail": "FAIL", "later": "later"}
_STYLES = {"ok": "green", "fail": "red", "later": "yellow"}


def doctor(env: EnvOption = None, json: JsonOption = False, debug: DebugOption = False) -> None:
    """Check this machine, and name the command that mends what is missing."""
    from dataclasses import asdict

    from shopctl.doctor import examine

    options.begin(debug, json)
    environment = options.environment(env)
    found = examine(environment)
    bad = [finding for finding in found if finding.state == "fail"]
    if options.machine(json):
        output.print_json(
            {"environment": environment.name, "ok": not bad, "checks": [asdict(f) for f in found]}
        )
    else:
        rows = [(f.name, _MARKS[f.state], f.detail, f.mend) for f in found]
        output.table(("check", "state", "detail", "mend it with"), rows, [_STYLES[f.state] for f in found])
    if bad:
        raise typer.Exit(FAILED)
