"""What is offered while somebody types."""

import pytest

from search.suggestions import LIMIT, suggest, terms, vocabulary

WORDS = vocabulary(
    names=["磨砂手机壳", "透明手机壳", "手机支架", "快充数据线", "Type-C 数据线"], categories=["手机配件"]
)
KNOWN = terms(WORDS, popular={"手机壳 苹果": 40})


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("手", "手机壳 苹果"),
        ("手机", "手机壳 苹果"),
        ("手机配", "手机配件"),
        ("磨", "磨砂"),
        ("壳", "手机壳 苹果"),
        ("type", "type"),
        ("ＴＹＰＥ－", "Type-C 数据线"),
    ],
)
def test_the_best_comes_first(typed: str, first: str) -> None:
    assert suggest(typed, KNOWN)[0] == first


def test_words_that_stand_together_are_offered() -> None:
    assert "手机壳" in suggest("手机", KNOWN)
    assert "数据线" in suggest("数据", KNOWN)


def test_beginnings_come_before_insides() -> None:
    found = suggest("手机", KNOWN)
    inside = [not text.startswith("手机") for text in found]
    assert inside == sorted(inside)
    assert "磨砂手机壳" in found


@pytest.mark.parametrize("typed", ["", "  ", "冰箱", "%", "\\"])
def test_there_may_be_nothing_to_offer(typed: str) -> None:
    assert suggest(typed, KNOWN) == []


def test_at_most_ten() -> None:
    many = vocabulary(names=[f"手机壳{number}号" for number in range(99)], categories=[])
    assert len(suggest("手机", many.values())) == LIMIT


def test_what_is_searched_for_weighs_more() -> None:
    assert suggest("手机", terms(WORDS, popular={"手机支架": 1, "手机配件": 40}))[0] == "手机配件"
    assert suggest("手机", terms(WORDS, popular={"手机支架": 40, "手机配件": 1}))[0] == "手机支架"
