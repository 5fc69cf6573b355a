"""The shop under test: its own database file, a Redis and an S3 server on loopback, nothing else."""

import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

_HERE = Path(__file__).resolve().parent
for folder in (_HERE.parents[2] / "app", _HERE):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

from shop_servers import TOKEN, RedisServer, StorageServer, closed_port  # noqa: E402

_REDIS = RedisServer()
_STORAGE = StorageServer()
_FOLDER = tempfile.mkdtemp(prefix="shop-unit-")
atexit.register(shutil.rmtree, _FOLDER, ignore_errors=True)
os.environ["DJANGO_SETTINGS_MODULE"] = "shop.settings_test"
os.environ["SHOP_TEST_DATABASE"] = f"{_FOLDER}/shop.sqlite3"
os.environ["REDIS_PORT"] = str(_REDIS.port)
os.environ["S3_ENDPOINT"] = f"http://127.0.0.1:{_STORAGE.port}"

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402
from django.test import Client  # noqa: E402

Order = Callable[..., Any]


@pytest.fixture(scope="session")
def _migrated() -> None:
    call_command("migrate", verbosity=0)


@pytest.fixture(autouse=True)
def clean(_migrated: None) -> Iterator[None]:
    """Each test starts with an empty shop."""
    from django.test.utils import setup_test_environment, teardown_test_environment

    setup_test_environment()
    _forget_clients()
    yield
    call_command("flush", interactive=False, verbosity=0)
    _REDIS.data.clear()
    _STORAGE.objects.clear()
    connections.close_all()
    _forget_clients()
    teardown_test_environment()


def _forget_clients() -> None:
    from core.drivers import mongodb, redis, storage

    if mongodb.database.cache_info().currsize:
        mongodb.database().client.close()
    if redis.client.cache_info().currsize:
        redis.client().close()
    for made_once in (redis.client, mongodb.database, storage.client):
        made_once.cache_clear()


@pytest.fixture
def redis_server() -> RedisServer:
    """The Redis that the shop talks to."""
    return _REDIS


@pytest.fixture
def storage_server() -> StorageServer:
    """The object storage that the shop talks to."""
    return _STORAGE


@pytest.fixture
def client() -> Client:
    """A mini-program of one buyer."""
    return Client(headers={"X-Buyer-Token": TOKEN})


@pytest.fixture
def redis_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """Redis is at a port where nothing listens."""
    server = replace(settings.SHOP.redis, port=closed_port())
    monkeypatch.setattr(settings, "SHOP", replace(settings.SHOP, redis=server))
    _forget_clients()


@pytest.fixture
def product() -> Callable[..., int]:
    """Put a product on sale; gives its identifier."""
    from catalog.models import Category, Product, Stock

    def make(*, sku: str = "T-1", price_fen: int = 1990, stock: int = 10, active: bool = True) -> int:
        shelf, _ = Category.objects.get_or_create(slug="tea", defaults={"name": "茶叶"})
        values = {"name": f"龙井 {sku}", "category": shelf, "price_fen": price_fen, "image_key": "p/t.svg"}
        made = Product.objects.create(sku=sku, active=active, **values)
        Stock.objects.create(product=made, available=stock)
        return int(made.pk)

    return make


@pytest.fixture
def order(client: Client) -> Order:
    """Place an order over HTTP."""

    def place(items: list[tuple[int, int]] | None, *, key: str = "key-00001", by: Client = client) -> Any:
        body = {} if items is None else {"items": [{"product_id": p, "quantity": q} for p, q in items]}
        headers = {"Idempotency-Key": key}
        return by.post("/api/v1/orders", body, content_type="application/json", headers=headers)

    return place
