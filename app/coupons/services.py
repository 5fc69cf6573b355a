"""Changes of coupons. Each is one conditional UPDATE, so the database decides between those who come at once."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from core.conflicts import retry_conflicts
from core.errors import ApiError
from coupons.models import Coupon, UserCoupon
from coupons.selectors import HeldCoupon, held, owned, terms, used_already
from coupons.terms import objection


@retry_conflicts
def claim(*, user_id: int, coupon_id: int) -> HeldCoupon:
    """Give a user a coupon.

    Raises 404, and 409 `coupon_limit` when the user has had enough of them, `coupon_gone` when all have, and
    `coupon_not_yet_valid` or `coupon_expired` outside its time.
    """
    now = timezone.now()
    coupons = Coupon.objects.using("default").filter(pk=coupon_id)
    coupon = coupons.first()
    if coupon is None:
        raise ApiError(404, "not_found", "there is no such coupon")
    error = objection(terms(coupon), goods_fen=coupon.threshold_fen, now=now)
    if error is not None:
        raise ApiError(error.status, error.code, error.message)
    # Asked without a lock first: those who have had theirs must not queue with the others in a rush.
    _next_number(coupon, user_id)
    with transaction.atomic(using="default"):
        # From here on the coupon's row is locked: no two claims of one kind count at the same time.
        if not coupons.filter(claimed__lt=F("total")).update(claimed=F("claimed") + 1):
            raise ApiError(409, "coupon_gone", "all of these coupons have been claimed")
        made = UserCoupon(
            coupon=coupon, user_id=user_id, number=_next_number(coupon, user_id), claimed_at=now
        )
        made.save(using="default", force_insert=True)
    return held(made, now=now)


def redeem(*, user_id: int, user_coupon_id: int, order_number: str, goods_fen: int) -> int:
    """Use a user's coupon for an order, in the order's transaction: the discount in fen. Repeating it is harmless.

    Raises 404 for somebody else's, and 409 `coupon_used`, `coupon_not_yet_valid`, `coupon_expired` or
    `coupon_below_threshold`. `goods_fen` is the price of the goods without freight.
    """
    assert transaction.get_connection("default").in_atomic_block, (
        "a coupon is used in its order's transaction"
    )
    now = timezone.now()
    found = owned(user_id=user_id, user_coupon_id=user_coupon_id)
    if found.order_number == order_number:
        return found.coupon.discount_fen
    error = objection(terms(found.coupon), goods_fen=goods_fen, now=now)
    if error is not None:
        raise error
    unused = UserCoupon.objects.using("default").filter(pk=found.pk, state=UserCoupon.State.UNUSED)
    if not unused.update(state=UserCoupon.State.USED, order_number=order_number, used_at=now):
        raise used_already()
    return found.coupon.discount_fen


def give_back(*, order_number: str) -> bool:
    """Let the user use the order's coupon again, when there is one. Repeating it is harmless."""
    used = UserCoupon.objects.using("default").filter(order_number=order_number)
    return bool(used.update(state=UserCoupon.State.UNUSED, order_number=None, used_at=None))


def _next_number(coupon: Coupon, user_id: int) -> int:
    number = UserCoupon.objects.using("default").filter(coupon=coupon, user_id=user_id).count() + 1
    if number > coupon.per_user:
        raise ApiError(409, "coupon_limit", f"you can have {coupon.per_user} of these")
    return number
