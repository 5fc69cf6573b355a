"""What to offer while somebody types."""

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from search import words

LIMIT = 10


@dataclass(frozen=True)
class Term:
    """Something worth searching for; the greater `weight`, the earlier it is offered."""

    text: str
    normal: str
    weight: int


def terms(*, names: Iterable[str], categories: Iterable[str], popular: Mapping[str, int]) -> tuple[Term, ...]:
    """Names of products and categories, the words in them, and what others search for."""
    weights: Counter[str] = Counter()
    for name in names:
        weights[name.strip()] += 1
        normal = words.normal(name)
        # Words that stand together in a name are what people say (手机 and 壳 are 手机壳), so they count together.
        cut = words.plain_words(normal)
        for one in dict.fromkeys([*cut, *(a + b for a, b in pairwise(cut) if a + b in normal)]):
            if 2 <= len(one) <= 8 and not one.isdigit():
                weights[one] += 1
    for name in categories:
        weights[name] += 10
    for text, times in popular.items():
        weights[text] += 2 * times
    return tuple(Term(text, words.normal(text), weight) for text, weight in weights.items())


def suggest(typed: str, known: Iterable[Term]) -> list[str]:
    """Terms that begin with what was typed, then those that have it inside; what weighs more first."""
    wanted = words.normal(typed)
    if not wanted:
        return []
    found = (term for term in known if wanted in term.normal)
    best = heapq.nsmallest(
        LIMIT,
        found,
        key=lambda term: (not term.normal.startswith(wanted), -term.weight, len(term.text), term.text),
    )
    return [term.text for term in best]
