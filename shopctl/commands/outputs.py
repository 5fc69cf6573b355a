"""shopctl outputs."""

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from shopctl.commands import options, output
from shopctl.commands.options import DebugOption, EnvOption, JsonOption


def outputs(
    env: EnvOption = None,
    show_secrets: Annotated[
        bool, typer.Option("--show-secrets", help="Print secrets in clear.", show_default=False)
    ] = False,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Print the stack's outputs: addresses, names, users; secrets as *** unless asked for."""
    from shopctl import outputs as operation

    options.begin(debug, json)
    environment, report = options.environment(env), options.reporter(json)
    raw = operation.raw(environment, report)
    shown = raw if show_secrets else operation.masked(operation.parse(environment, raw))
    if options.machine(json):
        output.print_json(shown)
    else:
        output.table(("output", "value"), list(_flat(shown)))


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _flat(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _flat(item, f"{path}[{number}]")
    else:
        yield path, "" if value is None else str(value)
