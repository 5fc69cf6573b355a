"""A release onto the web hosts, one after the other; and the way back to the release that ran before."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from shopctl import bringup, journal, manifest, migrations, release
from shopctl import outputs as stack_outputs
from shopctl.errors import BadInputError, ShopctlError
from shopctl.plan import Plan
from shopctl.progress import of_tasks
from shopctl.rollout import evidence, fleet, planning
from shopctl.rollout.evidence import Mark
from shopctl.rollout.planning import Wanted

if TYPE_CHECKING:
    from infra.outputs import StackOutputs
    from shopctl.drivers.ansible import TaskEvent
    from shopctl.drivers.ssh import Fleet
    from shopctl.environment import Environment
    from shopctl.manifest import Manifest
    from shopctl.report import Report
    from shopctl.rollout.facts import HostFacts

OPERATIONS = ("deploy", "rollback", "up")
"""Of the journal: what can have changed the release."""


@dataclass(frozen=True)
class Summary:
    """What came of it."""

    environment: str
    release: str
    before: str | None
    seconds: float
    hosts: dict[str, dict[str, float]]
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "environment": self.environment,
            "release": self.release,
            "before": self.before,
            "seconds": self.seconds,
            "hosts": self.hosts,
            "reason": self.reason,
        }


@dataclass
class _Stack:
    """What is known of the stack while the operation lasts."""

    raw: dict[str, Any]
    outputs: StackOutputs
    fleet: Fleet
    hosts: list[HostFacts] = field(default_factory=list["HostFacts"])


class Deploy:
    """The operation: `word` is the release's id or its beginning; None takes the checkout's, or with `back` the one
    that ran before."""

    def __init__(
        self, environment: Environment, report: Report, word: str | None = None, *, back: bool = False
    ) -> None:
        self.name = "rollback" if back else "deploy"
        self.evidence: dict[str, Any] = {}
        self._environment, self._report = environment, report
        self._word, self._back = word, back
        self._stack: _Stack | None = None
        self._wanted: Wanted | None = None

    def plan(self) -> Plan:
        """Looks at the hosts. Raises BadInputError for migrations that the running release would not survive."""
        with self._report.phase("look"):
            stack = self._look()
            wanted = self._wanted or self._choose(stack)
            self._wanted = wanted
            return planning.plan(self.name, self._environment.name, stack.hosts, wanted)

    def apply(self, planned: Plan | None) -> tuple[Plan, Summary]:
        """Does what the hosts, looked at again, still need. Where the release fails, the one of before comes back."""
        began = time.monotonic()
        plan = self.plan()
        stack, wanted = self._stack, self._wanted
        assert stack is not None
        assert wanted is not None
        before = planning.before(stack.hosts, wanted.release)
        self.evidence.update(release=wanted.release, before=before, migrations=list(wanted.migrations))
        if plan.empty:
            self.evidence["nothing_to_do"] = plan.reason
            return plan, self._summary(wanted, before, began, {}, plan.reason)
        marks: list[Mark] = []
        try:
            self._roll(stack, wanted, marks)
            with self._report.phase("verification"):
                after = self._verify(stack, wanted)
        except ShopctlError as failure:
            self._testify(marks)
            raise self._undo(stack, wanted, before, failure) from failure
        self._testify(marks)
        gone = fleet.remove_old(stack.fleet, after, [before] if before else [])
        for host, images in gone.items():
            self._report(f"    {host}: removed {', '.join(images)}", "dim")
        return plan, self._summary(wanted, before, began, evidence.by_host(marks))

    def _look(self) -> _Stack:
        from shopctl.drivers.ssh import Fleet

        if self._stack is None:
            raw = stack_outputs.raw(self._environment, self._report)
            outputs = stack_outputs.parse(self._environment, raw)
            self._stack = _Stack(raw, outputs, Fleet(self._environment, outputs))
        self._stack.hosts = fleet.look(self._stack.fleet)
        return self._stack

    def _choose(self, stack: _Stack) -> Wanted:
        history = [
            entry for entry in journal.read(self._environment.journal_file) if entry.outcome == "succeeded"
        ]
        took = [e.seconds for e in history if e.operation == self.name and e.evidence.get("hosts")]
        wanted = self._former(stack, history) if self._back else self._newer(stack)
        return replace(wanted, estimate_seconds=took[-1] if took else None)

    def _former(self, stack: _Stack, history: list[journal.Entry]) -> Wanted:
        kept = [image for image in stack.hosts[0].images if all(image in host.images for host in stack.hosts)]
        if self._word:
            ids = manifest.chosen(self._word, kept)
        else:
            ran = [
                e.evidence["release"]
                for e in history
                if e.operation in OPERATIONS and "release" in e.evidence
            ]
            former = planning.previous(stack.hosts, ran)
            ids = [former] if former else []
        if len(ids) != 1:
            raise BadInputError(
                "no release that ran before is on every web host"
                if not self._word
                else f"{self._word!r} is not the image of one release on every web host",
                next_step=f"shopctl deploy RELEASE brings any; on the hosts are: {', '.join(kept) or 'none'}",
            )
        return Wanted(ids[0], prepare=False)

    def _newer(self, stack: _Stack) -> Wanted:
        found = release.find(self._word) if self._word else self._built()
        if all(host.releases == (found.id,) for host in stack.hosts):
            return Wanted(found.id, megabytes=found.bytes // 1_000_000)
        there = fleet.applied(stack.fleet, stack.hosts)
        lacking = tuple(name for name in sorted(found.migrations) if there is not None and name not in there)
        refused = migrations.refusals(found.migrations, there) if there is not None else []
        if refused:
            raise BadInputError(
                f"release {found.id} has migrations that the running release would not survive",
                last_lines=[str(refusal) for refusal in refused],
                next_step="split them over two releases, as each line says; nothing was touched",
            )
        return Wanted(found.id, lacking, found.bytes // 1_000_000)

    def _built(self) -> Manifest:
        return release.find(release.build(self._report).id)

    def _roll(self, stack: _Stack, wanted: Wanted, marks: list[Mark]) -> None:
        lacking = [host.host for host in stack.hosts if wanted.release not in host.images]
        archive = manifest.folder() / f"{wanted.release}.tar"
        if lacking:
            with self._report.phase("image"):
                release.verify(release.find(wanted.release))
                fleet.ship(stack.fleet, lacking, archive, self._environment.logs / "deploy.log")
        with self._report.phase("rollout"):
            self._play(stack, wanted, marks)

    def _verify(self, stack: _Stack, wanted: Wanted) -> list[HostFacts]:
        """Raises ShopctlError unless every host runs just this, and the shop answers through the balancer."""
        hosts = fleet.look(stack.fleet)
        left = planning.plan(self.name, self._environment.name, hosts, wanted)
        if not left.empty:
            raise ShopctlError(
                f"{', '.join(change.name for change in left.changes)} do not run what was started there",
                where=left.changes[0].name,
                last_lines=[f"{d.path}: {d.old} → {d.new}" for c in left.changes for d in c.differences],
            )
        bringup.verify(self._environment, self._report, stack.outputs)
        return hosts

    def _play(self, stack: _Stack, wanted: Wanted, marks: list[Mark]) -> None:
        from shopctl.drivers import ansible

        show, began = of_tasks(self._report), time.monotonic()

        def see(event: TaskEvent) -> None:
            if event.kind == "ok":
                marks.append(Mark(time.monotonic() - began, event.host, event.task))
            show(event)

        ansible.play(
            self._environment,
            "deploy.yml",
            outputs=stack.raw,
            variables={
                "app_release": wanted.release,
                "app_archive": str(manifest.folder() / f"{wanted.release}.tar"),
                "app_prepare_data": "true" if wanted.prepare else "false",
            },
            on_event=see,
        )

    def _undo(self, stack: _Stack, wanted: Wanted, before: str | None, failure: ShopctlError) -> ShopctlError:
        """Brings the release of before back; returns the error that says what happened."""
        lines = [*dict.fromkeys(failure.last_lines[:6]), *fleet.last_lines(stack.fleet, failure.where)]
        why = f"release {wanted.release} failed: {failure.what}"
        if before is None:
            return ShopctlError(
                f"{why}; no other release ran that could come back", where=failure.where, last_lines=lines
            )
        self._report.warn(f"{why}; back to {before}")
        began = time.monotonic()
        try:
            with self._report.phase("way back"):
                former = Wanted(before, prepare=False)
                self._play(stack, former, [])
                self._verify(stack, former)
        except ShopctlError as second:
            return ShopctlError(
                f"{why}; the way back to {before} failed too: {second.what}",
                where=second.where,
                last_lines=[*lines, *second.last_lines],
                next_step=f"shopctl --env {self._environment.name} deploy {before}",
            )
        self.evidence["rolled_back"] = {"to": before, "seconds": round(time.monotonic() - began, 1)}
        return ShopctlError(
            f"{why}; {before} serves again",
            where=failure.where,
            last_lines=lines,
            next_step=f"mend it and deploy again; the full output is in {self._environment.logs / 'ansible.log'}",
        )

    def _testify(self, marks: list[Mark]) -> None:
        self.evidence.update(hosts=evidence.by_host(marks), gates=evidence.gates(marks))

    def _summary(
        self,
        wanted: Wanted,
        before: str | None,
        began: float,
        hosts: dict[str, dict[str, float]],
        reason: str = "",
    ) -> Summary:
        seconds = round(time.monotonic() - began, 1)
        return Summary(self._environment.name, wanted.release, before, seconds, hosts, reason)
