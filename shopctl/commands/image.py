"""shopctl image bake, list."""

from typing import Annotated

import typer

from shopctl.commands import options, output
from shopctl.commands.options import DebugOption, JsonOption

app = typer.Typer(help="Images that hosts boot from.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def bake(
    name: Annotated[
        str | None, typer.Argument(help="One image; all when left out.", metavar="NAME", show_default=False)
    ] = None,
    debug: DebugOption = False,
) -> None:
    """Bake an image anew: the roles' install parts over a base system."""
    from shopctl import image

    options.begin(debug)
    image.bake(name)


@app.command("list")
def list_(json: JsonOption = False, debug: DebugOption = False) -> None:
    """List the images that are there."""
    from shopctl import image

    options.begin(debug, json)
    found = image.list_images()
    if options.machine(json):
        output.print_json(
            [{"name": i.name, "digest": i.digest, "built": i.built, "size": i.size} for i in found]
        )
        return
    rows = [(i.name, i.digest, i.built, f"{i.size / 1e6:.0f} MB") for i in found]
    output.table(("name", "digest", "built", "size"), rows)
