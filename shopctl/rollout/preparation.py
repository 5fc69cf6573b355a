"""Getting a version onto the hosts, beside what serves there: its name, its image, its files, its data."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shopctl import manifest, migrations, registry
from shopctl.errors import BadInputError, ShopctlError
from shopctl.migrations import Phases
from shopctl.progress import of_tasks
from shopctl.rollout import commands, fleet
from shopctl.rollout.facts import HostFacts, Version, release_of

if TYPE_CHECKING:
    from infra.outputs import StackOutputs
    from shopctl.drivers.ansible import Result
    from shopctl.drivers.ssh import Line
    from shopctl.environment import Environment
    from shopctl.manifest import Manifest
    from shopctl.report import Report

MIGRATION_SECONDS = 3600.0


def name_version(environment: Environment, raw: Mapping[str, Any], release: Manifest) -> Version:
    """The version that a release makes with the settings of now. Ansible renders them, on this machine alone."""
    from shopctl.drivers import ansible

    variables = {"app_release": release.id}
    return prepared(ansible.play(environment, "version.yml", outputs=raw, variables=variables))


def prepared(done: Result) -> Version:
    """The version that a play prepared, or would have. Raises ShopctlError when it prepared none."""
    for (_, task), answer in done.answers.items():
        if task == "Tell the version":
            return Version.parse(answer)
    raise ShopctlError(
        "Ansible did not tell the version", next_step="look for it in roles/app/tasks/digest.yml"
    )


@dataclass(frozen=True)
class Judged:
    """A release's migrations that the database lacks, and what a person should know of them."""

    phases: Phases
    warnings: tuple[str, ...] = ()


def judge_migrations(
    lines: Sequence[Line], hosts: Sequence[HostFacts], release: Manifest, groups: Sequence[str]
) -> Judged | None:
    """Raises BadInputError for migrations that the running release would not survive.

    None where there is nothing to judge: the release runs, or nothing does that could tell of the database.
    """
    runs = all(host.release(group) == release.id for host in hosts for group in groups)
    there = None if runs and not release.post_deploy else fleet.migrations(lines, hosts)
    if there is None:
        return None
    refused = migrations.refusals(release.migrations, there.names, there.rows)
    if refused:
        raise BadInputError(
            f"release {release.id} has migrations that the running release would not survive",
            last_lines=[str(refusal) for refusal in refused],
            next_step="split them over two releases, as each line says; nothing was touched",
        )
    return Judged(
        migrations.split(release.migrations, there.names),
        tuple(migrations.warnings(release.migrations, there.names, there.rows)),
    )


def publish(
    environment: Environment,
    report: Report,
    outputs: StackOutputs,
    release: Manifest,
    hosts: Sequence[HostFacts],
) -> str:
    """The reference by which hosts get the image: it is put where they can, unless all of them have it.

    A stack that was brought up before there was a registry is sent the archive.
    """
    if outputs.registry is None:
        return f"localhost/shop:{release.id}"
    reference = registry.reference(environment, outputs, release.digest)
    if hosts and all(_has(host, release.id, reference) for host in hosts):
        return reference
    return registry.publish(environment, report, outputs, release)


def _has(host: HostFacts, release: str, reference: str) -> bool:
    """Whether a host pulled the image by that reference, and has it still."""
    known = any(version.image == reference for version in host.versions.values())
    return known and release in host.images


def prepare(
    environment: Environment, report: Report, raw: Mapping[str, Any], release: Manifest, image: str
) -> Result:
    """Runs what of the playbook is about the shop: Nginx's settings, and the version with its data."""
    from shopctl.drivers import ansible

    return ansible.play(
        environment,
        "site.yml",
        outputs=raw,
        variables=variables(release, image),
        limit="web",
        tags=("nginx", "app"),
        on_event=of_tasks(report),
    )


def variables(release: Manifest, image: str) -> dict[str, str]:
    """What the role is told of a release; the archive only where there is no registry to pull from."""
    found = {"app_release": release.id, "app_image": image}
    return found if "@sha256:" in image else {**found, "app_archive": str(release.archive)}


def migrate_later(line: Line, version: str) -> None:
    """Applies the post-deploy migrations, when all hosts serve the version; safe to repeat. Raises ShopctlError."""
    done = line.run(commands.migrations(version, "--phase", "post"), timeout=MIGRATION_SECONDS)
    if done.code != 0:
        raise ShopctlError(
            "the post-deploy migrations failed; the new version serves",
            where=line.host,
            exit_status=done.code,
            last_lines=(done.stderr or done.stdout).splitlines(),
            next_step=f"mend the cause and run `shopctl deploy {release_of(version)}` again",
        )


def stale_paths(release: str, former: Collection[str]) -> tuple[str, ...]:
    """What the CDN may have of the former releases under a name that stays: the page that names all other files."""
    new, known = manifest.read(release), [manifest.read(old) for old in former if old != release]
    changed = [old for old in known if old is None or new is None or old.static != new.static]
    return ("/", "/static/h5/index.html") if changed else ()
