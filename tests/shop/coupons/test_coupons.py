"""Coupons over HTTP, and in an order's transaction."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.errors import ApiError
from coupons import seed, selectors, services
from coupons.models import Coupon, UserCoupon
from tests.shop.people import Person, log_in

URL = "/api/v1/coupons"


def kind(name: str = "满 99 减 10", **fields: Any) -> Coupon:
    now = timezone.now()
    usual = {
        "threshold_fen": 9900,
        "discount_fen": 1000,
        "total": 100,
        "per_user": 1,
        "valid_from": now - timedelta(days=1),
        "valid_until": now + timedelta(days=1),
    }
    return Coupon.objects.create(name=name, **{**usual, **fields})


def claim(client: Client, coupon: Coupon) -> Any:
    return client.post(f"{URL}/{coupon.pk}/claim")


def claimed(person: Person, coupon: Coupon) -> int:
    return services.claim(user_id=person.id, coupon_id=coupon.pk).id


def redeem(person: Person, user_coupon_id: int, number: str, goods_fen: int = 9900) -> int:
    with transaction.atomic():
        return services.redeem(
            user_id=person.id, user_coupon_id=user_coupon_id, order_number=number, goods_fen=goods_fen
        )


def refusal(act: Any, *arguments: Any) -> tuple[int, str]:
    with pytest.raises(ApiError) as refused:
        act(*arguments)
    return refused.value.status, refused.value.code


def test_a_coupon_is_shown_claimed_and_then_the_users() -> None:
    person, coupon = log_in(), kind()
    shown = person.client.get(URL).json()
    (offer,) = shown["claimable"]
    assert (offer["id"], offer["threshold_fen"], offer["discount_fen"]) == (coupon.pk, 9900, 1000)
    assert shown["mine"] == []
    answer = claim(person.client, coupon)
    assert answer.status_code == 201
    assert answer.json() | {"id": 0} == {"id": 0, "coupon": offer, "state": "unused"}
    assert person.client.get(URL).json() == {"claimable": [], "mine": [answer.json()]}
    assert [one["id"] for one in log_in().client.get(URL).json()["claimable"]] == [coupon.pk]


def test_a_coupon_can_be_claimed_as_often_as_it_says() -> None:
    person, coupon = log_in(), kind(per_user=2)
    assert [claim(person.client, coupon).status_code for _ in range(3)] == [201, 201, 409]
    assert claim(person.client, coupon).json()["error"]["code"] == "coupon_limit"
    coupon.refresh_from_db()
    assert coupon.claimed == 2


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"total": 0}, "coupon_gone"),
        ({"valid_from": timedelta(hours=1)}, "coupon_not_yet_valid"),
        ({"valid_until": timedelta(hours=-1)}, "coupon_expired"),
    ],
)
def test_what_cannot_be_claimed_is_not_offered(fields: dict[str, Any], code: str) -> None:
    # Told from now on: a run of all tests may come here hours after it has read this file.
    now = timezone.now()
    moved: dict[str, Any] = {
        name: now + of if isinstance(of, timedelta) else of for name, of in fields.items()
    }
    person, coupon = log_in(), kind(**moved)
    assert person.client.get(URL).json()["claimable"] == []
    answer = claim(person.client, coupon)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, code)
    assert not UserCoupon.objects.exists()


@pytest.mark.parametrize(("number", "status"), [("7", 404), (str(2**63 - 1), 404), ("0", 400), ("x", 400)])
def test_an_unknown_coupon_is_refused(number: str, status: int) -> None:
    assert log_in().client.post(f"{URL}/{number}/claim").status_code == status
    assert Client().post(f"{URL}/{number}/claim").status_code == 401


def test_a_coupon_is_used_once_and_may_come_back() -> None:
    person, coupon = log_in(), kind()
    mine = claimed(person, coupon)
    assert selectors.quote(user_id=person.id, user_coupon_id=mine, goods_fen=9900) == 1000
    assert redeem(person, mine, "A1") == 1000
    # The same order again, as when its request is repeated.
    assert redeem(person, mine, "A1") == 1000
    assert refusal(redeem, person, mine, "A2") == (409, "coupon_used")
    assert person.client.get(URL).json()["mine"][0]["state"] == "used"
    assert selectors.usable(user_id=person.id, goods_fen=9900) == []
    assert [services.give_back(order_number="A1") for _ in range(2)] == [True, False]
    assert services.give_back(order_number="never") is False
    assert person.client.get(URL).json()["mine"][0]["state"] == "unused"
    assert redeem(person, mine, "A2") == 1000


def test_a_coupon_of_an_order_that_failed_is_unused() -> None:
    person = log_in()
    mine = claimed(person, kind())
    with transaction.atomic():
        redeem(person, mine, "A1")
        transaction.set_rollback(True)
    assert redeem(person, mine, "A2") == 1000


def test_two_coupons_do_not_go_into_one_order() -> None:
    person = log_in()
    first, second = claimed(person, kind()), claimed(person, kind())
    redeem(person, first, "A1")
    with pytest.raises(IntegrityError):
        redeem(person, second, "A1")


def test_quote_and_redeem_refuse_alike() -> None:
    person, stranger = log_in(), log_in()
    mine, late, early = (claimed(person, kind(name)) for name in ("a", "b", "c"))
    now = timezone.now()
    Coupon.objects.filter(name="b").update(valid_until=now - timedelta(seconds=1))
    Coupon.objects.filter(name="c").update(valid_from=now + timedelta(hours=1))
    cases = [
        (stranger, mine, 9900, (404, "not_found")),
        (person, 2**62, 9900, (404, "not_found")),
        (person, mine, 9899, (409, "coupon_below_threshold")),
        (person, late, 9900, (409, "coupon_expired")),
        (person, early, 9900, (409, "coupon_not_yet_valid")),
    ]
    for who, number, goods_fen, expected in cases:
        quote = lambda: selectors.quote(user_id=who.id, user_coupon_id=number, goods_fen=goods_fen)  # noqa: B023, E731
        assert refusal(quote) == expected
        assert refusal(redeem, who, number, "A1", goods_fen) == expected
    assert [one["state"] for one in person.client.get(URL).json()["mine"]] == ["unused", "expired", "unused"]
    assert UserCoupon.objects.filter(state="used").count() == 0


def test_the_best_usable_coupon_comes_first() -> None:
    person = log_in()
    for name, threshold, discount in (
        ("a", 1000, 100),
        ("b", 5000, 900),
        ("c", 9900, 1000),
        ("d", 9901, 2000),
    ):
        claimed(person, kind(name, threshold_fen=threshold, discount_fen=discount))
    found = selectors.usable(user_id=person.id, goods_fen=9900)
    assert [one.coupon.name for one in found] == ["c", "b", "a"]
    assert {one.state for one in found} == {"unused"}


def test_many_coupons_take_no_more_queries() -> None:
    person = log_in()
    person.client.get(URL)
    for number in range(60):
        coupon = kind(f"券 {number}")
        if number % 2:
            claimed(person, coupon)
    with CaptureQueriesContext(connection) as queries:
        shown = person.client.get(URL).json()
    assert (len(shown["claimable"]), len(shown["mine"])) == (30, 30)
    assert len(queries) == 2


@pytest.mark.parametrize("fields", [{"discount_fen": 9900}, {"discount_fen": 0}, {"claimed": 101}])
def test_the_database_refuses_coupons_that_make_no_sense(fields: dict[str, int]) -> None:
    with pytest.raises(IntegrityError):
        kind(**fields)


def test_seeding_twice_changes_nothing_and_keeps_the_merchants_changes() -> None:
    assert seed.seed() > 0
    Coupon.objects.update(discount_fen=7)
    assert seed.seed() == 0
    assert set(Coupon.objects.values_list("discount_fen", flat=True)) == {7}
    assert log_in().client.get(URL).json()["claimable"]
