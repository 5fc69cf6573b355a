"""Keeps the gates of a rollout: what serves a new version is watched, and shoppers witness all of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from shopctl.errors import ShopctlError
from shopctl.rollout import watch as watching
from shopctl.rollout import witness
from shopctl.rollout.facts import WORKER, Version
from shopctl.rollout.fleet import TIMEOUT, at_once
from shopctl.rollout.gates import Gate
from shopctl.rollout.limits import Limits
from shopctl.rollout.traffic import Window
from shopctl.rollout.watch import Run, Watched

if TYPE_CHECKING:
    from shopctl.drivers.ssh import Line
    from shopctl.environment import Environment
    from shopctl.report import Report
    from shopctl.rollout.hand import Hand

WORKER_SECONDS = 1.0
REST_SECONDS = 4.0
"""How long the hosts after the canary are watched: what fails now is theirs, as the canary was judged already."""


class Keeper(AbstractContextManager["Keeper"]):
    """The gates, for as long as a rollout lasts. `gates` are those that were judged, in their order."""

    def __init__(
        self,
        environment: Environment,
        report: Report,
        hands: Sequence[Hand],
        version: Version,
        groups: Sequence[str],
    ) -> None:
        self.gates: list[Gate] = []
        self._environment, self._report = environment, report
        self._hands, self._version = list(hands), version
        self._groups = tuple(group for group in groups if group != WORKER)
        self._worker = WORKER in groups
        self._limits = Limits.of(environment.settings.rollout)
        self._before: dict[str, Window] = {}
        self._witness: witness.Witness | None = None

    def __enter__(self) -> Self:
        """Learns what is usual, before anything new makes it slower, and lets the witnesses in."""
        samples = at_once(lambda hand: watching.usual(_runner(hand.line), self._limits), self._hands)
        self._before = {hand.name: sample for hand, sample in zip(self._hands, samples, strict=True)}
        self._witness = witness.begin(self._environment, self._report, self._limits.shoppers)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._witness:
            self._witness.close()

    def watch(self, hands: Sequence[Hand], *, canary: bool) -> None:
        """Raises ShopctlError for the first gate that is not passed."""
        limits = self._limits
        if not canary:
            limits = replace(limits, watch_seconds=min(REST_SECONDS, limits.watch_seconds))
        beside = {hand.name: _runner(hand.line) for hand in self._hands if canary and hand not in hands}
        judged = at_once(lambda hand: (hand, self._judge(hand, limits, beside)), hands)
        self._pass([(gate, hand) for hand, found in judged for gate in found])
        if canary and self._witness and self._witness.troubles:
            # The verdict would be the same; the other hosts are spared.
            self._pass([(self._witness.verdict(), None)])

    def close(self) -> None:
        """A look at the workers, and the witnesses' word. Raises ShopctlError when the shop did not keep its own."""
        with ThreadPoolExecutor(max_workers=1) as pool:
            said = pool.submit(self._witness.verdict) if self._witness else None
            judged = at_once(lambda hand: (hand, self._judge_worker(hand)), self._hands)
            self._pass([(gate, hand) for hand, found in judged for gate in found])
            if said:
                self._pass([(said.result(), None)])

    def as_json(self) -> list[dict[str, Any]]:
        """For the journal."""
        return [gate.as_json() for gate in self.gates]

    def _judge(self, hand: Hand, limits: Limits, beside: Mapping[str, Run]) -> tuple[Gate, ...]:
        if not self._groups:
            return ()
        watched = Watched(
            hand.name,
            self._version.version,
            self._version.release,
            self._groups,
            memory_mb=self._version.memory_limit_mb,
        )
        before, key = self._before[hand.name], f"{hand.name}: watch"
        self._report.started(key, f"{hand.name}: watched by the gates, {limits.watch_seconds:.0f} s")
        try:
            return watching.watch(
                watched, _runner(hand.line), limits, before=before, warmed=hand.warmed, beside=beside
            )
        finally:
            self._report.finished(key)

    def _judge_worker(self, hand: Hand) -> tuple[Gate, ...]:
        """It gets no requests: whether it runs, and with how much memory."""
        if not self._worker:
            return ()
        limits = replace(self._limits, watch_seconds=WORKER_SECONDS)
        version, release = self._version.version, self._version.release
        memory = self._version.memory_limit_mb
        watched = Watched(hand.name, version, release, (), (WORKER,), memory_mb=memory)
        found = watching.watch(watched, _runner(hand.line), limits, before=Window())
        told = (replace(gate, name=f"worker {gate.name}") for gate in found)
        return tuple(gate for gate in told if gate.passed is not None)

    def _pass(self, judged: Sequence[tuple[Gate, Hand | None]]) -> None:
        for gate, _ in judged:
            self.gates.append(gate)
            colour = "red" if gate.failed else "green" if gate.passed else "yellow"
            self._report(f"    {gate.host}: {gate.name}: {gate.said}", colour)
        for gate, hand in judged:
            if gate.failed:
                groups = (gate.group,) if gate.group else self._groups
                units = [(group, self._version.version) for group in groups]
                raise ShopctlError(
                    f"{gate.name}: {gate.said}",
                    where=gate.host,
                    last_lines=hand.last_lines(units) if hand else [],
                )


def _runner(line: Line) -> Callable[[Sequence[str]], str]:
    return lambda argv: line.run(argv, timeout=TIMEOUT).stdout
