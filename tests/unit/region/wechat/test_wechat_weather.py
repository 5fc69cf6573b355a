"""What goes wrong on purpose."""

import random
import time
from collections import Counter
from contextlib import closing

import pytest

from region.wechat.server.errors import SandboxError
from region.wechat.server.weather import Fate, Spell, Weather, begun, current, delay, ended, fate, parse
from shopctl.drivers.http_session import Address, Session
from shopctl.shopper import weather as shoppers
from tests.shop.sandbox import Wechat


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


def test_who_came_last_has_the_weather_and_takes_only_its_own_along() -> None:
    usual, rough, wet = Weather(retry_scale=0.5), Weather(lose=0.1), Weather(down=True)
    spells = begun([], Spell("a", 60, rough), 0)
    spells = begun(spells, Spell("b", 70, wet), 10)
    assert current(usual, spells, 20) == wet
    # Going on is no coming.
    spells = begun(spells, Spell("a", 100, rough), 40)
    assert current(usual, spells, 41) == wet
    assert current(usual, ended(spells, "a"), 41) == wet
    assert current(usual, ended(spells, "b"), 41) == rough
    # Whoever was killed said nothing more.
    assert current(usual, spells, 71) == rough
    assert current(usual, spells, 101) == usual
    assert begun(spells, Spell("c", 200, wet), 101) == [Spell("c", 200, wet)]
    assert [Spell.parse(spell.to_json()) for spell in spells] == spells


def test_two_loads_at_once_each_end_their_own(wechat: Wechat, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost() -> float:
        found: float = wechat._ask("GET", "/sandbox/weather")["lose"]
        return found

    def line() -> Session:
        return Session(Address(wechat.url))

    monkeypatch.setattr(shoppers, "KEPT_SECONDS", 3)
    wechat.weather(lose=0.01)
    with shoppers.over(line, {"lose": 0.3}, of="first"):
        second = shoppers.over(line, {"lose": 0.3}, of="second")
        with second:
            assert lost() == 0.3
        assert lost() == 0.3
        # Longer than it was asked for at once.
        time.sleep(4)
        assert lost() == 0.3
    assert lost() == 0.01
    wechat._ask("PUT", "/sandbox/weather?of=killed&seconds=3", {"lose": 0.4})
    assert lost() == 0.4
    time.sleep(3.1)
    assert lost() == 0.01


@pytest.mark.parametrize("seconds", ["0", "-1", "soon", "86401"])
def test_weather_that_lasts_no_time_is_refused(wechat: Wechat, seconds: str) -> None:
    with closing(Session(Address(wechat.url))) as line:
        path = f"/sandbox/weather?of=a&seconds={seconds}"
        assert line.request("PUT", path, headers={}, body={"lose": 0.3}).status == 400
