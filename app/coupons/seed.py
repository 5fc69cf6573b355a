"""Coupons of the demo shop."""

from datetime import UTC, datetime

from coupons.models import Coupon

_FROM, _UNTIL = datetime(2024, 1, 1, tzinfo=UTC), datetime(2099, 12, 31, 16, tzinfo=UTC)
# Name, from so many fen, so many off, how many, how many for each user.
_COUPONS = (
    ("新人专享券", 2_000, 500, 1_000_000, 1),
    ("满 99 减 10", 9_900, 1_000, 100_000, 3),
    ("满 199 减 30", 19_900, 3_000, 50_000, 2),
    ("满 499 减 80", 49_900, 8_000, 10_000, 1),
)


def seed() -> int:
    """Make the demo coupons that aren't there; how many. Those that merchants have changed stay as they are."""
    made = 0
    for name, threshold_fen, discount_fen, total, per_user in _COUPONS:
        _, new = Coupon.objects.using("default").get_or_create(
            name=name,
            defaults={
                "threshold_fen": threshold_fen,
                "discount_fen": discount_fen,
                "total": total,
                "per_user": per_user,
                "valid_from": _FROM,
                "valid_until": _UNTIL,
            },
        )
        made += new
    return made
