"""How sure one can be of a rate or a percentile that few requests tell of. Pure.

Nothing here supposes how response times are distributed: they have long tails, and no two shops have the same.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

SURE = 1.645
"""One side of 95 %: what decides at the end of a watch."""
VERY_SURE = 3.09
"""One side of 99.9 %: what ends a watch before its time. Whoever looks ten times and stops at the first bad look is
wrong ten times as often; asking each look for a fiftieth of the risk leaves room for that (Bonferroni)."""


def share_between(hits: int, of: int, z: float = SURE) -> tuple[float, float]:
    """The bounds of the true share when `hits` were seen among `of`, each on its own side with the confidence of `z`.

    Wilson's score interval, because it holds for few observations and for none or all of them, where the textbook's
    interval has no width: E. B. Wilson, "Probable inference", JASA 22 (1927); advised for small samples by Brown, Cai
    and DasGupta, "Interval estimation for a binomial proportion", Statistical Science 16 (2001).
    """
    if of == 0:
        return 0.0, 1.0
    share, square = hits / of, z * z
    middle = share + square / (2 * of)
    width = z * math.sqrt(share * (1 - share) / of + square / (4 * of * of))
    whole = 1 + square / of
    return max(0.0, (middle - width) / whole), min(1.0, (middle + width) / whole)


def at_least(hits: int, of: int, share: float) -> float:
    """The probability of `hits` or more among `of`, when each comes with probability `share`: the binomial tail."""
    if hits <= 0:
        return 1.0
    if not 0.0 < share < 1.0:
        return float(share >= 1.0)
    logs = (
        math.lgamma(of + 1)
        - math.lgamma(n + 1)
        - math.lgamma(of - n + 1)
        + n * math.log(share)
        + (of - n) * math.log1p(-share)
        for n in range(hits, of + 1)
    )
    return min(1.0, math.fsum(map(math.exp, logs)))


def percentile(ordered: Sequence[float], share: float) -> float:
    """The smallest value within which that share of them is (the nearest rank); 0 of none."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0


def percentile_at_most(ordered: Sequence[float], share: float, risk: float = 0.05) -> float:
    """A value that the true percentile is above with no more than that risk; the greatest where too few tell.

    An order statistic: the k-th smallest is at least the true percentile unless k or more of them are below it, and how
    many are below it is binomial whatever the distribution. W. J. Conover, "Practical Nonparametric Statistics", 3.2;
    59 values are needed until 95 % can be had for a p95.
    """
    if not ordered:
        return 0.0
    low, high = max(1, math.ceil(share * len(ordered))), len(ordered)
    while low < high:
        middle = (low + high) // 2
        if at_least(middle, len(ordered), share) <= risk:
            high = middle
        else:
            low = middle + 1
    return ordered[low - 1]
