"""The shelf of shown reviews, without any server."""

import pytest

from reviews.shelf import Rating, Shelf

SHELF = Shelf((("a", 5), ("b", 2), ("c", 4)))


def test_putting_twice_is_putting_once() -> None:
    assert SHELF.put("b", 1) == SHELF
    assert SHELF.put("d", 1).rating == Rating(4, 12)


def test_taking_what_is_not_there_changes_nothing() -> None:
    assert SHELF.take("x") == SHELF
    assert SHELF.take("a").rating == Rating(2, 6)


@pytest.mark.parametrize(
    ("number", "size", "ids"),
    [(1, 2, ["c", "b"]), (2, 2, ["a"]), (3, 2, []), (1, 50, ["c", "b", "a"])],
)
def test_pages(number: int, size: int, ids: list[str]) -> None:
    assert SHELF.page(number, size) == ids


@pytest.mark.parametrize(("rating", "average"), [(Rating(), 0.0), (Rating(3, 11), 3.7), (Rating(2, 9), 4.5)])
def test_averages(rating: Rating, average: float) -> None:
    assert rating.average == average
