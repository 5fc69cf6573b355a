"""shopctl release build, list, show, prune."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shopctl.commands import options, output
from shopctl.commands.options import DebugOption, DryRunOption, EnvOption, JsonOption, WaitOption, YesOption

if TYPE_CHECKING:
    from shopctl.environment import Environment
    from shopctl.manifest import Manifest
    from shopctl.operation import Options
    from shopctl.registry.pruning import Summary
    from shopctl.report import Report

app = typer.Typer(
    help="Releases: on this machine, and in an environment's registry.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def build(
    source: Annotated[
        Path | None,
        typer.Option(
            "--from", help="The shop is in this folder, not in app/.", metavar="FOLDER", show_default=False
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
    release: Annotated[str, typer.Argument(help="The release's id, or its beginning.", metavar="RELEASE")],
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
    here: Annotated[
        bool, typer.Option("--here", help="On this machine alone, not in the environment's registry.")
    ] = False,
    env: EnvOption = None,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    wait: WaitOption = False,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Remove old releases from the environment's registry and from this machine; what the hosts have stays."""
    from shopctl import manifest, release

    options.begin(debug, json)
    how = options.chosen(yes, dry_run, wait)
    found = None if here else _prune_registry(options.environment(env), options.reporter(json), keep, how)
    needed = found.needed if found else frozenset[str]()
    if how.dry_run and options.machine(json):
        return
    if how.dry_run:
        for one in manifest.surplus(manifest.listing(), keep=keep, needed=needed):
            print(f"would remove {one.id} from this machine, built {one.built} from {one.commit}")
        return
    gone = release.prune(keep, needed)
    if options.machine(json):
        registry = list(found.removed) if found else []
        removed = [one.id for one in gone.releases]
        output.print_json({"registry": registry, "here": removed, "bytes": gone.bytes})
        return
    for one in gone.releases:
        print(f"removed {one.id}, built {one.built} from {one.commit}")
    print(f"removed {len(gone.releases)} releases from this machine; freed {_megabytes(gone.bytes)}")


def _prune_registry(environment: Environment, report: Report, keep: int, how: Options) -> Summary | None:
    """None where there is no stack, and after a dry run."""
    from shopctl.confirm import yes_or_no
    from shopctl.outputs import NotUpError
    from shopctl.registry.pruning import Prune

    question = f"Remove them from the registry of {environment.name}?"
    try:
        found: Summary | None = options.carry_out(
            Prune(environment, report, keep),
            environment,
            report,
            how,
            lambda plan: plan.empty or yes_or_no(question),
            plan_first=True,
        )
    except NotUpError:
        report(f"{environment.name} is not up and has no registry; on this machine:")
        return None
    return found


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
