"""shopctl release build, list, show, prune."""

from pathlib import Path
from typing import Annotated

import typer

from shopctl.commands import options, output
from shopctl.commands.options import DebugOption, JsonOption

app = typer.Typer(
    help="Releases on this machine: what the shop's hosts can be given.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def build(
    source: Annotated[
        Path | None,
        typer.Option(
            "--from", help="Build from this folder, not from app/.", metavar="FOLDER", show_default=False
        ),
    ] = None,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Build the checkout's release, unless it is there; print its id."""
    from shopctl import release

    options.begin(debug, json)
    built = release.find(release.build(options.reporter(json), source).id)
    output.print_json(built.as_json()) if options.machine(json) else print(built.id)


@app.command("list")
def list_(json: JsonOption = False, debug: DebugOption = False) -> None:
    """Show the releases that are here, newest first."""
    from shopctl import manifest

    options.begin(debug, json)
    found = manifest.listing()
    if options.machine(json):
        output.print_json([one.as_json() for one in found])
        return
    rows = [
        (m.id, m.built, m.commit, m.author, f"{m.bytes / 1e6:.0f} MB", str(len(m.migrations))) for m in found
    ]
    output.table(("release", "built", "commit", "by", "size", "migrations"), rows)


@app.command()
def show(
    release: Annotated[str, typer.Argument(help="The release's id, or its beginning.")],
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Show one release: digest, commit, time, migrations."""
    from shopctl import release as releases

    options.begin(debug, json)
    found = releases.find(release)
    if options.machine(json):
        output.print_json(found.as_json())
        return
    told = found.as_json()
    rows = [
        (name, ", ".join(value) if isinstance(value, list) else str(value)) for name, value in told.items()
    ]
    output.table(("field", "value"), rows)


@app.command()
def prune(
    keep: Annotated[int, typer.Option(help="How many of the newest stay.", min=1)] = 5,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Remove old releases from this machine; what the hosts have stays there."""
    from shopctl import release

    options.begin(debug, json)
    gone = release.prune(keep)
    if options.machine(json):
        output.print_json([one.id for one in gone])
    else:
        freed = sum(one.bytes for one in gone) / 1e6
        print(f"removed {len(gone)} releases, {freed:.0f} MB")
