"""The shop's settings from the environment: read once, typed, and every mistake reported at once."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from shop.groups import ALL, BY_NAME


class EnvironmentVariablesError(Exception):
    """Variables are missing or malformed; the message lists all of them."""


Address = Path | int
"""Where a process of this host listens: a UNIX socket, or a port of loopback."""


@dataclass(frozen=True)
class Mysql:
    """The primary, and the replica when there is one."""

    host: str
    port: int
    database: str
    user: str
    password: str = field(repr=False)
    replica_host: str


@dataclass(frozen=True)
class Redis:
    """Carts and the catalogue's cache."""

    host: str
    port: int
    password: str = field(repr=False)
    database: int


@dataclass(frozen=True)
class Rabbitmq:
    """The queue between the shop and its worker."""

    host: str
    port: int
    vhost: str
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Mongodb:
    """Reviews and the activity log. An empty user means a server without authentication."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    database: str
    auth_source: str
    auth_mechanism: str


@dataclass(frozen=True)
class ObjectStorage:
    """The buckets, reached path-style over the S3 protocol. Static files are written with the publisher's key."""

    endpoint: str
    region: str
    access_key: str
    secret_key: str = field(repr=False)
    media_bucket: str
    static_bucket: str
    publisher_access_key: str = ""
    publisher_secret_key: str = field(default="", repr=False)


@dataclass(frozen=True)
class Wechat:
    """The shop's account at WeChat and WeChat Pay, in public-key mode. Keys are PEM texts.

    `bridge_url` is where H5 finds what stands in for WeChat's own browser; empty where there is none. `reply_template`
    is the subscription message that tells of an answer of customer service, with the fields thing1 (text) and time2.
    `push_plain` takes pushed messages that are not encrypted, whose content nothing vouches for.
    """

    api: str
    pay_api: str
    app_id: str
    app_secret: str = field(repr=False)
    mch_id: str
    certificate_serial: str
    private_key: str = field(repr=False)
    api_v3_key: str = field(repr=False)
    public_key_id: str
    public_key: str
    push_token: str = field(repr=False)
    push_aes_key: str = field(repr=False)
    bridge_url: str
    reply_template: str = ""
    push_plain: bool = False


@dataclass(frozen=True)
class Environment:
    """Everything that differs between one installation of the shop and another.

    `group` is the process group (`shop.groups`), `url` the shop's public address, `unpaid_minutes` how long an order
    may stay unpaid, `peers` where the groups' processes on this host listen, `socket` where this one does; without
    one it is a port, which is said on the command line.
    """

    name: str
    group: str
    url: str
    unpaid_minutes: int
    peers: dict[str, Address]
    socket: Path | None
    release: str
    secret_key: str = field(repr=False)
    allowed_hosts: tuple[str, ...]
    media_url: str
    static_url: str
    log_level: str
    mysql: Mysql
    redis: Redis
    rabbitmq: Rabbitmq
    mongodb: Mongodb
    storage: ObjectStorage
    wechat: Wechat


# What the kernel takes as a socket's path; without what separates peers.
_SOCKET = r"/[\x21-\x2b\x2d-\x39\x3b-\x7e]{1,106}"


