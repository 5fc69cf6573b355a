"""Chinese names as words, and as pairs of characters for what the dictionary cuts otherwise than a buyer.

`手机壳` is cut 手机 and 壳, but a buyer may type 机壳: pairs find it as a part (手机, 机壳).
"""

import re
import unicodedata

import rjieba

_RUNS = re.compile(r"[^\W_]+")
_MAXIMUM = 64


def normal(text: str) -> str:
    """One spelling: full width and upper case become half width and lower case, blanks single."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


def runs(text: str) -> list[str]:
    """The stretches of letters, digits and characters in a normal text."""
    return _RUNS.findall(text)


def words(text: str) -> list[str]:
    """The words of a normal text, longer ones also in their parts, as the index keeps them."""
    return [word for run in runs(text) for word in rjieba.cut_for_search(run) if word.strip()]


def plain_words(text: str) -> list[str]:
    """The words of a normal text, each once, as a buyer means them."""
    return list(dict.fromkeys(word for run in runs(text) for word in rjieba.cut(run) if word.strip()))[:16]


def pairs(run: str) -> list[str]:
    """Each two neighbours, in order; a single character has none."""
    return [run[i : i + 2] for i in range(min(len(run), _MAXIMUM) - 1)]
