"""shopctl release build, list, show, prune."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shopctl.commands import options, output
from shopctl.commands.options import DebugOption, JsonOption

if TYPE_CHECKING:
    from shopctl.manifest import Manifest

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
    new_base: Annotated[
        bool, typer.Option("--new-base", help="On Debian's packages of today, not on those that are here.")
    ] = False,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Build the checkout's release, unless it is there; print its id."""
    from shopctl import release

    options.begin(debug, json)
    built = release.build(options.reporter(json), source, new_base=new_base)
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
    if not found:
        print("no release is on this machine; next: shopctl release build")
        return
    rows = [
        (m.id, m.built, m.commit, m.author, _megabytes(m.bytes), str(len(m.migrations)), m.digest[:19])
        for m in found
    ]
    output.table(("release", "built", "commit", "by", "size", "migrations", "image"), rows)


@app.command()
def show(
    release: Annotated[str, typer.Argument(help="The release's id, or its beginning.")],
    sbom: Annotated[bool, typer.Option("--sbom", help="What it is made of, as CycloneDX JSON.")] = False,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Show one release: its image and layers, commit, author, time, migrations."""
    from shopctl import release as releases

    options.begin(debug, json)
    found = releases.find(release)
    if sbom:
        print(found.sbom.read_text(), end="")
    elif options.machine(json):
        output.print_json(found.as_json())
    else:
        output.table(("field", "value"), list(_told(found)))


@app.command()
def prune(
    keep: Annotated[int, typer.Option(help="How many of the newest stay.", min=1)] = 5,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Remove old releases from this machine, and what builds left; what the hosts have stays there."""
    from shopctl import release

    options.begin(debug, json)
    gone = release.prune(keep)
    if options.machine(json):
        output.print_json([one.id for one in gone.releases])
        return
    for one in gone.releases:
        print(f"removed {one.id}, built {one.built} from {one.commit}")
    print(f"removed {len(gone.releases)} releases; freed {_megabytes(gone.bytes)}")


def _told(found: Manifest) -> list[tuple[str, str]]:
    late = set(found.post_deploy)
    layers = [f"{layer.digest}  {_megabytes(layer.bytes)}" for layer in found.layers]
    names = [f"{name}  (after the deploy)" if name in late else name for name in sorted(found.migrations)]
    return [
        ("release", found.id),
        ("image", found.digest),
        ("size", _megabytes(found.bytes)),
        *_listed("layers, from below", layers),
        ("base", found.base),
        ("static files", found.static),
        ("commit", found.commit),
        ("by", found.author),
        ("built", found.built),
        ("with", ", ".join(f"{tool} {version}" for tool, version in found.tools.items())),
        ("kept in", str(found.layout)),
        *_listed("migrations", names),
    ]


def _listed(name: str, values: list[str]) -> list[tuple[str, str]]:
    return [(name if number == 0 else "", value) for number, value in enumerate(values)]


def _megabytes(count: int) -> str:
    return f"{count / 1e6:.1f} MB"
