"""Witnesses in the real shop: a verdict within seconds, beside a rough load, and about nobody else's orders."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection

from shopctl.environment import Environment
from shopctl.report import Report
from shopctl.rollout import witness
from shopctl.rollout.witness import Witness
from shopctl.shopper import weather
from shopctl.shopper.phone import Manner
from shopctl.shopper.session import Load, Wish
from shopctl.shopper.target import Target
from tests.shop.sandbox import Wechat

pytestmark = pytest.mark.usefixtures("worker")
BUSY = 4.0
"""So many times what is promised is waited for here, as other tests have their share of the machine."""


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    monkeypatch.setenv("SHOPCTL_STATE_DIR", str(tmp_path))
    return Environment.load("test")


@pytest.fixture
def begin(environment: Environment, target: Target) -> Callable[[], Witness]:
    """Two of them."""
    return lambda: witness.begin(environment, Report(quiet=True), 2, find=lambda *_: target)


def until_ordered(witnesses: Witness, orders: int) -> None:
    assert witnesses.load
    limit = time.monotonic() + 120
    while True:
        seen = witnesses.load.meter.figures().step("order")
        if seen and seen.count >= orders:
            return
        assert time.monotonic() < limit, witnesses.troubles
        time.sleep(0.1)


def test_a_good_shop_has_a_good_verdict_within_seconds(begin: Callable[[], Witness]) -> None:
    witnesses = begin()
    until_ordered(witnesses, 4)
    began = time.monotonic()
    found = witnesses.verdict()
    took = time.monotonic() - began
    print(f"verdict after {took:.1f} s: {found.said}")
    assert found.passed is True, found.said
    assert found.figures["orders"] >= 4
    assert took < BUSY * witness.SECONDS


def test_an_order_that_vanished_is_found(begin: Callable[[], Witness]) -> None:
    from orders.models import Order

    witnesses = begin()
    until_ordered(witnesses, 3)
    Order.objects.update(total_fen=1)
    connection.close()
    found = witnesses.verdict(2.0)
    assert found.passed is False
    assert "order changed" in {each["kind"] for each in found.figures["findings"]}
    assert "order changed" in found.said


def test_beside_a_load_in_rough_weather_each_judges_its_own(
    begin: Callable[[], Witness], target: Target, tmp_path: Path, wechat: Wechat
) -> None:
    """The load cancels, takes back and leaves the weather rough; the witnesses neither see to it nor suffer from it."""
    rough = {**weather.ROUGH, "late_seconds": 1}
    load = Load(target, tmp_path / "load", Wish(shoppers=4, weather=rough, manner=Manner(think=(0.0, 0.1))))
    load.start()
    verdicts = []
    for _ in range(2):
        witnesses = begin()
        until_ordered(witnesses, 3)
        verdicts.append(witnesses.verdict())
        assert wechat._ask("GET", "/sandbox/weather")["late_seconds"] == 1
    done = load.finish()
    assert [(found.passed, found.said) for found in verdicts if found.passed is not True] == []
    assert done.troubles == ()
    assert done.verdict
    assert done.verdict.findings == ()


def test_who_is_given_up_leaves_without_a_word(begin: Callable[[], Witness]) -> None:
    witnesses = begin()
    began = time.monotonic()
    witnesses.close()
    witnesses.close()
    assert time.monotonic() - began < BUSY * 3
