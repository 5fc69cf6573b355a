"""Settings for the unit tests: SQLite in place of MySQL, everything else as in production.

Not exercised here: row locks and SKIP LOCKED (SQLite has one writer at a time), deadlocks of a server, the
connection's MySQL options, RabbitMQ, MongoDB. They need the real servers of a region.
Redis and object storage are reached over real sockets; the tests start small servers and set their ports.
"""

import os

_DEFAULTS = {
    "SHOP_ENVIRONMENT": "unit",
    "SHOP_RELEASE": "unit-test",
    "SHOP_ALLOWED_HOSTS": "testserver",
    "DJANGO_SECRET_KEY": "only-for-unit-tests-" + "x" * 20,
    "MEDIA_URL": "https://cdn.test/media/",
    "STATIC_URL": "https://cdn.test/static/",
    "SHOP_LOG_LEVEL": "ERROR",
    "MYSQL_HOST": "127.0.0.1",
    "MYSQL_PORT": "1",
    "MYSQL_DATABASE": "shop",
    "MYSQL_USER": "shop",
    "MYSQL_PASSWORD": "unused",
    "REDIS_HOST": "127.0.0.1",
    "REDIS_PORT": "1",
    "RABBITMQ_HOST": "127.0.0.1",
    "RABBITMQ_PORT": "1",
    "RABBITMQ_VHOST": "/",
    "RABBITMQ_USER": "shop",
    "RABBITMQ_PASSWORD": "unused",
    "MONGODB_HOST": "127.0.0.1",
    "MONGODB_PORT": "1",
    "MONGODB_DATABASE": "shop",
    "S3_ENDPOINT": "http://127.0.0.1:1",
    "S3_REGION": "ap-guangzhou",
    "S3_ACCESS_KEY": "unit",
    "S3_SECRET_KEY": "unit-test-secret",
    "S3_MEDIA_BUCKET": "shop-media-1",
    "S3_STATIC_BUCKET": "shop-static-1",
}
for _name, _value in _DEFAULTS.items():
    os.environ.setdefault(_name, _value)

from shop.settings import *  # noqa: E402, F403

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("SHOP_TEST_DATABASE", ":memory:"),
        # Writers queue up as they would for a row's lock, instead of failing.
        "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE"},
    }
}
