"""Where reads go: the replica, unless what is read has just changed, or the replica fails."""

from collections.abc import Callable, Iterator

import pytest
from django.db import OperationalError, connections, transaction
from django.test import Client

from catalog.models import Category
from catalog.services import product_changed
from core import cache, memory, replica
from core.breaker import Breaker
from core.drivers import redis
from core.replica import on_primary, read_from_replica
from tests.shop.away import without_redis, without_replica
from tests.shop.catalog.shelf import product
from tests.shop.conftest import Shop


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replica, "breaker", Breaker(replica.PAUSE_SECONDS))
    memory.forget()


@read_from_replica
def where() -> str:
    return str(Category.objects.all().db)


def test_reads_go_to_the_replica_only_where_they_may() -> None:
    assert where() == "replica"
    assert Category.objects.all().db == "default"
    with on_primary():
        assert where() == "default"
    assert where() == "replica"
    with transaction.atomic():
        assert where() == "default", "a transaction sees what it wrote"


def test_a_selector_inside_another_keeps_the_outer_ones_place() -> None:
    @read_from_replica
    def outer() -> tuple[str, str]:
        with transaction.atomic():
            inner = where()
        return inner, str(Category.objects.all().db)

    assert outer() == ("default", "replica")


def test_without_redis_the_replica_is_read_all_the_same() -> None:
    with without_redis():
        assert where() == "replica"


def test_a_replica_that_is_away_costs_one_try(client: Client) -> None:
    made = product("磨砂手机壳")
    # The change is long ago.
    redis.client().flushdb()
    with without_replica():
        assert client.get(f"/api/v1/products/{made.pk}").json()["name"] == "磨砂手机壳"
        assert not replica.breaker.closed()
        assert where() == "default"


def test_the_replica_is_asked_again_after_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(replica, "breaker", Breaker(10, clock=lambda: now[0]))
    calls: list[str] = []

    @read_from_replica
    def failing() -> str:
        calls.append(str(Category.objects.all().db))
        if calls[-1] == "replica":
            raise OperationalError(2006, "gone away")
        return "answer"

    assert [failing(), failing()] == ["answer"] * 2
    assert calls == ["replica", "default", "default"]
    now[0] += 11
    failing()
    assert calls[3:] == ["replica", "default"]


@pytest.fixture
def lagging(shop: Shop) -> Iterator[Callable[[], None]]:
    """Puts a copy of the database, which hears of nothing more, into the replica's place."""
    copy, found = f"{shop.database}_old", connections["replica"].settings_dict
    before = {name: found[name] for name in ("NAME", "HOST")}

    def freeze() -> None:
        with connections["default"].cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {copy} CHARACTER SET utf8mb4")
            for table in connections["default"].introspection.table_names(cursor):
                if table.startswith("catalog_"):
                    cursor.execute(f"CREATE TABLE {copy}.{table} SELECT * FROM {table}")  # noqa: S608
        connections["replica"].close()
        found.update(NAME=copy, HOST=shop.servers.mysql)

    yield freeze
    connections["replica"].close()
    found.update(before)
    with connections["default"].cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {copy}")


def test_a_change_is_read_from_the_primary_while_the_replica_lags(
    client: Client, lagging: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = product("旧名")
    lagging()

    def rename(name: str) -> set[str]:
        made.name = name
        made.save()
        product_changed(made.pk)
        page = client.get(f"/api/v1/products/{made.pk}").json()
        return {page["name"], client.get("/api/v1/products").json()["items"][0]["name"]}

    assert rename("新名") == {"新名"}
    monkeypatch.setattr(cache, "LAG_SECONDS", -1)
    assert rename("又名") == {"旧名"}, "the copy is what is read otherwise"
