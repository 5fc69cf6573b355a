"""Settings for the tests: the servers that `tests/shop` has running, everything else as in production."""

import os

_DEFAULTS = {
    "SHOP_ENVIRONMENT": "unit",
    "SHOP_URL": "https://shop.test",
    "WECHAT_API": "http://127.0.0.1:1",
    "WECHAT_PAY_API": "http://127.0.0.1:1",
    "WECHAT_APP_ID": "wx0000000000000000",
    "WECHAT_APP_SECRET": "0" * 32,
    "WECHAT_MCH_ID": "1900000001",
    "WECHAT_CERTIFICATE_SERIAL": "0" * 40,
    "WECHAT_PRIVATE_KEY": "LS0tLS1CRUdJTg==",
    "WECHAT_API_V3_KEY": "0" * 32,
    "WECHAT_PUBLIC_KEY_ID": "PUB_KEY_ID_0000000000000000000000000000",
    "WECHAT_PUBLIC_KEY": "LS0tLS1CRUdJTg==",
    "WECHAT_PUSH_TOKEN": "AAAAA",
    "WECHAT_PUSH_AES_KEY": "0" * 43,
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
    "MYSQL_REPLICA_HOST": "127.0.0.1",
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
