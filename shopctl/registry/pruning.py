"""The operation that removes old releases from the environment's registry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shopctl import outputs as stack_outputs
from shopctl.drivers import engine_state, oci
from shopctl.errors import ShopctlError
from shopctl.plan import Plan
from shopctl.plan.model import Change
from shopctl.registry import access, retention
from shopctl.rollout.facts import release_of

if TYPE_CHECKING:
    from infra.outputs import StackOutputs
    from shopctl.environment import Environment
    from shopctl.report import Report
    from shopctl.rollout.facts import HostFacts


@dataclass(frozen=True)
class Summary:
    """What came of it: the tags that went, and the releases that hosts have."""

    removed: tuple[str, ...]
    needed: frozenset[str]


@dataclass(frozen=True)
class Seen:
    """The registry's tags, and the releases that hosts have: what runs there, and what they could go back to."""

    tags: tuple[str, ...]
    needed: frozenset[str]


class Prune:
    """The operation: all but the `keep` releases that were pushed last go, and but those that a host has.

    What only they needed is freed by the registry itself: docker-registry's collection each ten minutes in the local
    region, TCR's own in the cloud.
    """

    def __init__(self, environment: Environment, report: Report, keep: int) -> None:
        self.name = "release prune"
        self.evidence: dict[str, Any] = {}
        self._environment, self._report, self._keep = environment, report, keep
        self._outputs: StackOutputs | None = None

    def plan(self) -> Plan:
        """Looks at the registry and the hosts. Raises ShopctlError where one of them does not answer."""
        return plan(self._environment.name, self._look(), self._keep)

    def apply(self, planned: Plan | None) -> tuple[Plan, Summary]:
        """Removes what by now is old, looked at again."""
        seen = self._look()
        old = retention.surplus(seen.tags, keep=self._keep, needed=seen.needed)
        outputs = self._read()
        with access.opened(self._environment, outputs) as registry:
            for name in old:
                oci.remove(registry, name)
                self._report(f"    removed {name} from {access.settings(self._environment, outputs).host}")
            left = [name for name in oci.tags(registry) if name in old]
        if left:
            raise ShopctlError(
                f"the registry still has {', '.join(left)}",
                where=access.settings(self._environment, outputs).host,
                next_step=f"shopctl --env {self._environment.name} release prune, again",
            )
        self.evidence = {"removed": old, "needed": sorted(seen.needed)}
        return plan(self._environment.name, seen, self._keep), Summary(tuple(old), seen.needed)

    def _look(self) -> Seen:
        from shopctl.drivers.ssh import Fleet
        from shopctl.rollout import fleet

        outputs = self._read()
        with fleet.lines(Fleet(self._environment, outputs)) as lines:
            hosts = fleet.look(lines)
        with access.opened(self._environment, outputs) as registry:
            return Seen(tuple(oci.tags(registry)), needed(hosts))

    def _read(self) -> StackOutputs:
        """Raises NotUpError where there is no stack; that is told from its state, without an engine."""
        if not engine_state.exists(self._environment):
            raise stack_outputs.NotUpError(f"{self._environment.name} is not up")
        self._outputs = self._outputs or stack_outputs.read(self._environment, self._report)
        return self._outputs


def needed(hosts: Sequence[HostFacts]) -> frozenset[str]:
    """Pure: the releases that any host has, or runs."""
    return frozenset(
        release_of(version)
        for host in hosts
        for version in (
            *host.versions,
            *host.serving.values(),
            *(version for _, version in host.running),
        )
    )


def plan(environment: str, seen: Seen, keep: int) -> Plan:
    """Pure: what would go."""
    old = retention.surplus(seen.tags, keep=keep, needed=seen.needed)
    reason = "" if old else f"the registry has no release but the newest {keep} and what the hosts have"
    return Plan(
        "release prune",
        environment,
        tuple(Change("delete", "image", name) for name in old),
        unchanged=len(seen.tags) - len(old),
        reason=reason,
    )
