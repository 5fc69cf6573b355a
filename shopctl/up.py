"""Bringing an environment up: infrastructure, hosts, the shop on them, and the proof that it answers."""

from __future__ import annotations

import json
import shlex
import tempfile
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shopctl import bringup, doctor, planfile, stack, stand_ins, storage, targets
from shopctl import outputs as stack_outputs
from shopctl.drivers import engine_state
from shopctl.drivers.engine import WHOLE, Engine, Scope, open_engine
from shopctl.errors import BadInputError, ShopctlError
from shopctl.plan import Plan, short_type
from shopctl.progress import of_resources
from shopctl.rollout import preparation

if TYPE_CHECKING:
    from infra.outputs import StackOutputs
    from shopctl.drivers.ansible import Result
    from shopctl.environment import Environment
    from shopctl.report import Report


@dataclass(frozen=True)
class Request:
    """What was asked for: the whole stack, or the targets alone; a new plan, or the one in a file.

    `save`: where the plan that is shown is to be kept. `look`: it is not going to be applied.
    """

    targets: tuple[str, ...] = ()
    dependents: bool = False
    plan_file: Path | None = None
    save: Path | None = None
    look: bool = False


@dataclass(frozen=True)
class Summary:
    """What `up` brought. `image`: the reference by which the hosts have the release; empty where none has it."""

    environment: str
    address: str
    curl: str
    release: str
    image: str
    hosts: dict[str, int]
    changed: int
    phases: dict[str, float]
    left_out: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "environment": self.environment,
            "address": self.address,
            "curl": self.curl,
            "release": self.release,
            "image": self.image,
            "hosts": {name: {"changed": changed} for name, changed in self.hosts.items()},
            "changed": self.changed,
            "seconds": self.phases,
            "left_out": list(self.left_out),
        }


