"""shopctl graph."""

from pathlib import Path
from typing import Annotated

import typer

from shopctl.commands import options, output
from shopctl.commands.options import DebugOption, EnvOption


def graph(
    env: EnvOption = None,
    svg: Annotated[
        Path | None,
        typer.Option(
            "--svg", help="Write an SVG picture into this file.", metavar="FILE", show_default=False
        ),
    ] = None,
    debug: DebugOption = False,
) -> None:
    """Draw the stack from its state: network, hosts, services, and who reaches what."""
    from shopctl import graph as pictures
    from shopctl.graph import svg as drawing
    from shopctl.graph import text

    options.begin(debug)
    found = pictures.of(options.environment(env))
    if svg is None:
        output.styled(text.lines(found))
        return
    svg.write_text(drawing.svg(found))
    output.styled([(f"drawn into {svg}", "")])
