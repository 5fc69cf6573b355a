"""With 20,000 products, no query of the catalogue's addresses reads a table from end to end."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog import jobs
from catalog.models import Product
from catalog.searchable import changed_since, state
from core import memory, replica
from core.breaker import Breaker
from core.drivers import redis
from search.keeper import keeper

LARGE = {"catalog_product", "catalog_sku", "catalog_productimage", "inventory_stock"}
ADDRESSES = (
    "/home",
    "/categories",
    *(
        f"/products?sort={sort}{where}"
        for sort in ("default", "price", "-price", "sales", "newest")
        for where in ("", "&category=many-3", "&category=many", "&page=300")
    ),
    "/products/{id}",
    "/search?q=手机壳&category=many-1&in_stock=true&min_price_fen=100&sort=price",
    "/search/suggestions?q=手机",
    "/recommendations",
    "/recommendations/{id}",
)
MOST_QUERIES = 7


def test_every_query_of_every_address_uses_an_index(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    # The replica would be minutes behind after this.
    monkeypatch.setattr(replica, "breaker", Breaker(3600))
    replica.breaker.open()
    call_command("seed_many", products=20_000, stdout=StringIO())
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE TABLE {', '.join(sorted(LARGE))}")
    memory.forget()
    keeper.forget()
    product = Product.objects.order_by("pk")[10_000]
    wrong: list[str] = []
    for address in ADDRESSES:
        redis.client().flushdb()
        captured = capture(lambda a=address: client.get(f"/api/v1{a.format(id=product.pk)}"))
        if "search" not in address and len(captured) > MOST_QUERIES:
            wrong.append(f"{address}: {len(captured)} queries")
        wrong += [f"{address}: {problem}" for sql in captured for problem in scans(sql)]
    # What the index and the jobs read is read over and over as well.
    assert product.updated_at
    for act in (state, lambda: changed_since(product.updated_at), jobs.refresh_summaries):
        wrong += [problem for sql in capture(act)[:40] for problem in scans(sql)]
    assert wrong == []
    assert scans("SELECT id FROM catalog_product WHERE subtitle = 'x'"), "this test would notice"


def capture(act: object) -> list[str]:
    """The queries that a call makes, on either server."""
    both = [CaptureQueriesContext(connections[alias]) for alias in ("default", "replica")]
    with both[0], both[1]:
        answer = act()  # type: ignore[operator]
    assert getattr(answer, "status_code", 200) == 200, answer.content
    return [found["sql"] for one in both for found in one if found["sql"].startswith("SELECT")]


def scans(sql: str) -> list[str]:
    """What a plan reads that it should not: a large table from end to end, or much more of an index than it needs."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql.replace('%', '%%')}" if "%" in sql else f"EXPLAIN {sql}")
        names = [column[0] for column in cursor.description]
        plan = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return [f"{step} in {sql[:300]}" for step in plan if step["table"] in LARGE and step["type"] == "ALL"]
