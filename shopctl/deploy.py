"""A version onto the web hosts while the shop serves; and the way back to the version that served before."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from shopctl import journal, manifest, migrations, purge, release
from shopctl import outputs as stack_outputs
from shopctl.errors import BadInputError, ShopctlError
from shopctl.plan import Plan
from shopctl.rollout import facts, fleet, planning, preparation
from shopctl.rollout.changeover import Changeover
from shopctl.rollout.planning import Wanted

if TYPE_CHECKING:
    from infra.outputs import StackOutputs
    from shopctl.drivers.ssh import Fleet, Line
    from shopctl.environment import Environment
    from shopctl.report import Report
    from shopctl.rollout.facts import HostFacts


@dataclass(frozen=True)
class Request:
    """What was asked for: a release (or a version, for the way back) by its beginning, and for which groups; without
    a word it is the checkout's release, or what served before."""

    word: str | None = None
    groups: tuple[str, ...] = ()
    back: bool = False
    judge: bool = True


@dataclass(frozen=True)
class Summary:
    """What came of it. `hosts`: seconds by stage; `phases`: those of the rollout as a whole."""

    environment: str
    version: str
    before: str | None
    seconds: float
    hosts: dict[str, dict[str, float]]
    phases: dict[str, float] = field(default_factory=dict[str, float])
    gates: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "environment": self.environment,
            "release": facts.release_of(self.version),
            "version": self.version,
            "before": self.before,
            "seconds": self.seconds,
            "hosts": self.hosts,
            "phases": self.phases,
            "gates": self.gates,
            "reason": self.reason,
        }


@dataclass
class _Stack:
    """What is known of the stack while the operation lasts."""

    raw: dict[str, Any]
    outputs: StackOutputs
    fleet: Fleet


