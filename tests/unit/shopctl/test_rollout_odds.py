"""Intervals and tails, held to values that others have published or that follow from first principles."""

import math
import random

import pytest

from shopctl.rollout import odds


@pytest.mark.parametrize(
    ("hits", "of", "expected"),
    [
        # Two-sided 95 %: Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
        (81, 263, (0.2553, 0.3662)),
        (15, 148, (0.0624, 0.1605)),
        (0, 20, (0.0, 0.1611)),
        (1, 29, (0.0061, 0.1718)),
    ],
)
def test_wilsons_interval_as_newcombe_prints_it(hits: int, of: int, expected: tuple[float, float]) -> None:
    found = odds.share_between(hits, of, 1.959964)
    assert found == pytest.approx(expected, abs=0.00005)


def test_an_interval_of_nothing_says_nothing() -> None:
    assert odds.share_between(0, 0) == (0.0, 1.0)
    assert odds.share_between(5, 5)[1] == pytest.approx(1.0)
    assert odds.share_between(5, 5)[0] > 0.6


@pytest.mark.parametrize(("hits", "of", "share"), [(0, 5, 0.1), (1, 10, 0.05), (4, 20, 0.05), (20, 20, 0.5)])
def test_the_tail_is_the_sum_of_the_binomial(hits: int, of: int, share: float) -> None:
    summed = sum(math.comb(of, n) * share**n * (1 - share) ** (of - n) for n in range(hits, of + 1))
    assert odds.at_least(hits, of, share) == pytest.approx(summed)


def test_the_tail_of_many_is_no_overflow() -> None:
    assert odds.at_least(300, 5000, 0.05) == pytest.approx(0.0008, abs=0.0005)
    assert odds.at_least(3, 5, 0.0) == 0.0
    assert odds.at_least(3, 5, 1.0) == 1.0


def test_percentiles_by_nearest_rank() -> None:
    assert odds.percentile([], 0.95) == 0
    assert odds.percentile([1, 2, 3, 4], 0.5) == 2
    assert odds.percentile([1, 2, 3, 4], 0.95) == 4


def test_a_bound_of_a_percentile_takes_the_slowest_until_59_tell() -> None:
    values = [float(n) for n in range(1, 201)]
    assert odds.percentile_at_most([], 0.95) == 0
    assert odds.percentile_at_most(values[:20], 0.95) == 20
    assert odds.percentile_at_most(values[:58], 0.95) == 58
    assert odds.percentile_at_most(values[:93], 0.95) == 92
    assert odds.percentile_at_most(values, 0.95) == 196


def test_the_bound_is_too_low_as_seldom_as_it_says() -> None:
    dice, true = random.Random(7), -math.log(0.05)
    low = sum(
        odds.percentile_at_most(sorted(dice.expovariate(1) for _ in range(120)), 0.95) < true
        for _ in range(2000)
    )
    assert low / 2000 < 0.06
