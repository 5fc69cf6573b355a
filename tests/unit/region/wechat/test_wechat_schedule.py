"""When something that was not taken is sent again."""

import pytest

from region.wechat.server.schedule import NOTIFICATION, pause

MINUTE, HOUR = 60, 3600


@pytest.mark.parametrize(
    ("kind", "attempts", "scale", "expected"),
    [
        ("notification", 1, 1.0, 15),
        ("notification", 2, 1.0, 15),
        ("notification", 3, 1.0, 30),
        ("notification", 4, 1.0, 3 * MINUTE),
        ("notification", 5, 1.0, 10 * MINUTE),
        ("notification", 6, 1.0, 20 * MINUTE),
        ("notification", 7, 1.0, 30 * MINUTE),
        ("notification", 9, 1.0, 30 * MINUTE),
        ("notification", 10, 1.0, 60 * MINUTE),
        ("notification", 11, 1.0, 3 * HOUR),
        ("notification", 13, 1.0, 3 * HOUR),
        ("notification", 14, 1.0, 6 * HOUR),
        ("notification", 15, 1.0, 6 * HOUR),
        ("notification", 16, 1.0, None),
        ("notification", 4, 0.01, 1.8),
        ("push", 1, 1.0, 5),
        ("push", 2, 1.0, 5),
        ("push", 3, 1.0, None),
    ],
)
def test_the_next_delivery(kind: str, attempts: int, scale: float, expected: float | None) -> None:
    assert pause(kind, attempts, scale) == expected


def test_a_notification_is_sent_for_a_day_and_4_minutes() -> None:
    assert sum(NOTIFICATION) == 24 * HOUR + 4 * MINUTE
