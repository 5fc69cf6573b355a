"""Removing an environment, its data included."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shopctl import journal, stack
from shopctl.drivers import engine_state
from shopctl.drivers.engine import open_engine
from shopctl.errors import ShopctlError, StoppedError
from shopctl.plan import Change, Plan, short_type
from shopctl.progress import of_resources

if TYPE_CHECKING:
    from region.settings import RegionSettings
    from shopctl.environment import Environment
    from shopctl.report import Report

# Whatever holds data that exists nowhere else; a plan that deletes it has to say so.
_DATA = ("Mysql", "Redis", "Mongodb", "Rabbitmq", "Cos", "Trabbit", "Tdmq")


@dataclass(frozen=True)
class Destroyed:
    """What is left: the journal."""

    journal: str
    removed: int


class Destroy:
    """The operation."""

    name = "destroy"

    def __init__(self, environment: Environment, report: Report, *, unprotect: bool = False) -> None:
        self._environment = environment
        self._report = report
        self._unprotect = unprotect

    def plan(self) -> Plan:
        """What goes, read from the engine's state and from the machine."""
        environment = self._environment
        changes = [
            Change("delete", type_, name, protected=protected and not self._unprotect)
            for type_, name, protected in engine_state.guarded(environment)
        ]
        data = [c.name for c in changes if c.type.partition(":")[2].startswith(_DATA)]
        changes += [Change("delete", "host", name) for name in self._hosts()]
        steps: list[str] = []
        if environment.region:
            steps.append(f"everything of the local region {environment.region.name!r} goes from this machine")
            steps.append(f"secrets, keys and state in {environment.state_dir} go; the journal stays")
        warnings = (f"data is deleted for good: {', '.join(sorted(data))}",) if data else ()
        return Plan(
            operation="destroy",
            environment=environment.name,
            changes=tuple(changes),
            steps=tuple(steps),
            warnings=warnings,
            reason="the stack has no resources and its region no hosts",
        )

    def apply(self, planned: Plan | None) -> tuple[Plan, Destroyed]:
        """Does it."""
        environment, report = self._environment, self._report
        changes = planned or self.plan()
        if changes.refused:
            raise ShopctlError(
                f"{len(changes.refused)} resources of {environment.name} are protected; nothing was touched",
                last_lines=[f"{short_type(c.type)} {c.name}" for c in changes.refused],
                next_step=f"if all of them may go: shopctl --env {environment.name} destroy --unprotect",
            )
        with report.phase("infrastructure"):
            self._destroy_stack()
        if environment.region:
            with report.phase("local region"):
                from region import teardown

                teardown.destroy(environment.region.name)
            with report.phase("state"):
                self._forget()
        return changes, Destroyed(journal.of(environment, report.warn).place, len(changes.changes))

    def _hosts(self) -> list[str]:
        region: RegionSettings | None = self._environment.region
        if region is None:
            return []
        from region.hosts import list_hosts

        return [f"{host.name} ({host.kind}, {host.address})" for host in list_hosts(region.name)]

    def _destroy_stack(self) -> None:
        environment, report = self._environment, self._report
        if not engine_state.exists(environment):
            report("    the engine knows of no stack")
            return
        try:
            with open_engine(environment, report) as engine:
                stack.prepare(environment, engine, report)
                engine.repair(report)
                if self._unprotect:
                    engine.unprotect()
                engine.destroy(of_resources(report))
        except StoppedError:
            raise
        except Exception as error:
            # A local region can be taken down by what is really there. In the cloud nothing but the engine
            # knows what belongs to the stack, so there the error stands.
            if environment.region is None:
                raise
            what = error.what if isinstance(error, ShopctlError) else f"{type(error).__name__}: {error}"
            report.warn(f"the engine could not do it ({what}); taking down what is really there")

    def _forget(self) -> None:
        """Removes the environment's state. The journal stays, and the lease, which is given back later."""
        keep = {self._environment.journal_file.name, self._environment.lease_file.name, "lease.lock"}
        for path in self._environment.state_dir.iterdir():
            if path.name in keep:
                continue
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
