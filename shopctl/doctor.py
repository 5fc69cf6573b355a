"""Is this machine fit for the environment?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shopctl import paths
from shopctl.doctor_checks import COMMANDS, Finding, findings
from shopctl.drivers import machine
from shopctl.errors import ShopctlError

if TYPE_CHECKING:
    from shopctl.environment import Environment

# What hosts boot from: those of the shop, and those that stand for managed services.
IMAGES = ("host", "managed")
_ALL_GOOD = frozenset({"ok", "later"})


def examine(environment: Environment) -> list[Finding]:
    """All findings."""
    region = environment.region
    facts = machine.gather(
        commands=COMMANDS,
        folders=(environment.state_dir, paths.cache_root()),
        region_cidr=region.cidr if region else None,
        tools=_tools(),
        images=_images(environment),
    )
    return findings(
        facts,
        local=region is not None,
        own_devices=_own_devices(environment),
        region_cidr=region.cidr if region else None,
    )


def preflight(environment: Environment) -> None:
    """Raises when something is missing without which `up` could not end well. Nothing was touched by then."""
    bad = [finding for finding in examine(environment) if finding.state not in _ALL_GOOD]
    if bad:
        raise ShopctlError(
            f"this machine is not ready for {environment.name}",
            last_lines=[f"{f.name}: {f.detail}   mend: {f.mend}" for f in bad],
            next_step=f"mend it, or see everything with `shopctl --env {environment.name} doctor`",
        )


def _own_devices(environment: Environment) -> frozenset[str]:
    """The region's own link, and its unreachable route, don't count as foreign."""
    if environment.region is None:
        return frozenset()
    from region import names

    return frozenset({names.uplink(environment.region.name), "unreachable"})


def _tools() -> dict[str, bool]:
    from tools.build import cached_path, installed_path
    from tools.catalog import TOOLS

    return {
        name: cached_path(tool).exists() or installed_path(tool) is not None for name, tool in TOOLS.items()
    }


def _images(environment: Environment) -> dict[str, bool] | None:
    if environment.region is None:
        return None
    # An image's description is written last: without it, the bake was cut off.
    return {name: any((paths.cache_root() / "images").glob(f"{name}-*/image.json")) for name in IMAGES}
