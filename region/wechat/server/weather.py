"""What goes wrong on purpose, settable while the sandbox runs. Pure."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from region.wechat.server.errors import SandboxError

REORDER_SECONDS = (0.5, 2.0)
"""For how long a notification is held back, so that later ones overtake it."""


@dataclass(frozen=True)
class Weather:
    """`duplicate`, `reorder`, `lose` and `signtest` are probabilities for each notification's delivery.

    `late_seconds` is how late each first delivery is, `retry_scale` what WeChat's intervals are multiplied with.
    `down` answers every interface with 503 and holds notifications, `hang_up` closes connections before anything is
    done, `slow_seconds` makes every answer wait. `cut` is the probability that something is done and its answer never
    arrives, `busy` that it is refused for now. Refunds take `refund_seconds` and end as `refund_outcome` says.
    `media_suggest` is what a check of media finds. With `bills_at_once` there is a bill of today already.
    """

    duplicate: float = 0.0
    late_seconds: float = 0.0
    reorder: float = 0.0
    lose: float = 0.0
    retry_scale: float = 1.0
    signtest: float = 0.0
    down: bool = False
    hang_up: bool = False
    cut: float = 0.0
    busy: float = 0.0
    slow_seconds: float = 0.0
    refund_seconds: float = 0.5
    refund_outcome: str = "SUCCESS"
    media_suggest: str = "pass"
    bills_at_once: bool = False

    def to_json(self) -> dict[str, Any]:
        """As it is set and read."""
        return asdict(self)


CHANCES = ("duplicate", "reorder", "lose", "signtest", "cut", "busy")
CHOICES = {"refund_outcome": ("SUCCESS", "ABNORMAL", "CLOSED"), "media_suggest": ("pass", "review", "risky")}


def parse(raw: Mapping[str, Any]) -> Weather:
    """The weather of a request's body; what it doesn't name is fair. Raises `SandboxError` naming what is wrong."""
    for name, value in raw.items():
        kind = {each.name: each.type for each in fields(Weather)}.get(name)
        if kind is None:
            raise SandboxError(400, "INVALID", f"unknown kind of weather: {name}")
        if kind is bool:
            right = isinstance(value, bool)
        elif kind is str:
            right = value in CHOICES[name]
        else:
            most = 1.0 if name in CHANCES else 86400.0
            right = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most
        if not right:
            raise SandboxError(400, "INVALID", f"{name} can't be {value!r}")
    return Weather(**raw)


@dataclass(frozen=True)
class Spell:
    """Weather that somebody wants for a while: `of` whom, and `until` when (seconds since the epoch)."""

    of: str
    until: float
    weather: Weather

    def to_json(self) -> dict[str, Any]:
        """As it is kept."""
        return {"of": self.of, "until": self.until, "weather": self.weather.to_json()}

    @classmethod
    def parse(cls, kept: Mapping[str, Any]) -> "Spell":
        """As it was kept."""
        return cls(str(kept["of"]), float(kept["until"]), parse(kept["weather"]))


def begun(spells: Sequence[Spell], new: Spell, now: float) -> list[Spell]:
    """With one more, or with one that goes on: it keeps its place. What has ended is left out."""
    there = [spell for spell in spells if spell.until > now]
    if new.of in {spell.of for spell in there}:
        return [new if spell.of == new.of else spell for spell in there]
    return [*there, new]


def ended(spells: Sequence[Spell], of: str) -> list[Spell]:
    """Without somebody's; everybody else's stay."""
    return [spell for spell in spells if spell.of != of]


def current(usual: Weather, spells: Sequence[Spell], now: float) -> Weather:
    """That of who came last; the usual one when nobody wants another."""
    return next((spell.weather for spell in reversed(spells) if spell.until > now), usual)


@dataclass(frozen=True)
class Fate:
    """What becomes of one delivery: `copies` are sent at once, none when it gets lost on its way."""

    probe: bool
    copies: int


def fate(weather: Weather, dice: random.Random) -> Fate:
    """Throw the dice for one delivery."""
    probe, lost, twice = (dice.random() for _ in range(3))
    return Fate(probe < weather.signtest, 0 if lost < weather.lose else 2 if twice < weather.duplicate else 1)


def delay(weather: Weather, dice: random.Random) -> float:
    """After how many seconds a notification is sent for the first time."""
    held = dice.uniform(*REORDER_SECONDS) if dice.random() < weather.reorder else 0.0
    return weather.late_seconds + held
