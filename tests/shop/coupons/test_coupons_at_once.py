"""Coupons in a rush: never one too many, never one twice."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connections, transaction

from core.errors import ApiError
from coupons import services
from coupons.models import UserCoupon
from tests.shop.coupons.test_coupons import kind


def _at_once(act: Callable[[Any], object], cases: Iterable[Any]) -> list[object]:
    """What came of each: a result, or the code of the refusal."""

    def outcome(case: Any) -> object:
        try:
            return act(case)
        except ApiError as error:
            return error.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(12) as pool:
        return list(pool.map(outcome, cases))


def test_no_more_are_claimed_than_there_are() -> None:
    coupon = kind(total=25)
    outcomes = _at_once(lambda user: services.claim(user_id=user, coupon_id=coupon.pk), range(1, 81))
    assert outcomes.count("coupon_gone") == 55
    assert UserCoupon.objects.count() == 25
    coupon.refresh_from_db()
    assert coupon.claimed == 25


def test_nobody_claims_more_than_their_share() -> None:
    coupon = kind(per_user=2)
    outcomes = _at_once(lambda user: services.claim(user_id=user, coupon_id=coupon.pk), [1, 2] * 20)
    assert outcomes.count("coupon_limit") == 36
    for user_id in (1, 2):
        assert list(
            UserCoupon.objects.filter(user_id=user_id).order_by("pk").values_list("number", flat=True)
        ) == [1, 2]
    coupon.refresh_from_db()
    assert coupon.claimed == 4


def test_a_coupon_goes_into_one_of_many_orders() -> None:
    mine = services.claim(user_id=1, coupon_id=kind().pk).id

    def order(number: int) -> int:
        with transaction.atomic():
            return services.redeem(user_id=1, user_coupon_id=mine, order_number=f"A{number}", goods_fen=9900)

    outcomes = _at_once(order, range(30))
    assert sorted(outcomes, key=str) == [1000] + ["coupon_used"] * 29
    winner = outcomes.index(1000)
    assert UserCoupon.objects.get().order_number == f"A{winner}"