class _Reader:
    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self.problems: list[str] = []

    def text(self, name: str) -> str:
        value = self._variables.get(name, "").strip()
        if not value:
            self.problems.append(f"{name} is missing")
        return value

    def optional(self, name: str, default: str = "") -> str:
        return self._variables.get(name, "").strip() or default

    def port(self, name: str) -> int:
        value = self.text(name)
        if value and not (re.fullmatch(r"[0-9]{1,5}", value) and 0 < int(value) < 65536):
            self.problems.append(f"{name} must be a port number, not {value!r}")
        return int(value) if re.fullmatch(r"[0-9]{1,5}", value) else 0

    def endpoint(self, name: str) -> str:
        value = self.text(name).rstrip("/")
        if value and (urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).hostname):
            self.problems.append(f"{name} must be an http(s) address, not {value!r}")
        return value

    def prefix(self, name: str) -> str:
        """Where a browser finds files: a path on this host or a full address; it always ends in a slash."""
        value = self.text(name)
        if value and not (value.startswith("/") or urlsplit(value).scheme in {"http", "https"}):
            self.problems.append(f"{name} must start with / or http(s)://, not {value!r}")
        return value.rstrip("/") + "/"

    def number(self, name: str, default: int, minimum: int, maximum: int) -> int:
        value = self.optional(name, str(default))
        if not re.fullmatch(r"[0-9]{1,9}", value) or not minimum <= int(value) <= maximum:
            self.problems.append(f"{name} must be a whole number from {minimum} to {maximum}, not {value!r}")
            return default
        return int(value)

    def socket(self, name: str) -> Path | None:
        value = self.optional(name)
        if value and not re.fullmatch(_SOCKET, value):
            self.problems.append(
                f"{name} must be the whole path of a socket (at most 107 bytes), not {value!r}"
            )
        return Path(value) if value else None

    def addresses(self, name: str) -> dict[str, Address]:
        """Names with sockets or ports, as `trade:/run/trade.sock,user:8003`."""
        text = self.optional(name)
        found = dict(re.findall(rf"([a-z]+):({_SOCKET}|[0-9]{{1,5}})(?:,|$)", text))
        if ",".join(f"{peer}:{address}" for peer, address in found.items()) != text:
            self.problems.append(f"{name} must look like trade:/run/trade.sock,user:8003, not {text!r}")
        return {
            peer: int(address) if address.isdecimal() else Path(address) for peer, address in found.items()
        }

    def pem(self, name: str) -> str:
        """A key as base64 of its PEM text: a line of an environment file can't hold more lines."""
        value = self.text(name)
        try:
            text = base64.b64decode(value, validate=True).decode("ascii")
        except ValueError:
            text = ""
        if value and "-----BEGIN" not in text:
            self.problems.append(f"{name} must be base64 of a PEM text")
        return text

    def one_of(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        value = self.optional(name, default)
        if value not in allowed:
            self.problems.append(f"{name} must be one of {', '.join(allowed)}, not {value!r}")
        return value


def read(variables: Mapping[str, str]) -> Environment:
    """Read the settings, or raise one `EnvironmentVariablesError` that names every variable to correct."""
    reader = _Reader(variables)
    secret_key = reader.text("DJANGO_SECRET_KEY")
    if secret_key and len(secret_key) < 32:
        reader.problems.append("DJANGO_SECRET_KEY must have at least 32 characters")
    environment = Environment(
        name=reader.text("SHOP_ENVIRONMENT"),
        group=reader.one_of("SHOP_GROUP", ALL, (*BY_NAME, ALL)),
        url=reader.endpoint("SHOP_URL"),
        unpaid_minutes=reader.number("SHOP_UNPAID_MINUTES", 30, 1, 24 * 60),
        peers=reader.addresses("SHOP_PEERS"),
        socket=reader.socket("SHOP_SOCKET"),
        release=reader.text("SHOP_RELEASE"),
        secret_key=secret_key,
        allowed_hosts=tuple(h.strip() for h in reader.text("SHOP_ALLOWED_HOSTS").split(",") if h.strip()),
        media_url=reader.prefix("MEDIA_URL"),
        static_url=reader.prefix("STATIC_URL"),
        log_level=reader.one_of("SHOP_LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR")),
        mysql=Mysql(
            host=reader.text("MYSQL_HOST"),
            port=reader.port("MYSQL_PORT"),
            database=reader.text("MYSQL_DATABASE"),
            user=reader.text("MYSQL_USER"),
            password=reader.text("MYSQL_PASSWORD"),
            replica_host=reader.optional("MYSQL_REPLICA_HOST"),
        ),
        redis=Redis(
            host=reader.text("REDIS_HOST"),
            port=reader.port("REDIS_PORT"),
            password=reader.optional("REDIS_PASSWORD"),
            database=reader.number("REDIS_DATABASE", 0, 0, 255),
        ),
        rabbitmq=Rabbitmq(
            host=reader.text("RABBITMQ_HOST"),
            port=reader.port("RABBITMQ_PORT"),
            vhost=reader.text("RABBITMQ_VHOST"),
            user=reader.text("RABBITMQ_USER"),
            password=reader.text("RABBITMQ_PASSWORD"),
        ),
        mongodb=Mongodb(
            host=reader.text("MONGODB_HOST"),
            port=reader.port("MONGODB_PORT"),
            user=reader.optional("MONGODB_USER"),
            password=reader.optional("MONGODB_PASSWORD"),
            database=reader.text("MONGODB_DATABASE"),
            auth_source=reader.optional("MONGODB_AUTH_SOURCE", "admin"),
            auth_mechanism=reader.optional("MONGODB_AUTH_MECHANISM"),
        ),
        storage=ObjectStorage(
            endpoint=reader.endpoint("S3_ENDPOINT"),
            region=reader.text("S3_REGION"),
            access_key=reader.text("S3_ACCESS_KEY"),
            secret_key=reader.text("S3_SECRET_KEY"),
            media_bucket=reader.text("S3_MEDIA_BUCKET"),
            static_bucket=reader.text("S3_STATIC_BUCKET"),
            publisher_access_key=reader.optional("S3_PUBLISHER_ACCESS_KEY"),
            publisher_secret_key=reader.optional("S3_PUBLISHER_SECRET_KEY"),
        ),
        wechat=Wechat(
            api=reader.optional("WECHAT_API", "https://api.weixin.qq.com"),
            pay_api=reader.optional("WECHAT_PAY_API", "https://api.mch.weixin.qq.com"),
            app_id=reader.text("WECHAT_APP_ID"),
            app_secret=reader.text("WECHAT_APP_SECRET"),
            mch_id=reader.text("WECHAT_MCH_ID"),
            certificate_serial=reader.text("WECHAT_CERTIFICATE_SERIAL"),
            private_key=reader.pem("WECHAT_PRIVATE_KEY"),
            api_v3_key=reader.text("WECHAT_API_V3_KEY"),
            public_key_id=reader.text("WECHAT_PUBLIC_KEY_ID"),
            public_key=reader.pem("WECHAT_PUBLIC_KEY"),
            push_token=reader.text("WECHAT_PUSH_TOKEN"),
            push_aes_key=reader.text("WECHAT_PUSH_AES_KEY"),
            bridge_url=reader.optional("WECHAT_BRIDGE_URL"),
            reply_template=reader.optional("WECHAT_REPLY_TEMPLATE"),
            push_plain=reader.one_of("WECHAT_PUSH_PLAIN", "no", ("no", "yes")) == "yes",
        ),
    )
    if reader.problems:
        raise EnvironmentVariablesError("the environment is not complete:\n  " + "\n  ".join(reader.problems))
    return environment
