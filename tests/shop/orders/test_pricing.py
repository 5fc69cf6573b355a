"""What an order costs."""

import pytest

from orders.pricing import Item, Price, Unpayable, goods, price, weight

CASE = Item(price_fen=2500, quantity=2, weight_grams=80)
CABLE = Item(price_fen=1999, quantity=1, weight_grams=45)


def test_goods_and_weight_are_summed_over_pieces() -> None:
    assert goods([CASE, CABLE]) == 6999
    assert weight([CASE, CABLE]) == 205


@pytest.mark.parametrize(
    ("items", "freight", "discount", "expected"),
    [
        ([CASE], 0, 0, Price(5000, 0, 0, 5000)),
        ([CASE, CABLE], 800, 0, Price(6999, 800, 0, 7799)),
        ([CASE, CABLE], 800, 1000, Price(6999, 800, 1000, 6799)),
        # Freight is never discounted.
        ([CABLE], 800, 5000, Price(1999, 800, 1999, 800)),
        # One fen is left to be paid.
        ([CABLE], 0, 5000, Price(1999, 0, 1998, 1)),
        ([Item(1, 1, 0)], 0, 1, Price(1, 0, 0, 1)),
        ([Item(100_000_000, 1, 0)], 0, 0, Price(100_000_000, 0, 0, 100_000_000)),
    ],
)
def test_prices(items: list[Item], freight: int, discount: int, expected: Price) -> None:
    assert price(items=items, freight_fen=freight, discount_fen=discount) == expected


@pytest.mark.parametrize("item", [Item(0, 3, 0), Item(100_000_001, 1, 0), Item(2**31 - 1, 99, 0)])
def test_sums_that_nobody_can_pay_are_refused(item: Item) -> None:
    with pytest.raises(Unpayable):
        price(items=[item], freight_fen=0, discount_fen=0)


@pytest.mark.parametrize(("freight", "discount"), [(-1, 0), (0, -1)])
def test_negative_parts_are_a_mistake_of_the_caller(freight: int, discount: int) -> None:
    with pytest.raises(ValueError, match="not negative"):
        price(items=[CASE], freight_fen=freight, discount_fen=discount)