class Up:
    """The operation."""

    name = "up"

    def __init__(self, environment: Environment, report: Report, request: Request | None = None) -> None:
        self._environment = environment
        self._report = report
        self._request = request or Request()
        self._planned_on = ""
        self._saved: planfile.Saved | None = None
        self._scope = WHOLE
        self.evidence: dict[str, Any] = {}

    def plan(self) -> Plan:
        """Asks the engine what would change, or reads what it said before."""
        if self._request.plan_file:
            self._saved = planfile.read(self._request.plan_file, self._environment.name)
            self._scope = Scope(self._saved.urns, self._saved.dependents)
            return self._saved.plan
        if self._request.look:
            return self._look()
        doctor.preflight(self._environment)
        with self._report.phase("plan"), open_engine(self._environment, self._report) as engine:
            stack.prepare(self._environment, engine, self._report)
            self._planned_on = engine_state.fingerprint(self._environment)
            self._scope = self._chosen(engine)
            return self._preview(engine)

    def _look(self) -> Plan:
        """A plan that nobody applies: what is missing for that is stood in for, and said."""
        if self._environment.region is not None:
            doctor.preflight(self._environment)
        with stand_ins.of(self._environment, self._report) as (environment, warnings):
            if warnings and self._request.save:
                raise BadInputError("such a plan can't be kept, as it can't be applied", last_lines=warnings)
            self._environment = environment
            with self._report.phase("plan"), open_engine(environment, self._report) as engine:
                stack.prepare(environment, engine, self._report)
                self._scope = self._chosen(engine)
                plan = self._preview(engine)
                return replace(plan, warnings=(*plan.warnings, *warnings))

    def apply(self, planned: Plan | None) -> tuple[Plan, Summary]:
        """Does it."""
        from shopctl import image, release

        environment, report = self._environment, self._report
        if planned is not None:
            self._refuse_protected(planned)
        if self._saved is None and planned and engine_state.fingerprint(environment) != self._planned_on:
            raise ShopctlError(
                "the plan is stale: the stack changed after the plan was made",
                next_step="run the command again",
            )
        if planned is None or self._saved:
            doctor.preflight(environment)
        with ThreadPoolExecutor(max_workers=1) as pool:
            # The release needs no images or hosts, and they no release: neither waits for the other.
            building = pool.submit(release.build, report)
            with report.phase("images"):
                image.ensure(environment, report)
            with report.phase("infrastructure"), open_engine(environment, report) as engine:
                changes, raw = self._infrastructure(engine, known=planned is not None)
            built = self._release(building)
        outputs = stack_outputs.parse(environment, raw)
        return changes, self._hosts(changes, outputs, raw, built)

    def _preview(self, engine: Engine) -> Plan:
        steps = (*self._stopped(), "build the release", *self._host_steps())
        with tempfile.TemporaryDirectory(prefix="shopctl-plan-") as folder:
            # The engine's own plan constrains what a saved plan may do.
            kept = Path(folder) / "engine.json" if self._request.save else None
            plan = replace(engine.preview(scope=self._scope, save=kept), operation="up", steps=steps)
            if kept and self._request.save:
                saved = planfile.Saved(
                    plan,
                    planfile.basis(self._environment),
                    self._scope.urns,
                    self._scope.dependents,
                    json.loads(kept.read_text()),
                )
                planfile.write(self._request.save, saved)
        return plan

    def _infrastructure(self, engine: Engine, *, known: bool) -> tuple[Plan, dict[str, Any]]:
        stack.prepare(self._environment, engine, self._report)
        if self._saved:
            planfile.refuse_stale(self._saved, planfile.basis(self._environment), self._environment.name)
        self._revive()
        engine.repair(self._report)
        if self._request.targets and not known:
            self._scope = self._chosen(engine)
        if self._saved:
            changes = self._as_saved(engine, self._saved)
        else:
            changes = engine.up(of_resources(self._report), scope=self._scope)
        if changes.empty:
            self._report(f"    nothing to change: {changes.reason}", "green")
        return changes, engine.outputs()

    def _as_saved(self, engine: Engine, saved: planfile.Saved) -> Plan:
        """Does what the file says, and nothing else: looks again, then lets the engine's plan constrain it."""
        planfile.refuse_different(saved.plan, engine.preview(scope=self._scope), self._environment.name)
        with tempfile.TemporaryDirectory(prefix="shopctl-plan-") as folder:
            constraint = Path(folder) / "engine.json"
            constraint.write_text(json.dumps(saved.engine))
            return engine.up(of_resources(self._report), scope=self._scope, constraint=constraint)

    def _refuse_protected(self, planned: Plan) -> None:
        if planned.refused:
            raise ShopctlError(
                "the plan deletes or replaces what is protected; nothing was touched",
                last_lines=[f"{c.operation} {short_type(c.type)} {c.name}" for c in planned.refused],
                next_step="take back the change that forces it, or move the data and unprotect the resource: "
                f"pulumi -s {self._environment.name} state unprotect URN",
            )

    def _chosen(self, engine: Engine) -> Scope:
        names = self._request.targets
        if not names:
            return WHOLE
        known = list(engine_state.urns(self._environment))
        if targets.unknown(names, known):
            # Perhaps it is new, and only the program knows of it.
            known += engine.names().values()
        return Scope(targets.resolve(names, known), self._request.dependents)

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

    def _host_steps(self) -> tuple[str, ...]:
        verification = f"verify https://{self._environment.settings.domain}"
        if not self._scope.urns:
            return ("configure the hosts", verification)
        return (
            f"limited to {', '.join(targets.name_of(urn) for urn in self._scope.urns)}; everything else stays",
            "configure the hosts among them, no others",
            verification,
        )

    def _hosts(self, changes: Plan, outputs: StackOutputs, raw: dict[str, Any], built: Any) -> Summary:
        environment, report = self._environment, self._report
        only: tuple[str, ...] = ()
        if self._scope.urns:
            ids = engine_state.urns(environment)
            touched = {ids.get(urn) for urn in self._scope.urns}
            only = tuple(host.name for host in outputs.hosts if host.instance_id in touched)
        left_out = self._left_out(outputs, only)
        for line in left_out:
            report.warn(line)
        result: Result | None = None
        image, changed = "", 0
        storage.lock_backups(environment, report, outputs)
        if only or not self._scope.urns:
            web = [h.name for h in outputs.hosts if h.role == "web" and (not only or h.name in only)]
            with report.phase("hosts"):
                bringup.reach(environment, outputs, only)
                later = bringup.later_migrations(environment, outputs, web, built) if web else ()
            with report.phase("configuration"):
                image = preparation.publish(environment, report, outputs, built, ())
                result = bringup.configure(environment, report, raw, built, image, only)
            if web:
                version = preparation.prepared(result)
                changed = bringup.change_over(
                    environment, report, outputs, web, version, self.evidence, later
                )
        with report.phase("verification"):
            bringup.verify(environment, report, outputs)
        return self._summary(outputs, built.id, image, result, changes, left_out, changed)

    def _left_out(self, outputs: StackOutputs, only: tuple[str, ...]) -> tuple[str, ...]:
        if not self._scope.urns:
            return ()
        rest = [host.name for host in outputs.hosts if host.name not in only]
        where = f"not configured, as no target is among them: {', '.join(rest)}"
        return (where,) if rest else ()

    def _summary(
        self,
        outputs: StackOutputs,
        release: str,
        image: str,
        result: Result | None,
        changes: Plan,
        left_out: tuple[str, ...],
        changed: int,
    ) -> Summary:
        curl = ["curl"]
        if self._environment.ca_file.exists():
            curl += ["--cacert", str(self._environment.ca_file)]
        curl += [
            "--resolve",
            f"{outputs.domain}:443:{outputs.load_balancer.vip}",
            f"{outputs.address}/api/v1/products",
        ]
        hosts = result.hosts if result else {}
        return Summary(
            environment=self._environment.name,
            address=outputs.address,
            curl=shlex.join(curl),
            release=release,
            image=image,
            hosts={name: host.changed for name, host in sorted(hosts.items())},
            changed=(result.changed if result else 0) + len(changes.changes) + changed,
            phases=self._report.phases,
            left_out=left_out,
        )
