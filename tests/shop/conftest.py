"""The shop under test on real servers: MariaDB with a replica, Redis, RabbitMQ, FerretDB and an S3 server.

Each run has its own database, queue host and bucket there, so that runs may go side by side. Django is set up when this
is imported, and pointed at the servers by the `shop` fixture: modules of the shop can be imported anywhere.
"""

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from weakref import WeakSet

import pymysql
import pytest

APP = Path(__file__).resolve().parents[2] / "app"
if str(APP) not in sys.path:
    sys.path.insert(0, str(APP))
os.environ["DJANGO_SETTINGS_MODULE"] = "shop.settings_test"

from core.breaker import Breaker  # noqa: E402

# A test that had Redis away must not make the next one wait for its caches, nor leave them alone.
Breaker.GRACE_SECONDS = 0.0
BREAKERS: "WeakSet[Breaker]" = WeakSet()
_make = Breaker.__init__


def _made(breaker: Breaker, *words: Any, **named: Any) -> None:
    _make(breaker, *words, **named)
    BREAKERS.add(breaker)


Breaker.__init__ = _made  # type: ignore[method-assign]

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, connections  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_test_environment, teardown_test_environment  # noqa: E402

from region.services.rabbitmq_api import api_of  # noqa: E402
from tests.shop import sandbox, servers  # noqa: E402
from tests.shop.live import Live, serving  # noqa: E402
from tests.shop.sandbox import Wechat  # noqa: E402
from tests.shop.servers import PASSWORD, Servers  # noqa: E402

NAME = f"unit_{os.getpid()}"
GUEST = "unit-test-guest-token-0001"


@dataclass(frozen=True)
class Shop:
    """Where the shop under test keeps its things."""

    servers: Servers
    database: str
    vhost: str
    bucket: str
    redis: int


@contextmanager
def _redis_database() -> Iterator[int]:
    """One of the server's 16 databases that no other run on this machine uses."""
    for number in range(16):
        with Path(f"/run/lock/shopctl-tests-shop-redis-{number}").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield number
            return
    raise RuntimeError("all of Redis' databases are in use by other test runs")


@pytest.fixture(scope="session")
def shop() -> Iterator[Shop]:
    """The servers, with a migrated database of this run's own."""
    with servers.running() as found, _redis_database() as redis:
        here = Shop(found, NAME, NAME, f"{NAME.replace('_', '-')}-1250000000", redis)
        _point_at(here)
        root = pymysql.connect(host=found.mysql, user="root", password=PASSWORD, autocommit=True)
        api = api_of(servers.region(), found.hosts["rabbitmq"])
        assert api
        with root, root.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {NAME} CHARACTER SET utf8mb4")
            api.put(f"vhosts/{NAME}", {})
            api.put(f"permissions/{NAME}/shop", {"configure": ".*", "write": ".*", "read": ".*"})
            _s3().create_bucket(Bucket=here.bucket)
            try:
                call_command("migrate", verbosity=0)
                yield here
            finally:
                connections.close_all()
                cursor.execute(f"DROP DATABASE {NAME}")
                api.delete(f"vhosts/{NAME}")
                _mongodb().client.drop_database(NAME)
                forget_clients()


def _point_at(here: Shop) -> None:
    found, shop = here.servers, settings.SHOP
    os.environ["SSL_CERT_FILE"] = found.ca
    mysql = replace(
        shop.mysql,
        host=found.mysql,
        port=3306,
        database=NAME,
        user="root",
        password=PASSWORD,
        replica_host=found.replica,
    )
    settings.SHOP = replace(
        shop,
        mysql=mysql,
        redis=replace(shop.redis, host=found.redis, port=6379, password=PASSWORD, database=here.redis),
        rabbitmq=replace(
            shop.rabbitmq, host=found.rabbitmq, port=5672, vhost=NAME, user="shop", password=PASSWORD
        ),
        mongodb=replace(
            shop.mongodb,
            host=found.mongodb,
            port=found.mongodb_port,
            user="shop",
            password=PASSWORD,
            database=NAME,
        ),
        storage=replace(
            shop.storage,
            endpoint=found.s3,
            access_key=found.s3_access,
            secret_key=found.s3_secret,
            media_bucket=here.bucket,
            static_bucket=here.bucket,
        ),
    )
    for alias, host in (("default", found.mysql), ("replica", found.replica)):
        wanted = {"HOST": host, "PORT": 3306, "NAME": NAME, "USER": "root", "PASSWORD": PASSWORD}
        settings.DATABASES[alias].update(wanted)
        connections.databases[alias].update(wanted)
    forget_clients()


