"""The shop's settings from the environment: read once, typed, and every mistake reported at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shop.groups import ALL, BY_NAME
from shop.needs import SECRETS, USES, Part
from shop.variables import Address, Reader


class EnvironmentVariablesError(Exception):
    """Variables are missing or malformed; the message lists all of them."""


class WithheldError(Exception):
    """A process asked for something that its group is not given: `shop.needs` says who uses what."""


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
    """The mini-program at WeChat.

    `bridge_url` is where H5 finds what stands in for WeChat's own browser; empty where there is none. `reply_template`
    is the subscription message that tells of an answer of customer service, with the fields thing1 (text) and time2.
    """

    api: str
    app_id: str
    app_secret: str = field(repr=False)
    bridge_url: str
    reply_template: str = ""


@dataclass(frozen=True)
class Pay:
    """The shop's account at WeChat Pay, in public-key mode. Keys are PEM texts."""

    api: str
    app_id: str
    mch_id: str
    certificate_serial: str
    private_key: str = field(repr=False)
    api_v3_key: str = field(repr=False)
    public_key_id: str
    public_key: str


@dataclass(frozen=True)
class Push:
    """What WeChat signs and encrypts pushed events with. `plain` takes those too that are not encrypted, whose content
    nothing vouches for."""

    app_id: str
    token: str = field(repr=False)
    aes_key: str = field(repr=False)
    plain: bool = False


class Withheld:
    """Stands for what a process is not given, and says so to who asks for it."""

    def __init__(self, group: str, part: Part) -> None:
        self._said = f"the {group} processes are not given {', '.join(SECRETS[part])}: see shop/needs.py"

    def __getattr__(self, name: str) -> Any:
        raise WithheldError(self._said)


@dataclass(frozen=True)
class Environment:
    """Everything that differs between one installation of the shop and another.

    `group` is the process group (`shop.groups`), `url` the shop's public address, `unpaid_minutes` how long an order
    may stay unpaid, `peers` where the groups' processes on this host listen, `socket` where this one does; without
    one it is a port, which is said on the command line. `web_threads` is how many requests have a thread at once; 0
    where nothing serves them. What the group does not use refuses to be read.
    """

    name: str
    group: str
    url: str
    unpaid_minutes: int
    peers: dict[str, Address]
    socket: Path | None
    web_threads: int
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
    pay: Pay
    push: Push


def read(variables: Mapping[str, str]) -> Environment:
    """Read the settings, or raise one `EnvironmentVariablesError` that names every variable to correct.

    A command (`manage.py`), whose container may be any group's, is given what is there.
    """
    reader = Reader(variables)
    group = reader.one_of("SHOP_GROUP", ALL, (*BY_NAME, ALL))
    command = bool(reader.optional("SHOP_APPLICATIONS"))

    def gets(part: Part) -> bool:
        if command and part is not Part.MYSQL:
            return all(name in variables for name in SECRETS[part])
        return part in USES.get(group, ())

    def given(part: Part, section: Callable[[Reader], Any]) -> Any:
        return section(reader) if gets(part) else Withheld(group, part)

    environment = Environment(
        name=reader.text("SHOP_ENVIRONMENT"),
        group=group,
        url=reader.endpoint("SHOP_URL"),
        unpaid_minutes=reader.number("SHOP_UNPAID_MINUTES", 30, 1, 24 * 60),
        peers=reader.addresses("SHOP_PEERS"),
        socket=reader.socket("SHOP_SOCKET"),
        web_threads=reader.number("SHOP_WEB_THREADS", 0, 0, 1024),
        release=reader.text("SHOP_RELEASE"),
        # Empty, it is Django that refuses to use it.
        secret_key=_secret_key(reader) if gets(Part.SESSIONS) else "",
        allowed_hosts=tuple(h.strip() for h in reader.text("SHOP_ALLOWED_HOSTS").split(",") if h.strip()),
        media_url=reader.prefix("MEDIA_URL"),
        static_url=reader.prefix("STATIC_URL"),
        log_level=reader.one_of("SHOP_LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR")),
        mysql=given(Part.MYSQL, _mysql),
        redis=given(Part.REDIS, _redis),
        rabbitmq=given(Part.RABBITMQ, _rabbitmq),
        mongodb=given(Part.MONGODB, _mongodb),
        storage=given(Part.S3, _storage),
        wechat=given(Part.WECHAT, _wechat),
        pay=given(Part.PAY, _pay),
        push=given(Part.PUSH, _push),
    )
    if reader.problems:
        raise EnvironmentVariablesError("the environment is not complete:\n  " + "\n  ".join(reader.problems))
    return environment


