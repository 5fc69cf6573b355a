"""What one of many that are due does to the others."""

import pytest
from django.db import IntegrityError, OperationalError

from core.errors import ApiError
from outbox import sweeping


def swept(errors: dict[str, Exception]) -> list[str]:
    """Who was reached, when these raise."""
    reached: list[str] = []

    def act(number: str) -> None:
        reached.append(number)
        if number in errors:
            raise errors[number]

    sweeping.each("abcdefgh", act, what="letter")
    return reached


@pytest.mark.parametrize("error", [ApiError(409, "no", "no"), KeyError("b"), IntegrityError(1062, "twice")])
def test_one_that_fails_keeps_nobody_waiting(error: Exception) -> None:
    assert swept({"b": error}) == list("abcdefgh")


def test_who_is_away_is_not_asked_for_everyone() -> None:
    assert swept({letter: ApiError(503, "away", "away") for letter in "bcdefgh"}) == list("abcdef")


def test_a_database_that_is_away_ends_it() -> None:
    with pytest.raises(OperationalError):
        swept({"b": OperationalError(2003, "away")})
