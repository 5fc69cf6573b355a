"""Reads of coupons, from the primary: whoever has just claimed or used one sees it so."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q
from django.utils import timezone

from core.errors import ApiError
from coupons.models import Coupon, UserCoupon
from coupons.terms import Terms, objection

MAX_LISTED = 50


@dataclass(frozen=True)
class CouponKind:
    """A kind of coupon as users see it."""

    id: int
    name: str
    threshold_fen: int
    discount_fen: int
    valid_until: datetime


@dataclass(frozen=True)
class HeldCoupon:
    """A user's coupon: `unused`, `used` or `expired`."""

    id: int
    coupon: CouponKind
    state: str


def kind(coupon: Coupon) -> CouponKind:
    """A stored coupon as users see it."""
    return CouponKind(
        id=coupon.pk,
        name=coupon.name,
        threshold_fen=coupon.threshold_fen,
        discount_fen=coupon.discount_fen,
        valid_until=coupon.valid_until,
    )


def held(found: UserCoupon, *, now: datetime) -> HeldCoupon:
    """A user's stored coupon as the user sees it. Needs `coupon` loaded."""
    expired = found.state == UserCoupon.State.UNUSED and now >= found.coupon.valid_until
    return HeldCoupon(found.pk, kind(found.coupon), "expired" if expired else str(found.state))


def terms(coupon: Coupon) -> Terms:
    """When the coupon counts."""
    return Terms(coupon.threshold_fen, coupon.discount_fen, coupon.valid_from, coupon.valid_until)


def claimable(*, user_id: int) -> list[CouponKind]:
    """What the user can claim now, the largest discount first."""
    now = timezone.now()
    open_now = Coupon.objects.using("default").filter(
        valid_until__gt=now, valid_from__lte=now, claimed__lt=F("total")
    )
    counted = open_now.annotate(own=Count("usercoupon", filter=Q(usercoupon__user_id=user_id)))
    found = counted.filter(own__lt=F("per_user")).order_by("-discount_fen", "pk")
    return [kind(coupon) for coupon in found[:MAX_LISTED]]


def mine(*, user_id: int) -> list[HeldCoupon]:
    """The user's newest coupons, used and expired ones too."""
    now = timezone.now()
    found = UserCoupon.objects.using("default").filter(user_id=user_id).select_related("coupon")
    return [held(one, now=now) for one in found.order_by("-pk")[:MAX_LISTED]]


def usable(*, user_id: int, goods_fen: int) -> list[HeldCoupon]:
    """The user's coupons that goods of that price can have, the largest discount first."""
    now = timezone.now()
    found = UserCoupon.objects.using("default").filter(
        user_id=user_id,
        state=UserCoupon.State.UNUSED,
        coupon__valid_from__lte=now,
        coupon__valid_until__gt=now,
        coupon__threshold_fen__lte=goods_fen,
    )
    best = found.select_related("coupon").order_by("-coupon__discount_fen", "coupon__valid_until", "pk")
    return [held(one, now=now) for one in best[:MAX_LISTED]]


def quote(*, user_id: int, user_coupon_id: int, goods_fen: int) -> int:
    """The discount in fen that `services.redeem` would give now. Raises the same errors."""
    found = owned(user_id=user_id, user_coupon_id=user_coupon_id)
    if found.state != UserCoupon.State.UNUSED:
        raise used_already()
    error = objection(terms(found.coupon), goods_fen=goods_fen, now=timezone.now())
    if error is not None:
        raise error
    return found.coupon.discount_fen


def owned(*, user_id: int, user_coupon_id: int) -> UserCoupon:
    """One of the user's coupons, with its kind. Raises 404."""
    found = UserCoupon.objects.using("default").filter(pk=user_coupon_id, user_id=user_id)
    one = found.select_related("coupon").first()
    if one is None:
        raise ApiError(404, "not_found", "there is no such coupon", field="user_coupon_id")
    return one


def used_already() -> ApiError:
    """An order has the coupon."""
    return ApiError(409, "coupon_used", "this coupon has been used", field="user_coupon_id")
