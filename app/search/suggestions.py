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


def vocabulary(*, names: Iterable[str], categories: Iterable[str]) -> dict[str, Term]:
    """Names of products and categories, and the words in them. Takes a quarter of a second for 20,000 names."""
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
    return {text: Term(text, words.normal(text), weight) for text, weight in weights.items()}


def terms(known: Mapping[str, Term], *, popular: Mapping[str, int]) -> tuple[Term, ...]:
    """The vocabulary, and what others search for."""
    searched = {
        text: Term(text, words.normal(text), 2 * times + (known[text].weight if text in known else 0))
        for text, times in popular.items()
    }
    return tuple({**known, **searched}.values())


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
