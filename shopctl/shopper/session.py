"""One load from its first shopper to its verdict, against any shop that a `Target` names."""

from __future__ import annotations

import contextlib
import json
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from shopctl.errors import BadInputError, ShopctlError
from shopctl.shopper import aftermath, history, ledger, survey, weather
from shopctl.shopper.crowd import Crowd
from shopctl.shopper.evidence import Verdict
from shopctl.shopper.journeys import HARMLESS, WEIGHTS
from shopctl.shopper.ledger import Ledger
from shopctl.shopper.meter import Figures, Meter
from shopctl.shopper.people import Assortment, Shopper
from shopctl.shopper.phone import Manner
from shopctl.shopper.target import Target

SETTLE_SECONDS = 90.0


@dataclass(frozen=True)
class Wish:
    """How much of what. `rate`: journeys that begin per second, all shoppers together; None: as fast as they go.

    `products`: how many there are to choose from. `count_stock`: whether pieces are counted before and after; of use
    only where nobody else buys, or gives back, unseen. `pause_seconds`: between two looks at what does not add up yet.
    """

    shoppers: int = 20
    rate: float | None = None
    weights: Mapping[str, int] = field(default_factory=lambda: WEIGHTS)
    weather: Mapping[str, Any] = field(default_factory=dict[str, Any])
    manner: Manner = field(default_factory=Manner)
    seed: int | None = None
    settle_seconds: float = field(default_factory=lambda: SETTLE_SECONDS)
    pause_seconds: float = aftermath.PAUSE_SECONDS
    products: int = survey.PRODUCTS
    count_stock: bool = True

    @property
    def harmless(self) -> bool:
        """Whether nothing is left behind, so that there is nothing to check either."""
        return set(self.weights) <= set(HARMLESS)


@dataclass(frozen=True)
class LoadReport:
    """What a load was and what came of it. `verdict` None: nothing was bought. `rate`: requests per second."""

    id: str
    environment: str
    shoppers: int
    seconds: float
    rate: float
    figures: Figures
    verdict: Verdict | None
    interrupted: bool
    ledger: str
    troubles: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        """No error, and nothing found."""
        return not self.figures.failed and (self.verdict is None or self.verdict.clean)

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        verdict = self.verdict.as_json() if self.verdict else None
        return {**asdict(self), "good": self.good, "errors": self.figures.failed, "verdict": verdict}


