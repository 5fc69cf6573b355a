"""Keeps the gates of a rollout: what serves a new version is watched, and shoppers witness all of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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

    def close(self) -> None:
        """The witnesses' word. Raises ShopctlError when the shop did not keep its own."""
        if self._witness:
            self._pass([(self._witness.verdict(), None)])

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
        before = self._before[hand.name]
        return watching.watch(
            watched, _runner(hand.line), limits, before=before, warmed=hand.warmed, beside=beside
        )

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