def _secret_key(reader: Reader) -> str:
    key = reader.text("DJANGO_SECRET_KEY")
    if key and len(key) < 32:
        reader.problems.append("DJANGO_SECRET_KEY must have at least 32 characters")
    return key


def _mysql(reader: Reader) -> Mysql:
    return Mysql(
        host=reader.text("MYSQL_HOST"),
        port=reader.port("MYSQL_PORT"),
        database=reader.text("MYSQL_DATABASE"),
        user=reader.text("MYSQL_USER"),
        password=reader.text("MYSQL_PASSWORD"),
        replica_host=reader.optional("MYSQL_REPLICA_HOST"),
    )


def _redis(reader: Reader) -> Redis:
    return Redis(
        host=reader.text("REDIS_HOST"),
        port=reader.port("REDIS_PORT"),
        password=reader.optional("REDIS_PASSWORD"),
        database=reader.number("REDIS_DATABASE", 0, 0, 255),
    )


def _rabbitmq(reader: Reader) -> Rabbitmq:
    return Rabbitmq(
        host=reader.text("RABBITMQ_HOST"),
        port=reader.port("RABBITMQ_PORT"),
        vhost=reader.text("RABBITMQ_VHOST"),
        user=reader.text("RABBITMQ_USER"),
        password=reader.text("RABBITMQ_PASSWORD"),
    )


def _mongodb(reader: Reader) -> Mongodb:
    return Mongodb(
        host=reader.text("MONGODB_HOST"),
        port=reader.port("MONGODB_PORT"),
        user=reader.optional("MONGODB_USER"),
        password=reader.optional("MONGODB_PASSWORD"),
        database=reader.text("MONGODB_DATABASE"),
        auth_source=reader.optional("MONGODB_AUTH_SOURCE", "admin"),
        auth_mechanism=reader.optional("MONGODB_AUTH_MECHANISM"),
    )


def _storage(reader: Reader) -> ObjectStorage:
    return ObjectStorage(
        endpoint=reader.endpoint("S3_ENDPOINT"),
        region=reader.text("S3_REGION"),
        access_key=reader.text("S3_ACCESS_KEY"),
        secret_key=reader.text("S3_SECRET_KEY"),
        media_bucket=reader.text("S3_MEDIA_BUCKET"),
        static_bucket=reader.text("S3_STATIC_BUCKET"),
        publisher_access_key=reader.optional("S3_PUBLISHER_ACCESS_KEY"),
        publisher_secret_key=reader.optional("S3_PUBLISHER_SECRET_KEY"),
    )


def _wechat(reader: Reader) -> Wechat:
    return Wechat(
        api=reader.optional("WECHAT_API", "https://api.weixin.qq.com"),
        app_id=reader.text("WECHAT_APP_ID"),
        app_secret=reader.text("WECHAT_APP_SECRET"),
        bridge_url=reader.optional("WECHAT_BRIDGE_URL"),
        reply_template=reader.optional("WECHAT_REPLY_TEMPLATE"),
    )


def _pay(reader: Reader) -> Pay:
    return Pay(
        api=reader.optional("WECHAT_PAY_API", "https://api.mch.weixin.qq.com"),
        app_id=reader.text("WECHAT_APP_ID"),
        mch_id=reader.text("WECHAT_MCH_ID"),
        certificate_serial=reader.text("WECHAT_CERTIFICATE_SERIAL"),
        private_key=reader.pem("WECHAT_PRIVATE_KEY"),
        api_v3_key=reader.text("WECHAT_API_V3_KEY"),
        public_key_id=reader.text("WECHAT_PUBLIC_KEY_ID"),
        public_key=reader.pem("WECHAT_PUBLIC_KEY"),
    )


def _push(reader: Reader) -> Push:
    return Push(
        app_id=reader.text("WECHAT_APP_ID"),
        token=reader.text("WECHAT_PUSH_TOKEN"),
        aes_key=reader.text("WECHAT_PUSH_AES_KEY"),
        plain=reader.one_of("WECHAT_PUSH_PLAIN", "no", ("no", "yes")) == "yes",
    )
