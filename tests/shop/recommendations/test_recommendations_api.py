"""Recommendations as a client sees them: from the job's lists, and without them."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.conf import LazySettings
from django.test import Client

from catalog.services import product_changed
from core import memory
from inventory.models import Stock
from recommendations import store
from tests.shop.away import caught_up
from tests.shop.catalog.shelf import category, product
from tests.shop.conftest import forget_clients


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    from core.breaker import Breaker

    memory.forget()
    monkeypatch.setattr(store, "_breaker", Breaker(2.0))
    yield
    memory.forget()


@pytest.fixture
def ids() -> dict[str, int]:
    tea = category("tea", "茶叶")
    found = {}
    for name, sold, shelf in (("壳", 3, None), ("膜", 5, None), ("线", 1, None), ("龙井", 90, tea)):
        made = product(name, shelf=shelf)
        Stock.objects.filter(pk=made.skus.get().pk).update(sold=sold)
        product_changed(made.pk)
        found[name] = made.pk
    return found


def names(client: Client, address: str = "/api/v1/recommendations") -> list[str]:
    caught_up()
    answer = client.get(address)
    assert answer.status_code == 200, answer.content
    return [item["name"] for item in answer.json()["items"]]


def test_what_the_job_found_comes_first(client: Client, ids: dict[str, int]) -> None:
    store.write({store.product_key(ids["壳"]): [ids["龙井"], ids["线"]]})
    assert names(client, f"/api/v1/recommendations/{ids['壳']}") == ["龙井", "线", "膜"]


def test_without_orders_best_sellers_of_the_category_come_first(client: Client, ids: dict[str, int]) -> None:
    assert names(client, f"/api/v1/recommendations/{ids['壳']}") == ["膜", "线", "龙井"]
    assert names(client, "/api/v1/recommendations/999999") == ["龙井", "膜", "壳", "线"]


def test_a_guest_gets_what_is_popular(client: Client, ids: dict[str, int]) -> None:
    assert names(client) == ["龙井", "膜", "壳", "线"]
    store.write({store.POPULAR: [ids["线"], ids["壳"]]})
    assert names(client) == ["线", "壳", "龙井", "膜"]


def test_what_went_off_the_shelf_is_not_recommended(client: Client, ids: dict[str, int]) -> None:
    from catalog.models import Product

    store.write({store.POPULAR: [ids["线"], ids["壳"]]})
    Product.objects.filter(pk=ids["线"]).update(on_shelf=False)
    product_changed(ids["线"])
    assert names(client) == ["壳", "龙井", "膜"]


def test_without_redis_there_are_best_sellers(
    client: Client, ids: dict[str, int], settings_: LazySettings
) -> None:
    settings_.SHOP = replace(settings_.SHOP, redis=replace(settings_.SHOP.redis, port=1))
    forget_clients()
    assert names(client) == ["龙井", "膜", "壳", "线"]
    assert names(client, f"/api/v1/recommendations/{ids['壳']}") == ["膜", "线", "龙井"]


@pytest.fixture
def settings_() -> Iterator[LazySettings]:
    from django.conf import settings

    before = settings.SHOP
    yield settings
    settings.SHOP = before
    forget_clients()


def test_a_stranger_without_a_token_is_refused(ids: dict[str, int]) -> None:
    assert Client().get("/api/v1/recommendations").status_code == 401
