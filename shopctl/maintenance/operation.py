"""Maintenance on and off: observed, planned, switched on every web host at once, and seen at the balancer."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shopctl import bringup
from shopctl import outputs as stack_outputs
from shopctl.clock import iso
from shopctl.errors import ShopctlError
from shopctl.maintenance import hosts, notice, planning
from shopctl.maintenance.notice import Notice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from infra.outputs import StackOutputs
    from shopctl.drivers.ssh import Fleet
    from shopctl.environment import Environment
    from shopctl.maintenance.hosts import Look
    from shopctl.plan import Plan
    from shopctl.report import Report

SECONDS_TO_SEE = 15.0


@dataclass(frozen=True)
class Summary:
    """What came of it. `notice` is None when the shop serves."""

    environment: str
    notice: Notice | None
    hosts: tuple[str, ...]
    seconds: float
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        shown = self.notice
        until = iso(shown.until) if shown and shown.until is not None else None
        return {
            "environment": self.environment,
            "maintenance": shown is not None,
            "message": shown.message if shown else None,
            "since": iso(shown.since) if shown else None,
            "until": until,
            "hosts": list(self.hosts),
            "seconds": self.seconds,
            "reason": self.reason,
        }


class Maintenance:
    """The operation: shows `wanted` on every web host, or takes the page away where it is None."""

    def __init__(self, environment: Environment, report: Report, wanted: Notice | None) -> None:
        self.name = "maintenance on" if wanted else "maintenance off"
        self.evidence: dict[str, Any] = {}
        self._environment, self._report, self._wanted = environment, report, wanted
        self._outputs: StackOutputs | None = None
        self._fleet: Fleet | None = None

    def plan(self) -> Plan:
        """Looks at the hosts."""
        with self._report.phase("look"):
            return self._planned([seen.facts for seen in self._look()])

    def apply(self, planned: Plan | None) -> tuple[Plan, Summary]:
        """Switches what the hosts, looked at again, still need. Raises ShopctlError that names those left out."""
        began = time.monotonic()
        facts = [seen.facts for seen in self._look()]
        plan, wanted = self._planned(facts), self._wanted
        if wanted:
            wanted = planning.lasting(facts, wanted)
        names = [change.name for change in plan.changes]
        failed = {fact.host: fact.problem for fact in facts if fact.problem}
        if names:
            with self._report.phase("switch"):
                failed |= self._switch(names, wanted)
        with self._report.phase("verification"):
            seen = self._verify(wanted, failed)
            self._testify(wanted, seen)
            if failed:
                raise self._left(failed, wanted, [look.facts for look in seen])
            self._at_balancer(wanted)
        there = tuple(fact.host for fact in facts)
        seconds = round(time.monotonic() - began, 1)
        return plan, Summary(self._environment.name, wanted, there, seconds, plan.reason)

    def _open(self) -> tuple[StackOutputs, Fleet]:
        from shopctl.drivers.ssh import Fleet

        if self._outputs is None or self._fleet is None:
            self._outputs = stack_outputs.read(self._environment, self._report)
            self._fleet = Fleet(self._environment, self._outputs)
        return self._outputs, self._fleet

    def _look(self) -> list[Look]:
        outputs, fleet = self._open()
        return hosts.look(fleet, outputs.domain, hosts.PATHS)

    def _planned(self, facts: Sequence[planning.HostFacts]) -> Plan:
        return planning.plan(self.name, self._environment.name, facts, self._wanted)

    def _switch(self, names: Sequence[str], wanted: Notice | None) -> dict[str, str]:
        _, fleet = self._open()
        failed = hosts.show(fleet, names, wanted) if wanted else hosts.hide(fleet, names)
        for name in names:
            if name not in failed:
                self._report(f"    {name}: {'shows the page' if wanted else 'serves'}", "green")
        return {name: error.what for name, error in failed.items()}

    def _verify(self, wanted: Notice | None, failed: Mapping[str, str]) -> list[Look]:
        """Raises ShopctlError where Nginx does otherwise than the file says."""
        seen = self._look()
        for look in seen:
            said = [] if look.facts.host in failed else hosts.amiss(look, wanted)
            if said:
                raise ShopctlError(
                    f"{look.facts.host} was switched, and its Nginx answers otherwise",
                    where=look.facts.host,
                    last_lines=said,
                    next_step=f"shopctl --env {self._environment.name} up brings its configuration; "
                    "shopctl maintenance off takes the page away",
                )
        return seen

    def _left(
        self, failed: Mapping[str, str], wanted: Notice | None, facts: Sequence[planning.HostFacts]
    ) -> ShopctlError:
        done = [fact.host for fact in facts if fact.host not in failed]
        there = "show the page" if wanted else "serve"
        here = "go on serving" if wanted else "go on showing the page, if they did"
        return ShopctlError(
            f"{', '.join(done) or 'no hosts'} {there}; {', '.join(failed)} could not be switched, and {here}",
            where=next(iter(failed)),
            last_lines=[f"{host}: {why}" for host, why in failed.items()],
            next_step=f"shopctl --env {self._environment.name} {self.name}, again, when they answer by SSH",
        )

    def _at_balancer(self, wanted: Notice | None) -> None:
        """Waits until who comes by the balancer sees it."""
        from shopctl.drivers import http

        outputs, _ = self._open()
        if wanted is None:
            bringup.verify(self._environment, self._report, outputs)
            return
        ca = self._environment.ca_file if self._environment.ca_file.exists() else None
        limit = time.monotonic() + SECONDS_TO_SEE
        while True:
            answer = http.get(
                outputs.domain, "/api/v1/products", address=outputs.load_balancer.vip, ca=ca, timeout=10
            )
            if notice.is_answer(answer.status, answer.body):
                self._report(f"    {outputs.address} shows the page", "green")
                return
            if time.monotonic() > limit:
                raise ShopctlError(
                    f"every web host shows the page, and the balancer answers HTTP {answer.status}",
                    where=f"{outputs.address} at {outputs.load_balancer.vip}",
                    next_step=f"shopctl --env {self._environment.name} status",
                )
            time.sleep(0.5)

    def _testify(self, wanted: Notice | None, seen: Sequence[Look]) -> None:
        self.evidence = {
            "message": wanted.message if wanted else None,
            "until": iso(wanted.until) if wanted and wanted.until is not None else None,
            "answers": {
                look.facts.host: {path: answer.status for path, answer in look.answers.items()}
                for look in seen
            },
        }
