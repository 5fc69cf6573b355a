"""Carts that are changed and merged by many at the same time."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from cart import services, store
from cart.store import MAX_LINES, MAX_QUANTITY, Outcome


def _fill(owner: str, quantities: dict[int, int]) -> None:
    for sku_id, quantity in quantities.items():
        outcome = store.put(owner, sku_id=sku_id, quantity=quantity, adding=False, most=MAX_QUANTITY)
        assert outcome is Outcome.DONE


def _at_once(count: int, act: Callable[[int], object]) -> list[object]:
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(act, range(count)))


def test_additions_at_once_are_all_counted_and_stop_at_the_stock() -> None:
    outcomes = _at_once(80, lambda _: store.put("u1", sku_id=7, quantity=1, adding=True, most=50))
    assert outcomes.count(Outcome.DONE) == 50
    assert store.load("u1") == {7: 50}


def test_lines_added_at_once_stop_at_the_limit() -> None:
    outcomes = _at_once(
        MAX_LINES + 30, lambda n: store.put("u1", sku_id=n + 1, quantity=1, adding=True, most=9)
    )
    assert outcomes.count(Outcome.FULL) == 30
    assert len(store.load("u1")) == MAX_LINES


def test_a_merge_sums_within_the_limits_and_leaves_no_guest() -> None:
    _fill("g1", {1: 2, 2: 60, 3: 1})
    _fill("u1", {2: 60, 3: 4, 4: 1})
    assert services.merge(guest_key="g1", user_key="u1") == 3
    assert store.load("u1") == {1: 2, 2: MAX_QUANTITY, 3: 5, 4: 1}
    assert store.load("g1") == {}


def test_a_merge_that_is_repeated_or_comes_twice_at_once_counts_once() -> None:
    _fill("g1", {1: 2, 2: 3})
    _fill("u1", {1: 1})
    moved = _at_once(16, lambda _: services.merge(guest_key="g1", user_key="u1"))
    assert sorted(moved, key=str) == [0] * 15 + [2]
    assert store.load("u1") == {1: 3, 2: 3}


def test_a_merge_does_not_overfill_a_cart() -> None:
    _fill("u1", dict.fromkeys(range(1, MAX_LINES), 1))
    _fill("g1", {5: 1, 1001: 1, 1002: 1})
    services.merge(guest_key="g1", user_key="u1")
    merged = store.load("u1")
    assert len(merged) == MAX_LINES
    assert merged[5] == 2


def test_what_is_added_during_a_merge_is_not_lost() -> None:
    def act(number: int) -> object:
        if number % 4 == 0:
            return services.merge(guest_key="g1", user_key="u1")
        return store.put("g1", sku_id=1, quantity=1, adding=True, most=MAX_QUANTITY)

    _at_once(80, act)
    services.merge(guest_key="g1", user_key="u1")
    assert store.load("u1") == {1: 60}
