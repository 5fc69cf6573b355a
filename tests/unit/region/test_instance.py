"""What an instance type's name says."""

import pytest

from region.resources.instance import size_of


@pytest.mark.parametrize(
    ("type_", "size"),
    [
        ("S5.MEDIUM2", (2, 2)),
        ("S1.SMALL1", (1, 1)),
        ("SA2.LARGE16", (4, 16)),
        ("S5.2XLARGE16", (8, 16)),
        (None, (1, 1)),
    ],
)
def test_cores_and_memory_stand_in_the_name(type_: str | None, size: tuple[int, int]) -> None:
    assert size_of(type_) == size
