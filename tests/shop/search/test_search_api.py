"""The search as a client sees it, and how it keeps up with the catalogue."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from django.db import connections
from django.test import Client

from catalog.models import Product
from catalog.services import CHANGED, product_changed
from core import memory
from core.drivers.rabbitmq import Broker, Delivery
from search import keeper as module
from search import listening, popular
from search.keeper import keeper
from tests.shop.away import caught_up, without_redis
from tests.shop.catalog.shelf import category, product


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    memory.forget()
    keeper.forget()
    yield
    memory.forget()
    keeper.forget()
    keeper.in_background = False


def names(client: Client, query: str) -> list[str]:
    memory.forget()
    caught_up()
    answer = client.get(f"/api/v1/search?{query}")
    assert answer.status_code == 200, answer.content
    return [card["name"] for card in answer.json()["items"]]


def test_a_buyer_finds_by_words_parts_and_attributes(client: Client) -> None:
    product("磨砂手机壳", 2990, attributes={"颜色": "曜石黑"}, shelf=category("cases", "保护套"))
    product("快充数据线", 1990, subtitle="编织线身")
    for text in ("手机壳", "机壳", "磨砂", "曜石黑", "保护套"):
        assert names(client, f"q={text}") == ["磨砂手机壳"], text
    assert names(client, "q=编织") == ["快充数据线"]
    assert sorted(names(client, "q=")) == ["快充数据线", "磨砂手机壳"]
    assert names(client, "q=冰箱") == []


def test_filters_pages_and_cards(client: Client) -> None:
    digital = category()
    cases = category("cases", "手机壳", parent=digital)
    product("甲手机壳", 3000, shelf=cases)
    product("乙手机壳", 1000, shelf=cases, stock=0)
    product("丙手机壳", 2000, shelf=category("tea", "茶"))
    assert names(client, "q=手机壳&category=digital&sort=price") == ["乙手机壳", "甲手机壳"]
    assert names(client, "q=手机壳&in_stock=true&sort=-price") == ["甲手机壳", "丙手机壳"]
    assert names(client, "q=手机壳&min_price_fen=1500&max_price_fen=2500") == ["丙手机壳"]
    caught_up()
    page = client.get("/api/v1/search?q=手机壳&sort=price&page=2&page_size=2").json()
    assert (page["total"], page["page"], [card["name"] for card in page["items"]]) == (3, 2, ["甲手机壳"])
    assert page["items"][0]["image_url"].startswith("https://cdn.test/media/products/")


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ("q=" + "长" * 65, 400, "q"),
        ("sort=default", 400, "sort"),
        ("min_price_fen=-1", 400, "min_price_fen"),
        ("max_price_fen=99999999999", 400, "max_price_fen"),
        ("page=0", 400, "page"),
        ("page_size=51", 400, "page_size"),
        ("in_stock=maybe", 400, "in_stock"),
        ("category=none", 404, "category"),
    ],
)
def test_bad_searches_are_refused(client: Client, query: str, status: int, field: str) -> None:
    answer = client.get(f"/api/v1/search?{query}")
    assert (answer.status_code, answer.json()["error"]["field"]) == (status, field)


def test_what_went_off_the_shelf_is_not_shown_even_before_the_index_knows(client: Client) -> None:
    made = product("磨砂手机壳")
    assert names(client, "q=手机壳") == ["磨砂手机壳"]
    keeper.in_background = True
    Product.objects.filter(pk=made.pk).update(listed=False)
    assert names(client, "q=手机壳") == []


def test_suggestions(client: Client) -> None:
    product("磨砂手机壳")
    product("手机支架")
    found = client.get("/api/v1/search/suggestions?q=手机").json()["items"]
    assert {"手机壳", "手机支架", "磨砂手机壳"} <= set(found)
    assert client.get("/api/v1/search/suggestions").json() == {"items": []}


def test_suggestions_follow_the_names(client: Client) -> None:
    row = product("磨砂手机壳")
    # The categories' names are read from the replica, and one that comes late makes the terms anew.
    caught_up()
    keeper.check()
    before = keeper._vocabulary
    keeper.check()
    assert keeper._vocabulary is before, "made again though no name changed"
    Product.objects.filter(pk=row.pk).update(name="磨砂耳机套")
    keeper.refresh([row.pk])
    keeper.check()
    memory.forget()
    assert client.get("/api/v1/search/suggestions?q=磨砂").json()["items"] == [
        "磨砂",
        "磨砂耳机",
        "磨砂耳机套",
    ]
    Product.objects.filter(pk=row.pk).update(listed=False)
    keeper.refresh([row.pk])
    keeper.check()
    memory.forget()
    assert client.get("/api/v1/search/suggestions?q=磨砂").json()["items"] == []


def test_what_many_search_for_is_suggested(client: Client) -> None:
    product("磨砂手机壳")
    for text in ("磨砂 手机壳", "没有这个"):
        for _ in range(popular.AT_LEAST):
            names(client, f"q={text}")
    keeper.check()
    suggested = client.get("/api/v1/search/suggestions?q=磨砂").json()["items"]
    assert "磨砂 手机壳" in suggested
    assert client.get("/api/v1/search/suggestions?q=没有").json()["items"] == []


def test_without_redis_the_search_goes_on(client: Client) -> None:
    product("磨砂手机壳")
    with without_redis():
        assert names(client, "q=手机壳") == ["磨砂手机壳"]


def test_first_requests_wait_for_one_index(monkeypatch: pytest.MonkeyPatch) -> None:
    product("磨砂手机壳")
    caught_up()
    built: list[float] = []
    real = module.Keeper._rebuild

    def slow(self: module.Keeper) -> object:
        built.append(time.monotonic())
        time.sleep(0.2)
        return real(self)

    monkeypatch.setattr(module.Keeper, "_rebuild", slow)
    answers: list[list[str]] = []

    def ask() -> None:
        answers.append([card["name"] for card in Client().get("/api/v1/search?q=机壳").json()["items"]])
        connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [["磨砂手机壳"]] * 6
    assert len(built) == 1


def test_a_lost_message_heals_at_the_next_check(client: Client) -> None:
    kept, gone = product("磨砂手机壳"), product("透明手机壳")
    assert len(names(client, "q=手机壳")) == 2
    kept.name = "皮革手机壳"
    kept.save()
    gone.skus.all().delete()
    gone.images.all().delete()
    Product.objects.filter(pk=gone.pk).delete()
    product("全新手机壳")
    assert "全新手机壳" not in names(client, "q=手机壳")
    keeper.check()
    assert sorted(names(client, "q=手机壳")) == ["全新手机壳", "皮革手机壳"]


def test_a_category_that_was_moved_or_renamed_is_followed(client: Client) -> None:
    old, new = category("old", "旧柜"), category("new", "新柜")
    cases = category("cases", "手机壳", parent=old)
    product("磨砂", shelf=cases)
    assert names(client, "q=旧柜") == names(client, "category=old") == ["磨砂"]
    cases.parent = new
    cases.save()
    listening.heard(CHANGED, {"product_ids": []})
    assert names(client, "q=旧柜") == names(client, "category=old") == []
    assert names(client, "q=新柜") == names(client, "category=new") == ["磨砂"]


@pytest.mark.parametrize("in_background", [False, True])
def test_requests_check_where_nobody_does(
    client: Client, monkeypatch: pytest.MonkeyPatch, in_background: bool
) -> None:
    product("磨砂手机壳")
    assert names(client, "q=手机壳") == ["磨砂手机壳"]
    product("透明手机壳")
    keeper.in_background = in_background
    assert names(client, "q=手机壳") == ["磨砂手机壳"]
    monkeypatch.setattr(module, "CHECK_SECONDS", 0.0)
    assert len(names(client, "q=手机壳")) == 2


def test_a_broadcast_is_followed_at_once(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "CHECK_SECONDS", 3600)
    check, checked = listening.check, list[int]()

    def counted() -> None:
        check()
        checked.append(1)

    monkeypatch.setattr(listening, "check", counted)
    made = product("磨砂手机壳")
    broker = Broker()
    stop = listening.start()
    try:
        # The listener checks, too, when it has connected: only after that does this show that it listens.
        assert eventually(lambda: len(checked) == 2)
        assert names(client, "q=手机壳") == ["磨砂手机壳"]
        made.name = "皮革表带"
        made.save()
        product_changed(made.pk)
        assert names(client, "q=表带") == []
        broker.broadcast(Delivery("1", CHANGED, {"product_ids": [made.pk]}))
        assert eventually(lambda: names(client, "q=表带") == ["皮革表带"])
        assert names(client, "q=手机壳") == []
    finally:
        stop.set()
        broker.close()


def test_a_sold_out_product_shows_at_once_on_its_page(client: Client) -> None:
    from inventory.models import Stock
    from inventory.services import CHANGED as STOCK_CHANGED

    made = product("磨砂手机壳", stock=1)
    address = f"/api/v1/products/{made.pk}"
    assert client.get(address).json()["skus"][0]["stock"] == 1
    sku = made.skus.get()
    Stock.objects.filter(pk=sku.pk).update(available=0)
    listening.heard(STOCK_CHANGED, {"sku_ids": [sku.pk]})
    page = client.get(address).json()
    assert (page["skus"][0]["stock"], page["in_stock"]) == (0, False)


def eventually(condition: Callable[[], bool], seconds: float = 60) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
