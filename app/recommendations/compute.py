"""What to recommend, worked out from what was bought together. Pure: baskets in, ids of products out."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import sqrt

WIDEST = 30
"""Products of an order that are paired; a wholesaler's order would make thousands of pairs that mean nothing."""


@dataclass(frozen=True)
class Basket:
    """What one order had."""

    user_id: int
    product_ids: tuple[int, ...]


def together(baskets: Iterable[Basket], *, keep: int) -> dict[int, list[int]]:
    """For each product those bought with it, the strongest first.

    The measure is the cosine, n(a, b) / √(n(a) · n(b)): what everybody buys anyway is bought with everything, and is no
    recommendation. Equal ones stand by the number of orders, then by id.
    """
    single: Counter[int] = Counter()
    both: Counter[tuple[int, int]] = Counter()
    for basket in baskets:
        products = sorted(set(basket.product_ids))[:WIDEST]
        single.update(products)
        both.update(combinations(products, 2))
    ranked: dict[int, list[tuple[float, int, int]]] = defaultdict(list)
    for (one, other), times in both.items():
        strength = times / sqrt(single[one] * single[other])
        ranked[one].append((-strength, -times, other))
        ranked[other].append((-strength, -times, one))
    return {product: [other for _, _, other in sorted(found)[:keep]] for product, found in ranked.items()}


def popular(baskets: Iterable[Basket], *, keep: int) -> list[int]:
    """The products that most people bought, each person counted once."""
    buyers: dict[int, set[int]] = defaultdict(set)
    for basket in baskets:
        for product in basket.product_ids:
            buyers[product].add(basket.user_id)
    return sorted(buyers, key=lambda product: (-len(buyers[product]), product))[:keep]


def for_users(
    baskets: Iterable[Basket], *, related: Mapping[int, Sequence[int]], best: Sequence[int], keep: int
) -> dict[int, list[int]]:
    """For each user what goes with their purchases, and then what is popular, without what they have bought."""
    bought: dict[int, list[int]] = defaultdict(list)
    for basket in baskets:
        bought[basket.user_id].extend(basket.product_ids)
    return {user: _for(set(had), related, best, keep) for user, had in bought.items()}


def _for(had: set[int], related: Mapping[int, Sequence[int]], best: Sequence[int], keep: int) -> list[int]:
    votes: Counter[int] = Counter()
    for product in sorted(had):
        for place, other in enumerate(related.get(product, ())):
            if other not in had:
                votes[other] += keep - min(place, keep - 1)
    ranked = sorted(votes, key=lambda product: (-votes[product], product))
    return list(dict.fromkeys([*ranked, *(product for product in best if product not in had)]))[:keep]
