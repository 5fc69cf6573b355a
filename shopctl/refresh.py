"""Reading every resource back into the engine's state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shopctl import stack
from shopctl.drivers.engine import open_engine
from shopctl.plan import Plan
from shopctl.progress import of_resources

if TYPE_CHECKING:
    from shopctl.environment import Environment
    from shopctl.report import Report


class Refresh:
    """The operation. Its changes are to the engine's state; nothing real is touched."""

    name = "refresh"

    def __init__(self, environment: Environment, report: Report) -> None:
        self._environment = environment
        self._report = report

    def plan(self) -> Plan:
        """Reads every resource, and says what differs from the state. Writes nothing."""
        with self._report.phase("look"), open_engine(self._environment, self._report) as engine:
            stack.prepare(self._environment, engine, self._report)
            return engine.drift(of_resources(self._report))

    def apply(self, planned: Plan | None) -> tuple[Plan, Plan]:
        """Does it."""
        with self._report.phase("refresh"), open_engine(self._environment, self._report) as engine:
            stack.prepare(self._environment, engine, self._report)
            engine.repair(self._report)
            drift = engine.refresh(of_resources(self._report))
        return drift, drift