def forget_clients() -> None:
    """Close what the shop's drivers keep open, so that changed settings count."""
    from core.drivers import mongodb, redis, storage

    if mongodb.database.cache_info().currsize:
        mongodb.database().client.close()
    if redis.client.cache_info().currsize:
        redis.client().close()
    from wechat import pay

    for made_once in (redis.client, mongodb.database, storage.client, storage.publisher, pay.client):
        made_once.cache_clear()
    close_circuits()


def close_circuits() -> None:
    """Have everybody asked again, whoever was slow to fail."""
    from cart import store as carts
    from core.drivers import storage
    from reviews import store as reviews
    from wechat import pay, transport

    for one in (carts, reviews, storage, pay, transport):
        one.circuit.reset()


def _s3() -> Any:
    from core.drivers import storage

    return storage.client()


def _mongodb() -> Any:
    from core.drivers import mongodb

    return mongodb.database()


@pytest.fixture(autouse=True)
def clean(shop: Shop) -> Iterator[None]:
    """Each test begins with an empty shop."""
    setup_test_environment()
    yield
    connections.close_all()
    with connection.cursor() as cursor:
        cursor.execute("SET FOREIGN_KEY_CHECKS = 0")
        for table in connection.introspection.table_names(cursor):
            if table not in ("django_migrations", "django_content_type", "auth_permission"):
                cursor.execute(f"DELETE FROM `{table}`")  # noqa: S608 - names that the server told
        cursor.execute("SET FOREIGN_KEY_CHECKS = 1")
    from core.drivers import redis

    redis.client().flushdb()
    for name in _mongodb().list_collection_names():
        _mongodb().drop_collection(name)
    for breaker in BREAKERS:
        breaker.close()
    # A busy machine makes a quick refusal a slow one, of which three rest a server.
    close_circuits()
    connections.close_all()
    teardown_test_environment()


@pytest.fixture(scope="session")
def wechat_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wechat]:
    """The WeChat sandbox of this run."""
    with sandbox.running(tmp_path_factory.mktemp("wechat")) as running:
        yield running


@pytest.fixture
def wechat(shop: Shop, wechat_server: Wechat) -> Iterator[Wechat]:
    """WeChat, which knows nothing yet; the shop is its merchant for the test."""
    before, account = settings.SHOP, wechat_server.account
    wechat_server.reset()
    settings.SHOP = replace(
        before,
        wechat=replace(
            before.wechat,
            api=wechat_server.url,
            app_id=account.app_id,
            app_secret=account.app_secret,
            bridge_url=wechat_server.url,
        ),
        pay=replace(
            before.pay,
            api=wechat_server.url,
            app_id=account.app_id,
            mch_id=account.mch_id,
            certificate_serial=account.certificate_serial,
            private_key=account.private_key,
            api_v3_key=account.api_v3_key,
            public_key_id=account.public_key_id,
            public_key=account.public_key,
        ),
        push=replace(
            before.push,
            app_id=account.app_id,
            token=account.push_token,
            aes_key=account.push_aes_key,
        ),
    )
    forget_clients()
    yield wechat_server
    settings.SHOP = before
    forget_clients()


@pytest.fixture
def live(shop: Shop, clean: None) -> Iterator[Live]:
    """The shop on a port of loopback, for who can't call it in this process: WeChat's notifications, browsers."""
    before = settings.SHOP
    with serving() as running:
        # With `wechat` beside it, in whatever order they were made.
        settings.SHOP = replace(settings.SHOP, url=running.url)
        yield running
        settings.SHOP = replace(settings.SHOP, url=before.url)


@pytest.fixture
def client() -> Client:
    """A mini-program whose user has not logged in."""
    return Client(headers={"X-Guest-Token": GUEST})
