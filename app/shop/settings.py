"""Django settings. Whatever differs between installations comes from the environment (`shop.environment`)."""

import os
from typing import Any

from shop.environment import Mysql, read
from shop.groups import ALL

SHOP = read(os.environ)

SECRET_KEY = SHOP.secret_key
DEBUG = False
ALLOWED_HOSTS = list(SHOP.allowed_hosts)
ROOT_URLCONF = "shop.urls"
WSGI_APPLICATION = "shop.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Only what a serving process uses: each application costs its start time, and its memory. Commands: manage.py.
_STAFF = [
    # Before Django's admin, whose templates it overrides.
    "backoffice.apps.BackofficeConfig",
    "backoffice.administration.ShopAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
]
_JOBS_OF_STAFF = ["backoffice.apps.BackofficeConfig", "django.contrib.sessions"]
INSTALLED_APPS = [
    *{"admin": _STAFF, ALL: _STAFF, "worker": _JOBS_OF_STAFF}.get(
        os.environ.get("SHOP_APPLICATIONS") or SHOP.group, []
    ),
    "cart",
    "catalog",
    "conversations",
    "core",
    "coupons",
    "flash",
    "inventory",
    "logistics",
    "ninja",
    "orders",
    "outbox",
    "payments",
    "recommendations",
    "reviews",
    "search",
    "uploads",
    "users",
]
MIDDLEWARE = ["core.middleware.RequestMiddleware", "django.middleware.security.SecurityMiddleware"]
if SHOP.group in ("admin", ALL):
    # Staff has sessions; buyers have tokens, and their requests are spared all this.
    MIDDLEWARE += [
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_PATH = "/admin"
CSRF_COOKIE_SECURE = True
CSRF_TRUSTED_ORIGINS = [SHOP.url]

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# The balancer ends TLS and nginx on the same host passes the scheme on; nothing else can reach the server.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Whoever came by TLS once comes by it always: nobody on the way can keep a browser from it.
SECURE_HSTS_SECONDS = 30 * 24 * 3600
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"

MEDIA_URL = SHOP.media_url
STATIC_URL = SHOP.static_url
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "core.static.ContentNamedStatic"},
}


def _mysql(server: Mysql, host: str) -> dict[str, Any]:
    """One connection per server thread, kept: managed instances limit connections and opening one is slow."""
    return {
        "ENGINE": "django.db.backends.mysql",
        "HOST": host,
        "PORT": server.port,
        "NAME": server.database,
        "USER": server.user,
        "PASSWORD": server.password,
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "charset": "utf8mb4",
            "connect_timeout": 2,
            "read_timeout": 15,
            "write_timeout": 15,
            # Stock and idempotency rely on each statement seeing what others committed.
            "isolation_level": "read committed",
            "init_command": "SET sql_mode='STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO', "
            "innodb_lock_wait_timeout=5",
        },
    }


DATABASES = {"default": _mysql(SHOP.mysql, SHOP.mysql.host)}
if SHOP.mysql.replica_host:
    DATABASES["replica"] = _mysql(SHOP.mysql, SHOP.mysql.replica_host)
DATABASE_ROUTERS = ["core.replica.ReadsFromReplica"]

DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": "core.logs.JsonFormatter", "environment": SHOP.name, "release": SHOP.release}
    },
    "handlers": {
        "stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "json"}
    },
    "root": {"handlers": ["stdout"], "level": SHOP.log_level},
    "loggers": {
        # The middleware writes one line for each request, errors included; Django's own would be a second.
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.request": {"level": "CRITICAL"},
        "pika": {"level": "CRITICAL"},
        "botocore": {"level": "WARNING"},
        "pymongo": {"level": "WARNING"},
        # What it warns of has the whole address in it, with WeChat's token or the app's secret.
        "urllib3": {"level": "ERROR"},
    },
}
