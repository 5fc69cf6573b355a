"""A rollout over several hosts: a canary, the rest in batches, the workers; or the way back."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Protocol

from shopctl.errors import ShopctlError
from shopctl.rollout.facts import WORKER
from shopctl.rollout.fleet import at_once
from shopctl.rollout.hand import Hand
from shopctl.rollout.machine import Flip, Goal, Start

BATCH = 5
"""Hosts that change over at the same time, after the canary."""


class Gatekeeper(Protocol):
    """Says whether it may go on; raises ShopctlError where it may not."""

    def watch(self, hands: Sequence[Hand], *, canary: bool) -> None:
        """After these hosts changed over."""
        ...

    def close(self) -> None:
        """When all hosts have changed over, and nothing of the former version was stopped yet."""
        ...


class Rollout:
    """Brings hosts to a goal. `keeper` judges what serves; without one nobody waits for a judgement.

    `phases`: seconds that each part took.
    """

    def __init__(
        self,
        hands: Sequence[Hand],
        goal: Goal,
        keeper: Gatekeeper | None = None,
        *,
        batch: int = BATCH,
    ) -> None:
        self._hands, self._goal, self._keeper = list(hands), goal, keeper
        self._batch = batch
        self.phases: dict[str, float] = {}
        # What nobody sends requests to comes when all that serves is new.
        self._web = {group: version for group, version in goal.items() if group != WORKER}

    def forward(self) -> None:
        """Changes every host over. What served before runs on, so that `back` is a matter of moments."""
        if self._keeper is None:
            with self._phase("all at once"):
                at_once(lambda hand: hand.bring(self._goal, upto=Flip), self._hands)
            return
        canary, rest = self._hands[0], self._hands[1:]
        with self._phase("canary"):
            canary.bring(self._web, upto=Flip)
            # While the canary is watched the others start theirs: the hosts serve as before meanwhile.
            with ThreadPoolExecutor(max_workers=max(len(rest), 1)) as pool:
                starting = [pool.submit(hand.bring, self._web, upto=Start) for hand in rest]
                self._keeper.watch([canary], canary=True)
                for each in starting:
                    each.result()
        last: Sequence[Hand] = []
        with self._phase("other hosts"):
            for last in _batches(rest, self._batch):
                at_once(lambda hand: hand.bring(self._web, upto=Flip), last)
                if last[-1] is not rest[-1]:
                    self._keeper.watch(last, canary=False)
        # The last ones are watched while the workers start.
        with self._phase("workers"), ThreadPoolExecutor(max_workers=1) as pool:
            watching = pool.submit(self._keeper.watch, last, canary=False)
            at_once(lambda hand: hand.bring(self._goal, upto=Flip), self._hands)
            watching.result()
        with self._phase("ledger"):
            self._keeper.close()

    def finish(self) -> None:
        """Stops what does not serve any more."""
        with self._phase("stop"):
            at_once(lambda hand: hand.bring(self._goal), self._hands)

    def back(self, before: Goal) -> float:
        """Has everything served by what served before, and stops what was new. Returns seconds until it served.

        Raises ShopctlError for a host that could not go back, when all others have.
        """
        began = time.monotonic()
        lost: dict[str, ShopctlError] = {}

        def serve(hand: Hand) -> None:
            try:
                hand.look()
                hand.bring(before, upto=Flip, prove=False)
            except ShopctlError as error:
                lost[hand.name] = error

        at_once(serve, self._hands)
        seconds = time.monotonic() - began
        there = [hand for hand in self._hands if hand.name not in lost]
        at_once(lambda hand: hand.bring(before, prove=False), there)
        for error in lost.values():
            raise error
        return seconds

    @contextmanager
    def _phase(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        try:
            yield
        finally:
            self.phases[name] = round(time.monotonic() - began, 1)


def _batches(hands: Sequence[Hand], size: int) -> Iterator[Sequence[Hand]]:
    for start in range(0, len(hands), size):
        yield hands[start : start + size]
