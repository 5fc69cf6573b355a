"""Where reads go: the replica, unless the reader has just written, or the replica fails."""

from collections.abc import Callable, Iterator

import pytest
from django.db import OperationalError, connections, transaction
from django.test import Client

from catalog.models import Category
from catalog.services import product_changed
from core import cache, memory, replica
from core.breaker import Breaker
from core.drivers import redis
from core.replica import on_primary, pin, read_from_replica
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


@read_from_replica(owner="user_id")
def own(*, user_id: int) -> str:
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
    def outer() -> tuple[str, str, str]:
        return where(), own(user_id=7), str(Category.objects.all().db)

    assert outer() == ("replica", "replica", "replica")
    pin(7)
    assert outer() == ("replica", "default", "replica")


def test_who_wrote_reads_the_primary_for_a_while() -> None:
    assert own(user_id=7) == "replica"
    with transaction.atomic():
        pin(7)
        assert redis.client().get("pin:7") is None, "before the commit there is nothing to read"
    assert own(user_id=7) == "default"
    assert own(user_id=8) == "replica"
    assert 0 < redis.client().ttl("pin:7") <= replica.PIN_SECONDS
    redis.client().delete("pin:7")
    assert own(user_id=7) == "replica"


def test_a_write_that_was_rolled_back_pins_nobody() -> None:
    with transaction.atomic():
        pin(7)
        transaction.set_rollback(True)
    assert own(user_id=7) == "replica"


def test_without_redis_owners_read_the_primary() -> None:
    with without_redis():
        pin(7)
        assert own(user_id=7) == "default"
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
    monkeypatch.setattr(cache, "PIN_SECONDS", -1)
    assert rename("又名") == {"旧名"}, "the copy is what is read otherwise"
