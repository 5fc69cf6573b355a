"""When a coupon counts. Pure, so that the price shown and the price charged are decided by the same lines."""

from dataclasses import dataclass
from datetime import datetime

from core.errors import ApiError


@dataclass(frozen=True)
class Terms:
    """So many fen off goods of at least so many, within a time."""

    threshold_fen: int
    discount_fen: int
    valid_from: datetime
    valid_until: datetime


def objection(terms: Terms, *, goods_fen: int, now: datetime) -> ApiError | None:
    """Why the coupon can't be used for goods of that price; None when it can."""
    if now < terms.valid_from:
        return ApiError(409, "coupon_not_yet_valid", "this coupon is not valid yet", field="user_coupon_id")
    if now >= terms.valid_until:
        return ApiError(409, "coupon_expired", "this coupon has expired", field="user_coupon_id")
    if goods_fen < terms.threshold_fen:
        message = f"this coupon is for goods of at least {terms.threshold_fen} fen"
        return ApiError(409, "coupon_below_threshold", message, field="user_coupon_id")
    return None
