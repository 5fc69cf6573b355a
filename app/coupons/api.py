"""`/coupons`."""

from datetime import datetime

from ninja import Router, Schema, Status

from core.fields import Id
from core.identity import UserRequest, user
from core.routes import REFUSALS
from coupons import selectors, services

router = Router()


class CouponOut(Schema):
    """So many fen off goods of at least so many."""

    id: int
    name: str
    threshold_fen: int
    discount_fen: int
    valid_until: datetime


class HeldCouponOut(Schema):
    """A user's coupon: `unused`, `used` or `expired`. Its `id` is what orders call `user_coupon_id`."""

    id: int
    coupon: CouponOut
    state: str


class CouponsOut(Schema):
    """At most 50 of each, `mine` with the newest first."""

    claimable: list[CouponOut]
    mine: list[HeldCouponOut]


@router.get("/coupons", auth=user, response={200: CouponsOut, **REFUSALS}, summary="Coupons")
def show(request: UserRequest) -> dict[str, object]:
    """What can be claimed, and what the user has."""
    user_id: int = request.auth.id
    return {"claimable": selectors.claimable(user_id=user_id), "mine": selectors.mine(user_id=user_id)}


@router.post(
    "/coupons/{coupon_id}/claim",
    auth=user,
    response={201: HeldCouponOut, **REFUSALS},
    summary="Claim a coupon",
)
def claim(request: UserRequest, coupon_id: Id) -> Status[selectors.HeldCoupon]:
    """Take one of these coupons. Refused (409) when the user, or everybody together, has had them all."""
    return Status(201, services.claim(user_id=request.auth.id, coupon_id=coupon_id))
