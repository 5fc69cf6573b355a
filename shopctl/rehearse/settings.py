"""The settings of a shop on trial: a database, and nothing else that exists. No secret of the stack is among them."""

from __future__ import annotations

import secrets

from shopctl.rehearse.place import HTTP, INSIDE, MYSQL, PASSWORD, USER

NOBODY = "127.0.0.1"
"""In a container without a network nobody listens there, and whoever asks is told so at once."""


def variables(database: str, release: str) -> dict[str, str]:
    """Whatever app/shop/environment.py asks for; a test holds the two together."""
    return {
        "SHOP_ENVIRONMENT": "rehearsal",
        "SHOP_GROUP": "all",
        "SHOP_RELEASE": release,
        "SHOP_URL": "https://localhost",
        "SHOP_ALLOWED_HOSTS": "localhost",
        "SHOP_SOCKET": f"{INSIDE}/{HTTP}",
        "SHOP_LOG_LEVEL": "WARNING",
        "DJANGO_SECRET_KEY": secrets.token_hex(32),
        "MEDIA_URL": "/media/",
        "STATIC_URL": "/static/",
        "MYSQL_HOST": f"{INSIDE}/{MYSQL}",
        "MYSQL_PORT": "3306",
        "MYSQL_DATABASE": database,
        "MYSQL_USER": USER,
        "MYSQL_PASSWORD": PASSWORD,
        "REDIS_HOST": NOBODY,
        "REDIS_PORT": "6379",
        "RABBITMQ_HOST": NOBODY,
        "RABBITMQ_PORT": "5672",
        "RABBITMQ_VHOST": "rehearsal",
        "RABBITMQ_USER": "rehearsal",
        "RABBITMQ_PASSWORD": "none",
        "MONGODB_HOST": NOBODY,
        "MONGODB_PORT": "27017",
        "MONGODB_DATABASE": "rehearsal",
        "S3_ENDPOINT": f"http://{NOBODY}:9000",
        "S3_REGION": "nowhere",
        "S3_ACCESS_KEY": "none",
        "S3_SECRET_KEY": "none",
        "S3_MEDIA_BUCKET": "rehearsal-media",
        "S3_STATIC_BUCKET": "rehearsal-static",
        "WECHAT_API": f"http://{NOBODY}:9001",
        "WECHAT_PAY_API": f"http://{NOBODY}:9001",
        "WECHAT_APP_ID": "wx0000000000000000",
        "WECHAT_APP_SECRET": "none",
        "WECHAT_MCH_ID": "1900000000",
        "WECHAT_CERTIFICATE_SERIAL": "none",
        "WECHAT_PRIVATE_KEY": _PEM,
        "WECHAT_API_V3_KEY": "0" * 32,
        "WECHAT_PUBLIC_KEY_ID": "none",
        "WECHAT_PUBLIC_KEY": _PEM,
        "WECHAT_PUSH_TOKEN": "none",
        "WECHAT_PUSH_AES_KEY": "0" * 43,
    }


_PEM = "LS0tLS1CRUdJTi0tLS0t"
"""base64 of `-----BEGIN-----`: the form of a key, and no key."""
