"""Stock, alone and under many at once."""

import random

import pytest
from django.db import DatabaseError, transaction

from core.errors import ApiError
from inventory import selectors, services
from inventory.models import Stock
from inventory.seed import seed
from outbox.models import OutboxMessage
from tests.shop.orders.counter import at_once


def _told() -> list[list[int]]:
    messages = OutboxMessage.objects.filter(topic=services.CHANGED, broadcast=True)
    return [message.body["sku_ids"] for message in messages.order_by("id")]


def test_stock_is_reserved_sold_and_given_back() -> None:
    seed({1: 5, 2: 5})
    with transaction.atomic():
        services.reserve(quantities={1: 2, 2: 5})
    assert selectors.available(sku_ids=[1, 2, 3]) == {1: 3, 2: 0, 3: 0}
    with transaction.atomic():
        services.sold(quantities={1: 2})
        services.release(quantities={2: 5})
    assert selectors.levels(sku_ids=[1, 2]) == {1: selectors.Level(3, 2), 2: selectors.Level(5, 0)}
    with transaction.atomic():
        services.restock(quantities={1: 2})
    assert selectors.levels(sku_ids=[1]) == {1: selectors.Level(5, 0)}


def test_everybody_is_told_what_ran_out_and_what_came_back() -> None:
    seed({1: 5, 2: 5})
    OutboxMessage.objects.all().delete()
    with transaction.atomic():
        services.reserve(quantities={1: 2, 2: 5})
    with transaction.atomic():
        services.release(quantities={1: 2, 2: 5})
    services.set_stock(sku_id=1, available=9)
    assert _told() == [[2], [2], [1]]


def test_all_of_an_order_is_reserved_or_nothing() -> None:
    seed({1: 5, 2: 1})
    with pytest.raises(ApiError) as refused, transaction.atomic():
        services.reserve(quantities={1: 1, 2: 2})
    assert refused.value.code == "out_of_stock"
    assert selectors.available(sku_ids=[1, 2]) == {1: 5, 2: 1}


def test_the_database_itself_refuses_less_than_nothing() -> None:
    seed({1: 5})
    for column in ("available", "sold"):
        with pytest.raises(DatabaseError), transaction.atomic():
            Stock.objects.filter(pk=1).update(**{column: -1})


@pytest.mark.parametrize("available", [-1, 10**9 + 1])
def test_an_impossible_count_is_refused(available: int) -> None:
    with pytest.raises(ApiError):
        services.set_stock(sku_id=1, available=available)


def test_the_seed_leaves_what_is_there() -> None:
    assert (seed({1: 5, 2: 6}), seed({1: 50, 2: 60, 3: 7})) == (2, 1)
    assert selectors.available(sku_ids=[1, 2, 3]) == {1: 5, 2: 6, 3: 7}


def test_many_at_once_neither_oversell_nor_lose_a_piece() -> None:
    seed({1: 30, 2: 30, 3: 30})

    def trade(number: int) -> dict[int, int]:
        taken: dict[int, int] = {}
        dice = random.Random(number)
        for _ in range(8):
            wanted = {sku_id: dice.randint(1, 3) for sku_id in dice.sample([1, 2, 3], 2)}
            try:
                with transaction.atomic():
                    services.reserve(quantities=wanted)
            except ApiError:
                continue
            if dice.random() < 0.5:
                with transaction.atomic():
                    services.release(quantities=wanted)
            else:
                for sku_id, quantity in wanted.items():
                    taken[sku_id] = taken.get(sku_id, 0) + quantity
        return taken

    everybody = at_once(20, trade)
    for sku_id, left in selectors.available(sku_ids=[1, 2, 3]).items():
        assert left == 30 - sum(taken.get(sku_id, 0) for taken in everybody) >= 0
