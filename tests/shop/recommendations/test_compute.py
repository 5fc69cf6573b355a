"""What follows from baskets."""

import pytest

from recommendations.compute import WIDEST, Basket, for_users, popular, together

A, B, C, D, E = 1, 2, 3, 4, 5


def baskets(*products: tuple[int, ...]) -> list[Basket]:
    return [Basket(user, one) for user, one in enumerate(products, start=1)]


@pytest.mark.parametrize(
    ("bought", "expected"),
    [
        ([], {}),
        ([(A,)], {}),
        ([(A, A)], {}),
        ([(A, B)], {A: [B], B: [A]}),
        # C is in every basket: it says less about A than B does, which comes with A only.
        ([(A, B, C), (A, B, C), (C, D), (C, D), (C,), (C,)], {A: [B, C], B: [A, C], C: [A, B, D], D: [C]}),
        # Equal strength: more orders first, then the smaller id.
        ([(A, D), (A, B)], {A: [B, D], B: [A], D: [A]}),
    ],
)
def test_bought_together(bought: list[tuple[int, ...]], expected: dict[int, list[int]]) -> None:
    assert together(baskets(*bought), keep=5) == expected


def test_only_the_strongest_are_kept_and_a_wholesaler_is_cut() -> None:
    assert together(baskets((A, B), (A, B), (A, C)), keep=1)[A] == [B]
    wide = tuple(range(1, 1000))
    assert len(together(baskets(wide), keep=2000)) == WIDEST


def test_popular_counts_people_and_not_pieces() -> None:
    often = [
        Basket(1, (A,)),
        Basket(1, (A,)),
        Basket(1, (A,)),
        Basket(2, (B,)),
        Basket(3, (B,)),
        Basket(4, (C,)),
    ]
    assert popular(often, keep=2) == [B, A]


def test_a_user_gets_what_goes_with_their_purchases_then_what_is_popular() -> None:
    related = {A: [B, C], D: [C, E]}
    found = for_users(
        [Basket(7, (A,)), Basket(7, (D,)), Basket(8, (E,))], related=related, best=[A, E, B, 9], keep=4
    )
    assert found == {7: [C, B, E, 9], 8: [A, B, 9]}


def test_nobody_is_offered_what_they_have() -> None:
    found = for_users([Basket(7, (A, B, C))], related={A: [B, C]}, best=[A, B, C], keep=4)
    assert found == {7: []}