class Load:
    """A load that runs beside whatever its maker does: `start` it, then `finish` it; or `close` it, for no verdict."""

    def __init__(
        self,
        target: Target,
        folder: Path,
        wish: Wish,
        *,
        environment: str = "",
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        if not wish.harmless or wish.weather:
            target.with_sandbox()
        if wish.shoppers < 1 or (wish.rate is not None and wish.rate <= 0):
            raise BadInputError("a load has at least one shopper, and a rate above 0")
        self.id = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{secrets.token_hex(3)}"
        self.file = folder / self.id / "ledger.jsonl"
        self.meter = Meter()
        self._target, self._wish, self._environment, self._say = target, wish, environment, say
        self._random = Random(wish.seed)
        self._lines = target.lines()
        self._sky = contextlib.ExitStack()
        self._ledger: Ledger | None = None
        self._crowd: Crowd | None = None
        self._began = 0.0

    def start(self) -> None:
        """Look at what there is, set the weather, let the shoppers in."""
        wish, random = self._wish, self._random
        there = survey.assortment(self._lines["shop"], random, products=wish.products)
        shoppers = [_shopper(f"s{n + 1}", self.id, random, there) for n in range(wish.shoppers)]
        self._ledger = Ledger(self.file)
        self._crowd = self._make(self._ledger, shoppers, wish)
        if wish.weather:
            self._sky.enter_context(
                weather.over(lambda: self._target.lines()["sandbox"], wish.weather, of=self.id)
            )
        try:
            people = {one.name: one.person for one in shoppers}
            if wish.count_stock and not wish.harmless:
                stock = survey.counted(self._lines["shop"], there, survey.guest_of(self.id))
                self._ledger.note("stock", **survey.noted(stock))
            self._ledger.note("began", load=self.id, people=people, environment=self._environment)
            self._began = time.monotonic()
            self._crowd.start()
        except BaseException:
            self._sky.close()
            raise

    def finish(
        self, *, interrupted: bool = False, grace: float = 0.0, settle_seconds: float | None = None
    ) -> LoadReport:
        """Send the shoppers home, wait until all is quiet, and have the checker look. The weather ends in any case.

        `grace`: seconds in which they may end what they are about, so that less is left to be cleared up.
        """
        assert self._crowd
        assert self._ledger
        try:
            self._crowd.stop(grace=grace)
            seconds, figures = time.monotonic() - self._began, self.meter.figures()
            self._ledger.note("ended")
            verdict = None
            if not self._wish.harmless:
                self._say("checking: the ledger against the shop and WeChat")
                verdict = aftermath.settle(
                    self.file,
                    self._crowd.phones,
                    self._lines,
                    seconds=self._wish.settle_seconds if settle_seconds is None else settle_seconds,
                    pause=self._wish.pause_seconds,
                    bill=self._target.bill,
                    say=self._say,
                )
        finally:
            self.close()
        report = LoadReport(
            id=self.id,
            environment=self._environment,
            shoppers=self._wish.shoppers,
            seconds=round(seconds, 1),
            rate=round(figures.requests / seconds, 1) if seconds else 0.0,
            figures=figures,
            verdict=verdict,
            interrupted=interrupted,
            ledger=str(self.file),
            troubles=self.troubles,
        )
        (self.file.parent / "report.json").write_text(
            json.dumps(report.as_json(), indent=2, ensure_ascii=False) + "\n"
        )
        return report

    @property
    def troubles(self) -> tuple[str, ...]:
        """What went wrong so far, the first of it."""
        return tuple(self._crowd.troubles) if self._crowd else ()

    @property
    def broken(self) -> bool:
        """Whether a shopper's thread ended with an error of ours; `finish` raises it."""
        return self._crowd is not None and self._crowd.broken

    def close(self) -> None:
        """Give everything up: shoppers, weather, connections. Safe to repeat."""
        try:
            if self._crowd:
                self._crowd.stop()
        finally:
            self._sky.close()
            if self._crowd:
                self._crowd.close()
            if self._ledger:
                self._ledger.close()
                self._ledger = None
            for line in self._lines.values():
                line.close()

    def __enter__(self) -> Load:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _make(self, kept: Ledger, shoppers: Sequence[Shopper], wish: Wish) -> Crowd:
        return Crowd(
            shoppers,
            self._target.lines,
            kept,
            self.meter,
            manner=wish.manner,
            weights=wish.weights,
            rate=wish.rate,
        )


def recheck(target: Target, file: Path, *, seconds: float, say: Callable[[str], None]) -> Verdict:
    """The verdict on a ledger of before: of a load that was killed, or against a shop that was restored."""
    read = history.read(ledger.lines(file))
    if not read.load:
        raise ShopctlError("this ledger has no beginning", where=str(file), next_step="name another load")
    target.with_sandbox()
    nothing = Assortment(())
    shoppers = [Shopper(name, person, Random(), nothing) for name, person in read.people.items()]
    lines = target.lines()
    with Ledger(file) as kept:
        crowd = Crowd(shoppers, target.lines, kept, Meter(), manner=Manner(), weights={})
        try:
            return aftermath.settle(file, crowd.phones, lines, seconds=seconds, bill=target.bill, say=say)
        finally:
            crowd.close()
            for line in lines.values():
                line.close()


def _shopper(name: str, load: str, random: Random, there: Assortment) -> Shopper:
    # Keys and guests' tokens must not come again with a seed; what a shopper does may.
    return Shopper(name, f"shopper {load} {name}", Random(random.getrandbits(64)), there)