class Deploy:
    """The operation."""

    def __init__(self, environment: Environment, report: Report, request: Request | None = None) -> None:
        self._request = request or Request()
        self.name = "rollback" if self._request.back else "deploy"
        self.evidence: dict[str, Any] = {}
        self._environment, self._report = environment, report
        self._known: _Stack | None = None
        self._wanted: Wanted | None = None

    def plan(self) -> Plan:
        """Looks at the hosts. Raises BadInputError for migrations that the running release would not survive."""
        with self._report.phase("look"), self._lines() as lines:
            hosts = fleet.look(lines)
            self._wanted = self._choose(lines, hosts)
            return planning.plan(self.name, self._environment.name, hosts, self._wanted)

    def apply(self, planned: Plan | None) -> tuple[Plan, Summary]:
        """Does what the hosts, looked at again, still need. Where the version fails, that of before serves again."""
        began = time.monotonic()
        with self._lines() as lines:
            with self._report.phase("look"):
                hosts = fleet.look(lines)
                wanted = self._decided(lines, hosts)
                plan = planning.plan(self.name, self._environment.name, hosts, wanted)
            before = planning.serving(hosts)
            self.evidence.update(
                release=wanted.release,
                version=wanted.version,
                groups=list(wanted.groups),
                before=before,
                migrations=[*wanted.migrations, *wanted.later],
            )
            if plan.empty:
                self.evidence["nothing_to_do"] = plan.reason
                return plan, self._summary(wanted, before, began, {}, plan.reason)
            if wanted.prepare:
                with self._report.phase("preparation"):
                    self._prepare(wanted, hosts)
                    hosts = fleet.look(lines)
            took = self._change_over(lines, hosts, wanted)
        return plan, self._summary(wanted, before, began, took)

    def _stack(self) -> _Stack:
        from shopctl.drivers.ssh import Fleet

        if self._known is None:
            raw = stack_outputs.raw(self._environment, self._report)
            outputs = stack_outputs.parse(self._environment, raw)
            self._known = _Stack(raw, outputs, Fleet(self._environment, outputs))
        return self._known

    @contextmanager
    def _lines(self) -> Iterator[list[Line]]:
        with fleet.lines(self._stack().fleet) as lines:
            yield lines

    def _decided(self, lines: Sequence[Line], hosts: Sequence[HostFacts]) -> Wanted:
        """What the plan was made for. Raises ShopctlError where the way back would lead elsewhere by now."""
        if self._wanted is None or self._request.back:
            shown, self._wanted = self._wanted, self._choose(lines, hosts)
            if shown and shown.version != self._wanted.version:
                raise ShopctlError(
                    f"the plan is stale: before this one served {self._wanted.version} by now, not {shown.version}",
                    next_step="run the command again",
                )
        return self._wanted

    def _choose(self, lines: Sequence[Line], hosts: Sequence[HostFacts]) -> Wanted:
        took = journal.of(self._environment, self._report.warn).last(
            1, (self.name,), lambda entry: entry.outcome == "succeeded" and bool(entry.evidence.get("hosts"))
        )
        wanted = self._former(lines, hosts) if self._request.back else self._newer(lines, hosts)
        return replace(wanted, estimate_seconds=took[-1].seconds if took else None)

    def _former(self, lines: Sequence[Line], hosts: Sequence[HostFacts]) -> Wanted:
        kept = planning.common(hosts)
        if self._request.word:
            found = planning.chosen(self._request.word, kept)
            complaint = f"{self._request.word!r} is no version that is on every web host"
        else:
            former = planning.previous(hosts)
            found = [former] if former else []
            complaint = "no version that served before is on every web host"
        if not found:
            raise BadInputError(
                complaint,
                next_step=f"shopctl deploy RELEASE brings any; on the hosts are: {', '.join(kept) or 'none'}",
            )
        version = hosts[0].versions[found[-1]]
        warnings = self._refuse_what_lacks_tables(lines, hosts, version.release)
        groups = self._groups(version.all_groups)
        return Wanted(version.version, groups, prepare=False, warnings=warnings)

    def _refuse_what_lacks_tables(
        self, lines: Sequence[Line], hosts: Sequence[HostFacts], former: str
    ) -> tuple[str, ...]:
        """Raises BadInputError when a post-deploy migration took away what that release uses."""
        known = manifest.read(former)
        serving = [manifest.read(release) for release in {host.release("trade") for host in hosts} if release]
        if known and all(serving):
            lost = {name for now in serving if now for name in now.post_deploy} - set(known.migrations)
            if not lost:
                return ()
        there = fleet.migrations(lines, hosts)
        if there is None or known is None:
            return (f"whether the database still has all that {former} uses is not known here",)
        missing = migrations.blocking(there.applied, known.migrations)
        if missing:
            raise BadInputError(
                f"release {former} can't come back",
                last_lines=missing,
                next_step="mend what is wrong and deploy a release that does without",
            )
        return ()

    def _newer(self, lines: Sequence[Line], hosts: Sequence[HostFacts]) -> Wanted:
        found = release.find(self._request.word) if self._request.word else release.build(self._report)
        version = preparation.name_version(self._environment, self._stack().raw, found)
        groups = self._groups(version.all_groups)
        wanted = Wanted(version.version, groups, megabytes=found.bytes // 1_000_000)
        judged = preparation.judge_migrations(lines, hosts, found, groups)
        if judged is None:
            return wanted
        # Where other processes stay on the release of before, the time of the later ones has not come.
        later = judged.phases.post if groups == version.all_groups else ()
        return replace(wanted, migrations=judged.phases.pre, later=later, warnings=judged.warnings)

    def _groups(self, known: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [group for group in self._request.groups if group not in known]
        if unknown:
            raise BadInputError(
                f"there is no group {unknown[0]!r}", next_step=f"choose of: {', '.join(known)}"
            )
        return self._request.groups or known

    def _prepare(self, wanted: Wanted, hosts: Sequence[HostFacts]) -> None:
        stack = self._stack()
        found = release.find(wanted.release)
        image = preparation.publish(self._environment, self._report, stack.outputs, found, hosts)
        preparation.prepare(self._environment, self._report, stack.raw, found, image)

    def _change_over(
        self, lines: Sequence[Line], hosts: Sequence[HostFacts], wanted: Wanted
    ) -> dict[str, dict[str, float]]:
        change = Changeover(
            self._environment, self._report, self._stack().outputs, lines, hosts, wanted, self.evidence
        )
        change.complete(judge=self._request.judge and not self._request.back)
        former = {facts.release_of(version) for version in planning.serving(hosts).values()}
        paths = preparation.stale_paths(wanted.release, former)
        if paths:
            with self._report.phase("purge"):
                purge.purge(self._environment, self._report, paths)
        return change.took

    def _summary(
        self,
        wanted: Wanted,
        before: dict[str, str],
        began: float,
        hosts: dict[str, dict[str, float]],
        reason: str = "",
    ) -> Summary:
        former = sorted({version for version in before.values() if version != wanted.version})
        return Summary(
            self._environment.name,
            wanted.version,
            ", ".join(former) or None,
            round(time.monotonic() - began, 1),
            hosts,
            self.evidence.get("phases", {}),
            self.evidence.get("gates", []),
            reason,
        )
