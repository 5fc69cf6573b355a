"""One host's hand in a rollout: does the machine's steps there, and has new processes prove themselves."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from shopctl.errors import ShopctlError
from shopctl.rollout import commands, facts, fleet, traffic
from shopctl.rollout.facts import WORKER, HostFacts, Unit
from shopctl.rollout.machine import Flip, Goal, Start, Step, Stop, after, next_step
from shopctl.rollout.traffic import Request

if TYPE_CHECKING:
    from shopctl.drivers.ssh import Line, Result
    from shopctl.report import Report

READY_SECONDS = 30.0
DRAIN_SECONDS = 30.0
WARM_TIMES = 3
WARM_SECONDS = 10
RESTARTS = 2
"""A process that ended so often before it was ever ready will not become it."""
LAST_LINES = 12
_POLL = 0.2
_COMMAND_SECONDS = 120.0


@dataclass
class Hand:
    """`host` is what is believed of the host: what it said, and what was done since. `took`: seconds by stage.
    `warmed`: the last answer to each question of the warm-up.
    """

    line: Line
    host: HostFacts
    report: Report
    took: dict[str, float] = field(default_factory=dict[str, float])
    proved: list[str] = field(default_factory=list[str])
    warmed: list[Request] = field(default_factory=list[Request])

    @property
    def name(self) -> str:
        """The host's."""
        return self.host.host

    def bring(self, goal: Goal, *, upto: type[Step] = Stop, prove: bool = True) -> None:
        """Goes the way to the goal, up to and with steps of this kind."""
        order = (Start, Flip, Stop)
        while (step := next_step(self.host, goal)) and order.index(type(step)) <= order.index(upto):
            self._do(step, prove=prove)
            self.host = after(self.host, step)

    def look(self) -> None:
        """Believes what the host says now: a step that failed may have been done in part."""
        self.host = fleet.look_at(self.line)

    def restarts(self, units: Sequence[Unit]) -> dict[str, int]:
        """How often systemd started each of them anew."""
        return facts.restarts(self._run(commands.restarts(units)).stdout)

    def last_lines(self, units: Sequence[Unit]) -> list[str]:
        """What the one of them said last that ends most often."""
        try:
            counts = self.restarts(units)
            worst = max(counts, key=lambda unit: counts[unit]) if counts else "shop-*"
            said = self._run(commands.log(worst, 5 * LAST_LINES)).stdout.splitlines()
        except ShopctlError as error:
            return [f"(its log could not be read: {error.what})"]
        return [f"{worst.removesuffix('.service')}: {line}" for line in facts.telling(said)[-LAST_LINES:]]

    def _do(self, step: Step, *, prove: bool) -> None:
        match step:
            case Start():
                with self._stage("start"):
                    self._must(commands.install(step.units))
                    self._must(commands.RELOAD)
                    self._must(commands.start(step.units))
                with self._stage("ready"):
                    self._become_ready(step.units)
                if prove:
                    with self._stage("warm"):
                        self._warm_up(step.units)
            case Flip():
                with self._stage("flip"):
                    for version in sorted({version for _, version in step.units}):
                        self._must(commands.flip((g for g, v in step.units if v == version), version))
            case Stop():
                with self._stage("drain"):
                    self._drain(step.units)
                with self._stage("stop"):
                    self._must(commands.stop(step.units))
                    self._must(commands.uninstall(step.units))
                    self._must(commands.RELOAD)
                    # Most of them never failed, and then systemd knows nothing of them.
                    self._run(commands.forget(step.units))

    def _become_ready(self, units: Sequence[Unit]) -> None:
        limit, look = time.monotonic() + READY_SECONDS, time.monotonic() + 1.0
        # One that asks the others comes first: when it is not ready, nobody waits for each of them in turn.
        left = sorted(units, key=lambda unit: (unit[0] != "trade", unit[0]))
        while left:
            group, version = left[0]
            answer = self._run(commands.ready(group, version))
            body, _, status = answer.stdout.rpartition("\n")
            if status == "200":
                self.proved.append(f"{group} ready")
                left.pop(0)
                continue
            if time.monotonic() > look:
                look = time.monotonic() + 1.0
                self._refuse_restarting(units)
            if time.monotonic() > limit:
                said = body.strip()[:300] or answer.stderr.strip()
                raise self._failure(
                    f"{group} is not ready after {READY_SECONDS:.0f} s",
                    units,
                    [f"it answers {status}: {said}"],
                )
            time.sleep(_POLL)

    def _refuse_restarting(self, units: Sequence[Unit]) -> None:
        ending = {unit: count for unit, count in self.restarts(units).items() if count >= RESTARTS}
        if ending:
            unit = max(ending, key=lambda unit: ending[unit]).removesuffix(".service")
            raise self._failure(f"{unit} ends again and again before it is ready", units, [])

    def _warm_up(self, units: Sequence[Unit]) -> None:
        for group, name in sorted(units):
            version = self.host.versions[name]
            if group == WORKER or not version.warm.get(group):
                continue
            done = self._run(commands.warm(group, version, times=WARM_TIMES, seconds=WARM_SECONDS))
            answers = [line.split(" ", 2) for line in done.stdout.splitlines()]
            bad = [words for words in answers if words[0][:1] not in "23"]
            if bad or done.code != 0:
                status, seconds, address = bad[0] if bad else ("no answer", "?", group)
                raise self._failure(
                    f"{group} is ready but answers {status} to {address.removeprefix('http://localhost')}",
                    [(group, name)],
                    [done.stderr.strip()] if done.stderr.strip() else [f"after {seconds} s"],
                )
            self.proved.append(f"{group} warm")
            self.warmed += traffic.warmed(group, done.stdout)

    def _drain(self, units: Sequence[Unit]) -> None:
        """Waits until no request is under way at sockets that nobody is sent to any more."""
        sockets = {commands.socket(group, version) for group, version in units if group != WORKER}
        limit = time.monotonic() + DRAIN_SECONDS
        while sockets and facts.open_requests(self._must(commands.CONNECTIONS), sockets):
            if time.monotonic() > limit:
                self.report(
                    f"    {self.name}: requests are open after {DRAIN_SECONDS:.0f} s; they end with their process"
                )
                return
            time.sleep(_POLL)

    @contextmanager
    def _stage(self, name: str) -> Iterator[None]:
        key = f"{self.name}: {name}"
        self.report.started(key, key)
        try:
            yield
        finally:
            self.took[name] = round(self.took.get(name, 0.0) + self.report.finished(key, key), 2)

    def _run(self, argv: Sequence[str]) -> Result:
        return self.line.run(argv, timeout=_COMMAND_SECONDS)

    def _must(self, argv: Sequence[str]) -> str:
        return fleet.must(self.line, argv, timeout=_COMMAND_SECONDS, blamed=lambda: self._blamed(argv))

    def _blamed(self, argv: Sequence[str]) -> list[str]:
        """`systemctl` says only that it failed; the journal says why."""
        names = [word.removesuffix(".service") for word in argv if word.endswith(".service")]
        units = [(name.split("-", 2)[1], name.split("-", 2)[2]) for name in names]
        return self.last_lines(units) if units and argv[1] == "start" else []

    def _failure(self, what: str, units: Sequence[Unit], lines: Sequence[str]) -> ShopctlError:
        return ShopctlError(what, where=self.name, last_lines=[*lines, *self.last_lines(units)])
