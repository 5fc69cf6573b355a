"""Where reads go: to the replica while it answers, to the primary when it doesn't, never for an order."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections, transaction

from core import replica


@pytest.fixture
def replica_file(tmp_path: Path) -> Iterator[Path]:
    """A replica that lags behind: a copy of the database, made when the test asks for it."""
    path = tmp_path / "replica.sqlite3"
    source = connections.databases["default"]
    connections.databases["replica"] = {**source, "NAME": str(path), "TEST": dict(source["TEST"])}
    settings.DATABASES["replica"] = connections.databases["replica"]
    yield path
    connections["replica"].close()
    del connections["replica"]
    del connections.databases["replica"]
    settings.DATABASES.pop("replica", None)
    replica.breaker = replica.Breaker()


def copy_to(path: Path) -> None:
    with sqlite3.connect(settings.DATABASES["default"]["NAME"]) as source, sqlite3.connect(path) as copy:
        source.backup(copy)
    source.close()
    copy.close()


def stock(client, product_id: int) -> int:
    return int(client.get(f"/api/v1/products/{product_id}").json()["stock"])


def test_the_catalogue_is_read_from_the_replica_and_orders_are_not(client, product, order, replica_file):
    tea = product(stock=2)
    copy_to(replica_file)
    placed = order([(tea, 2)])
    assert stock(client, tea) == 2, "the replica has not heard of the order yet"
    assert client.get(f"/api/v1/orders/{placed.json()['number']}").status_code == 200
    assert order([(tea, 1)], key="key-00002").json()["error"]["code"] == "out_of_stock"


def test_a_dead_replica_costs_one_attempt(client, product, replica_file):
    """The replica's file has no tables, so every read of it fails."""
    tea = product(stock=7)
    assert stock(client, tea) == 7
    copy_to(replica_file)
    product(sku="T-2")
    assert len(client.get("/api/v1/products").json()["items"]) == 2, "left alone for a while"


def test_reads_within_a_transaction_see_its_writes(product, replica_file):
    from catalog import selectors
    from catalog.models import Product

    tea = product()
    copy_to(replica_file)
    with transaction.atomic():
        Product.objects.filter(pk=tea).update(price_fen=77)
        assert selectors.product(product_id=tea)["price_fen"] == 77


def test_readiness_reports_the_replica_without_needing_it(client, replica_file):
    replica_file.mkdir()
    answered = client.get("/readyz").json()
    assert answered["ready"] is True
    assert answered["dependencies"]["replica"] != "ok"


def test_the_replica_is_asked_again_after_a_while():
    now = [0.0]
    breaker = replica.Breaker(clock=lambda: now[0])
    breaker.open()
    assert not breaker.closed()
    now[0] = replica.PAUSE_SECONDS
    assert breaker.closed()
