"""Bringing an environment up: infrastructure, hosts, the shop on them, and the proof that it answers."""

from __future__ import annotations

import shlex
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from shopctl import doctor, stack
from shopctl import outputs as stack_outputs
from shopctl.drivers import engine_state
from shopctl.drivers.engine import Engine, open_engine
from shopctl.errors import ShopctlError
from shopctl.plan import Plan
from shopctl.progress import of_resources, of_tasks

if TYPE_CHECKING:
    from infra.outputs import Host, StackOutputs
    from shopctl.drivers.ansible import Result
    from shopctl.environment import Environment
    from shopctl.report import Report

# A host of the local region answers within two seconds, one in the cloud within a minute or two.
SSH_SECONDS = 180.0
ANSWER_SECONDS = 60.0


@dataclass(frozen=True)
class Summary:
    """What `up` brought."""

    environment: str
    address: str
    curl: str
    release: str
    hosts: dict[str, int]
    changed: int
    phases: dict[str, float]

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "environment": self.environment,
            "address": self.address,
            "curl": self.curl,
            "release": self.release,
            "hosts": {name: {"changed": changed} for name, changed in self.hosts.items()},
            "changed": self.changed,
            "seconds": self.phases,
        }


class Up:
    """The operation."""

    name = "up"

    def __init__(self, environment: Environment, report: Report) -> None:
        self._environment = environment
        self._report = report
        self._planned_on = ""

    def plan(self) -> Plan:
        """Asks the engine what would change."""
        doctor.preflight(self._environment)
        with self._report.phase("plan"), open_engine(self._environment, self._report) as engine:
            stack.prepare(self._environment, engine, self._report)
            self._planned_on = engine_state.fingerprint(self._environment)
            plan = engine.preview()
        return replace(
            plan,
            operation="up",
            steps=(
                *self._stopped(),
                "build the release",
                "configure the hosts",
                f"verify https://{self._environment.settings.domain}",
            ),
        )

    def apply(self, planned: Plan | None) -> tuple[Plan, Summary]:
        """Does it."""
        from shopctl import image, release

        environment, report = self._environment, self._report
        if planned is not None and engine_state.fingerprint(environment) != self._planned_on:
            raise ShopctlError(
                "the plan is stale: the stack changed after the plan was made",
                next_step="run the command again",
            )
        if planned is None:
            doctor.preflight(environment)
        with ThreadPoolExecutor(max_workers=1) as pool:
            # The release needs no images or hosts, and they no release: neither waits for the other.
            building = pool.submit(release.build, report)
            with report.phase("images"):
                image.ensure(environment, report)
            with report.phase("infrastructure"), open_engine(environment, report) as engine:
                changes, raw = self._infrastructure(engine)
            built = self._release(building)
        outputs = stack_outputs.parse(environment, raw)
        with report.phase("hosts"):
            self._reach(outputs)
        with report.phase("configuration"):
            result = self._configure(raw, built.id, str(built.archive))
        with report.phase("verification"):
            self._verify(outputs)
        return changes, self._summary(outputs, built.id, result, changes)

    def _infrastructure(self, engine: Engine) -> tuple[Plan, dict[str, Any]]:
        stack.prepare(self._environment, engine, self._report)
        self._revive()
        engine.repair(self._report)
        changes = engine.up(of_resources(self._report))
        if changes.empty:
            self._report(f"    nothing to change: {changes.reason}", "green")
        return changes, engine.outputs()

    def _stopped(self) -> tuple[str, ...]:
        if self._environment.region is None:
            return ()
        from region.region import Region
        from region.revive import down

        return tuple(
            f"start host {host.name}, which is down" for host in down(Region(self._environment.region))
        )

    def _revive(self) -> None:
        """Starts the local region's hosts that a restart of the machine, or an accident, took down."""
        if self._environment.region is None:
            return
        from region.region import Region
        from region.revive import revive

        revive(Region(self._environment.region), lambda line: self._report(f"    {line}", "yellow"))

    def _release(self, building: Future[Any]) -> Any:
        with self._report.phase("release"):
            return building.result()

    def _reach(self, outputs: StackOutputs) -> None:
        from shopctl.drivers.ssh import Fleet

        fleet = Fleet(self._environment, outputs)
        fleet.forget_replaced()
        silent = fleet.wait_until_reachable(outputs.hosts, SSH_SECONDS)
        if silent:
            name, why = next(iter(silent.items()))
            host = next(h for h in outputs.hosts if h.name == name)
            raise ShopctlError(
                f"{', '.join(silent)} did not answer by SSH within {SSH_SECONDS:.0f} s: {why}",
                where=f"{name} ({host.address})",
                last_lines=self._console(host),
                next_step=f"shopctl --env {self._environment.name} status",
            )

    def _console(self, host: Host) -> list[str]:
        if self._environment.region is None:
            return []
        from region.hosts import console_tail

        return console_tail(self._environment.region.name, host.instance_id).splitlines()

    def _configure(self, raw: dict[str, Any], release: str, archive: str) -> Result:
        from shopctl.drivers import ansible

        return ansible.play(
            self._environment,
            "site.yml",
            outputs=raw,
            variables={"app_release": release, "app_archive": archive},
            on_event=of_tasks(self._report),
        )

    def _verify(self, outputs: StackOutputs) -> None:
        from shopctl.drivers import http

        limit = time.monotonic() + ANSWER_SECONDS
        ca = self._environment.ca_file if self._environment.ca_file.exists() else None
        while True:
            said = ""
            try:
                answer = http.get(
                    outputs.domain, "/api/v1/products", address=outputs.load_balancer.vip, ca=ca, timeout=10
                )
                if answer.status == 200:
                    self._report(f"    {outputs.address}/api/v1/products answers", "green")
                    return
                said = f"HTTP {answer.status}"
                lines = answer.body.decode(errors="replace").splitlines()[:10]
            except ShopctlError as error:
                said, lines = error.what, []
            if time.monotonic() > limit:
                raise ShopctlError(
                    f"the shop does not answer after {ANSWER_SECONDS:.0f} s: {said}",
                    where=f"{outputs.address}/api/v1/products at {outputs.load_balancer.vip}",
                    last_lines=lines,
                    next_step=f"shopctl --env {self._environment.name} status; shopctl logs web",
                )
            time.sleep(0.5)

    def _summary(self, outputs: StackOutputs, release: str, result: Result, changes: Plan) -> Summary:
        curl = ["curl"]
        if self._environment.ca_file.exists():
            curl += ["--cacert", str(self._environment.ca_file)]
        curl += [
            "--resolve",
            f"{outputs.domain}:443:{outputs.load_balancer.vip}",
            f"{outputs.address}/api/v1/products",
        ]
        return Summary(
            environment=self._environment.name,
            address=outputs.address,
            curl=shlex.join(curl),
            release=release,
            hosts={name: host.changed for name, host in sorted(result.hosts.items())},
            changed=result.changed + len(changes.changes),
            phases=self._report.phases,
        )
