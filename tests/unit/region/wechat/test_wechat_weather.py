"""What goes wrong on purpose."""

import random
from collections import Counter

import pytest

from region.wechat.server.errors import SandboxError
from region.wechat.server.weather import Fate, Weather, delay, fate, parse


def test_what_is_not_named_is_fair() -> None:
    assert parse({}) == Weather()
    assert parse({"down": True, "lose": 1}) == Weather(down=True, lose=1)
    assert parse(Weather(reorder=0.3).to_json()) == Weather(reorder=0.3)


@pytest.mark.parametrize(
    "wrong",
    [
        {"lose": 1.1},
        {"lose": -0.1},
        {"duplicate": True},
        {"late_seconds": "5"},
        {"down": 1},
        {"rain": 1},
        {"refund_outcome": "LOST"},
        {"media_suggest": None},
    ],
)
def test_impossible_weather_is_refused_by_name(wrong: dict[str, object]) -> None:
    with pytest.raises(SandboxError, match=next(iter(wrong))):
        parse(wrong)


@pytest.mark.parametrize(
    ("weather", "expected"),
    [
        (Weather(), Fate(probe=False, copies=1)),
        (Weather(duplicate=1), Fate(probe=False, copies=2)),
        (Weather(lose=1, duplicate=1), Fate(probe=False, copies=0)),
        (Weather(signtest=1), Fate(probe=True, copies=1)),
    ],
)
def test_certain_weather_has_one_fate(weather: Weather, expected: Fate) -> None:
    assert {fate(weather, random.Random(seed)) for seed in range(50)} == {expected}


def test_probabilities_are_kept() -> None:
    dice = random.Random(1)
    seen = Counter(fate(Weather(duplicate=0.2, lose=0.1), dice).copies for _ in range(5000))
    assert 0.08 < seen[0] / 5000 < 0.12
    assert 0.15 < seen[2] / 5000 < 0.21


def test_lateness_and_what_is_held_back() -> None:
    dice = random.Random(1)
    assert delay(Weather(), dice) == 0
    assert delay(Weather(late_seconds=5), dice) == 5
    assert all(5.5 <= delay(Weather(late_seconds=5, reorder=1), dice) <= 7 for _ in range(50))
