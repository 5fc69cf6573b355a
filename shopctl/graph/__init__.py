"""A picture of the stack, from its state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shopctl.drivers import engine_state
from shopctl.errors import ShopctlError
from shopctl.graph.model import Graph, build

if TYPE_CHECKING:
    from shopctl.environment import Environment


def of(environment: Environment) -> Graph:
    """The environment's graph. Raises ShopctlError when it is not up."""
    resources = engine_state.deployment(environment)
    if not any(resource.get("custom") for resource in resources):
        raise ShopctlError(
            f"there is nothing to draw: {environment.name} has no resources",
            next_step=f"shopctl --env {environment.name} up",
        )
    return build(environment.name, environment.settings.region, resources, _down(environment))


def _down(environment: Environment) -> frozenset[str]:
    """The ids of what should run on this machine and doesn't."""
    if environment.region is None:
        return frozenset()
    from region.region import Region
    from region.revive import down

    return frozenset(host.id for host in down(Region(environment.region)))
