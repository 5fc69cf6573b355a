"""Putting a release into the environment's registry."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from shopctl import release
from shopctl.drivers import oci
from shopctl.registry import access, retention

if TYPE_CHECKING:
    from infra.outputs import StackOutputs
    from shopctl.environment import Environment
    from shopctl.manifest import Manifest
    from shopctl.report import Report


def publish(environment: Environment, report: Report, outputs: StackOutputs, manifest: Manifest) -> str:
    """Has the registry hold the release's image, and returns the reference by which hosts pull just that.

    What it has already is not sent again. Raises ShopctlError when a part of the image is not what was built, and when
    the registry is down, full or refuses the key.
    """
    reference = access.reference(environment, outputs, manifest.digest)
    with access.opened(environment, outputs) as registry:
        if oci.holds(registry, manifest.digest):
            return reference
        release.verify(manifest)
        report.started("push", f"release {manifest.id} to {registry.address}")
        try:
            tag, log = retention.tag(manifest.id, datetime.now(UTC)), environment.logs / "registry.log"
            # Before the image: whose image is there, has its list of parts there too.
            oci.attach(manifest.attached, registry, manifest.digest, log=log)
            oci.push(manifest.layout, registry, tag, log=log)
        except BaseException:
            report.finished("push")
            raise
        report.finished("push", f"release {manifest.id}: {manifest.bytes / 1e6:.0f} MB in the registry")
    return reference
