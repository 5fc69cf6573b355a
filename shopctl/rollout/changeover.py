"""The change from one version to another on all hosts, with the way back when it fails; shared by deploy and up."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from shopctl import bringup
from shopctl.errors import ShopctlError
from shopctl.rollout import commands, facts, fleet, planning, preparation
from shopctl.rollout.hand import Hand
from shopctl.rollout.keeper import Keeper
from shopctl.rollout.planning import Wanted
from shopctl.rollout.roll import Rollout

if TYPE_CHECKING:
    from infra.outputs import StackOutputs
    from shopctl.drivers.ssh import Line
    from shopctl.environment import Environment
    from shopctl.report import Report
    from shopctl.rollout.facts import HostFacts
    from shopctl.rollout.machine import Goal


class Changeover:
    """Brings what the hosts have prepared into service. `evidence` is what the journal gets of it."""

    def __init__(
        self,
        environment: Environment,
        report: Report,
        outputs: StackOutputs,
        lines: Sequence[Line],
        hosts: Sequence[HostFacts],
        wanted: Wanted,
        evidence: dict[str, Any],
    ) -> None:
        self._environment, self._report, self._outputs = environment, report, outputs
        self._lines, self._hosts, self._wanted = lines, hosts, wanted
        self._evidence = evidence
        self._hands = [Hand(line, host, report) for line, host in zip(lines, hosts, strict=True)]

    @property
    def took(self) -> dict[str, dict[str, float]]:
        """Seconds by host and stage."""
        return {hand.name: dict(hand.took) for hand in self._hands}

    def complete(self, *, judge: bool) -> None:
        """The rollout, where there is one to be done, and the migrations that follow it.

        Raises ShopctlError that says why, when what served before serves again.
        """
        if not planning.settled(self._hosts, planning.goal(self._hosts, self._wanted)):
            with self._report.phase("rollout"):
                self._carry_out(judge=judge)
        if self._wanted.later:
            with self._report.phase("post-deploy migrations"):
                self._evidence["later"] = list(self._wanted.later)
                preparation.migrate_later(self._lines[0], self._wanted.version)

    def _carry_out(self, *, judge: bool) -> None:
        self._refuse_unprepared()
        goal, before = planning.goal(self._hosts, self._wanted), planning.before(self._hosts, self._wanted)
        fleet.at_once(self._begin, list(zip(self._lines, self._hosts, strict=True)))
        version = self._hosts[0].versions[self._wanted.version]
        keeper = Keeper(self._environment, self._report, self._hands, version, self._wanted.groups)
        rollout = Rollout(self._hands, goal, keeper if judge else None)
        try:
            with keeper if judge else nullcontext():
                rollout.forward()
            bringup.verify(self._environment, self._report, self._outputs)
        except ShopctlError as failure:
            raise self._undo(rollout, before, failure) from failure
        finally:
            self._testify(keeper, rollout)
        rollout.finish()
        self._testify(keeper, rollout)
        self._tidy(self._verify(goal), [*goal.values(), *(before or {}).values()])

    def _begin(self, at: tuple[Line, HostFacts]) -> None:
        line, host = at
        # What serves by a link to a version whose files are gone has nothing to be marked in.
        there = [version for version in host.serving.values() if version in host.versions]
        done = line.run(commands.begin(self._wanted.version, there), timeout=fleet.TIMEOUT)
        if done.code != 0:
            # A full disk, perhaps: that must not be in the way of going back.
            said = (done.stderr or done.stdout).strip()[-200:]
            self._report.warn(f"{host.host} does not remember what served before: {said}")

    def _testify(self, keeper: Keeper, rollout: Rollout) -> None:
        proved = {hand.name: list(hand.proved) for hand in self._hands}
        self._evidence.update(hosts=self.took, phases=rollout.phases, proved=proved, gates=keeper.as_json())

    def _refuse_unprepared(self) -> None:
        lacking = [host.host for host in self._hosts if self._wanted.version not in host.versions]
        if lacking:
            raise ShopctlError(
                f"version {self._wanted.version} was not written to {', '.join(lacking)}",
                where=lacking[0],
                next_step="run the command again; nothing that serves was touched",
            )

    def _undo(self, rollout: Rollout, before: Goal | None, failure: ShopctlError) -> ShopctlError:
        """Has what served before serve again; returns the error that says what happened."""
        why = f"release {self._wanted.release} failed: {failure.what}"
        lines = list(dict.fromkeys(failure.last_lines))
        if before is None:
            return ShopctlError(
                f"{why}; there is no other version that could come back",
                where=failure.where,
                last_lines=lines,
            )
        former = ", ".join(sorted({facts.release_of(version) for version in before.values()}))
        self._report.warn(f"{why}; back to {former}")
        try:
            seconds = rollout.back(before)
            self._tidy(self._verify(before), list(before.values()), unwanted=[self._wanted.version])
        except ShopctlError as second:
            return ShopctlError(
                f"{why}; the way back to {former} failed too: {second.what}",
                where=second.where,
                last_lines=[*lines, *second.last_lines],
                next_step=f"shopctl --env {self._environment.name} rollback {former.split(', ')[0]}",
            )
        self._evidence["rolled_back"] = {"to": dict(before), "seconds": round(seconds, 1)}
        self._evidence["failed"] = failure.what
        return ShopctlError(
            f"{why}; {former} serves again",
            where=failure.where,
            command=failure.command,
            last_lines=lines,
            next_step=f"mend it and deploy again; shopctl --env {self._environment.name} journal has the gates",
        )

    def _verify(self, goal: Goal) -> list[HostFacts]:
        """Raises ShopctlError unless every host, looked at again, serves and runs just this."""
        hosts = fleet.look(self._lines)
        for host in hosts:
            if not planning.settled([host], goal):
                shown = planning.plan("verify", self._environment.name, [host], self._wanted)
                raise ShopctlError(
                    f"{host.host} does not run what was started there",
                    where=host.host,
                    last_lines=[f"{d.path}: {d.old} → {d.new}" for c in shown.changes for d in c.differences],
                    next_step=f"shopctl --env {self._environment.name} status",
                )
        return hosts

    def _tidy(self, hosts: Sequence[HostFacts], needed: Sequence[str], unwanted: Sequence[str] = ()) -> None:
        fleet.tidy(self._lines, hosts, needed, unwanted, self._report)
