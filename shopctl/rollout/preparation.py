"""Getting a version onto the hosts, beside what serves there: its name, its image, its files, its data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from shopctl import registry
from shopctl.errors import ShopctlError
from shopctl.progress import of_tasks
from shopctl.rollout.facts import HostFacts, Version

if TYPE_CHECKING:
    from infra.outputs import StackOutputs
    from shopctl.drivers.ansible import Result
    from shopctl.environment import Environment
    from shopctl.manifest import Manifest
    from shopctl.report import Report


def name_version(environment: Environment, raw: Mapping[str, Any], release: Manifest) -> Version:
    """The version that a release makes with the settings of now. Ansible renders them, on this machine alone."""
    from shopctl.drivers import ansible

    done = ansible.play(environment, "version.yml", outputs=raw, variables={"app_release": release.id})
    for (_, task), answer in done.answers.items():
        if task == "Tell the version":
            return Version.parse(answer)
    raise ShopctlError("Ansible did not tell the version", command="ansible-playbook playbooks/version.yml")


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
    """Runs the playbook that writes the version, its data included."""
    from shopctl.drivers import ansible

    return ansible.play(
        environment,
        "deploy.yml",
        outputs=raw,
        variables=variables(release, image),
        on_event=of_tasks(report),
    )


def variables(release: Manifest, image: str) -> dict[str, str]:
    """What the role is told of a release; the archive only where there is no registry to pull from."""
    found = {"app_release": release.id, "app_image": image}
    return found if "@sha256:" in image else {**found, "app_archive": str(release.archive)}
