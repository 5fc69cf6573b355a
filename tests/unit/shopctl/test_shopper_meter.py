"""Percentiles stay within 2 % of the truth, whatever the times, and in little memory."""

import random

import pytest

from shopctl.shopper.meter import Meter


@pytest.mark.parametrize("scale", [0.0005, 0.02, 3.0])
def test_percentiles_are_close_to_the_truth(scale: float) -> None:
    meter, chance = Meter(), random.Random(7)
    times = [chance.expovariate(1 / scale) + scale / 10 for _ in range(5000)]
    for seconds in times:
        meter.answered("order", seconds)
    step = meter.figures().step("order")
    assert step
    ranked = sorted(times)
    for share, found in ((0.5, step.p50_ms), (0.95, step.p95_ms), (0.99, step.p99_ms)):
        assert found == pytest.approx(1000 * ranked[round(share * 5000) - 1], rel=0.02)
    assert len(meter._times["order"]) < 1000


def test_errors_belong_to_their_step_and_refusals_are_none() -> None:
    meter = Meter()
    meter.answered("order", 0.01)
    meter.failed("order", "timeout")
    meter.failed("pay", "http_500")
    meter.refused("out_of_stock")
    figures = meter.figures()
    assert (figures.failed, figures.errors) == (2, {"timeout": 1, "http_500": 1})
    assert figures.refusals == {"out_of_stock": 1}
    assert {step.name: step.errors for step in figures.steps} == {"order": 1, "pay": 1}
    pay = figures.step("pay")
    assert pay
    assert (pay.count, pay.p95_ms) == (0, 0.0)
