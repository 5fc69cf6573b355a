"""A transaction that the database gave up on is done again; anything else is not."""

import pytest
from django.db import OperationalError

from orders.conflicts import retry_conflicts


def failing(times: int, code: int):
    attempts: list[int] = []

    @retry_conflicts
    def operation() -> int:
        attempts.append(1)
        if len(attempts) <= times:
            raise OperationalError(code, "from the server")
        return len(attempts)

    return operation, attempts


@pytest.mark.parametrize("code", [1213, 1205, 1020])
def test_deadlocks_are_done_again(code):
    operation, _ = failing(2, code)
    assert operation() == 3


def test_there_is_an_end_to_it():
    operation, attempts = failing(100, 1213)
    with pytest.raises(OperationalError):
        operation()
    assert len(attempts) == 4


def test_a_lost_connection_is_not_done_again():
    """The commit may have happened: only the client, with its key, can ask again safely."""
    operation, attempts = failing(1, 2013)
    with pytest.raises(OperationalError):
        operation()
    assert len(attempts) == 1
