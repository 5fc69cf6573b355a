"""The stack's outputs, typed: the only thing that the rest of the house reads of the stack."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError
from pydantic.alias_generators import to_camel


class OutputsError(Exception):
    """The stack's outputs are not what this version of the program exports."""


class _Part(BaseModel):
    # Unknown outputs are let through, so that an older checkout can still look at a newer stack.
    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True)


class LoadBalancer(_Part):
    """The way in: its VIP is what the shop's domain points to."""

    id: str
    vip: str
    domain: str


class Cdn(_Part):
    """The CDN's domain and the CNAME that public DNS must give it."""

    domain: str
    cname: str


class Host(_Part):
    """One CVM."""

    name: str
    role: Literal["web", "ops"]
    zone: str
    address: str
    instance_id: str
    type: str
    image: str


class Operator(_Part):
    """Who reaches the hosts, and whether by way of the ops host."""

    bastion: bool
    cidrs: tuple[str, ...]


class Account(_Part):
    """Who may come into a service, and with what."""

    user: str
    password: SecretStr


class MysqlReplica(_Part):
    """The read-only instance."""

    host: str
    port: int
    address: str


class Mysql(_Part):
    """The primary, and the replica where there is one; an account for each of the shop's process groups, and for who
    else has a task there."""

    host: str
    port: int
    address: str
    database: str
    root_password: SecretStr
    groups: Mapping[str, Account]
    migrator: Account
    monitor: Account
    backup: Account
    replica: MysqlReplica | None = None


class Redis(_Part):
    """The cache."""

    host: str
    port: int
    password: SecretStr


class Mongodb(_Part):
    """The document store: the shop's account, and its administrator's."""

    host: str
    port: int
    user: str
    password: SecretStr
    database: str
    admin: Account


class Rabbitmq(_Part):
    """The message queue: the shop's user, and one that sees how it is."""

    host: str
    port: int
    vhost: str
    user: str
    password: SecretStr
    monitor: Account


class Buckets(_Part):
    """The buckets by what they hold."""

    media: str
    static: str
    backups: str


class StorageKey(_Part):
    """What opens the object store for one of its users."""

    access_key: str
    secret_key: SecretStr


class StorageKeys(_Part):
    """Who works with the store; each key opens what that one needs and nothing else."""

    app: StorageKey
    publisher: StorageKey
    backup: StorageKey
    restore: StorageKey
    keeper: StorageKey


class Storage(_Part):
    """The object store, spoken to as S3. What is written to backups is locked for `backup_lock_days`."""

    endpoint: str
    region: str
    users: StorageKeys
    buckets: Buckets
    backup_lock_days: int
    media_url: str
    static_url: str


class Registry(_Part):
    """The registry of the shop's releases: images are called `host/repository@digest`."""

    host: str
    repository: str
    user: str
    password: SecretStr


class Wechat(_Part):
    """The shop's account at WeChat and WeChat Pay; keys are PEM texts. `bridge_url` is empty in the cloud."""

    app_id: str
    app_secret: SecretStr
    mch_id: str
    certificate_serial: str
    private_key: SecretStr
    api_v3_key: SecretStr
    public_key_id: str
    public_key: str
    push_token: SecretStr
    push_aes_key: SecretStr
    bridge_url: str = ""


class StackOutputs(_Part):
    """Everything that the stack tells."""

    environment: str
    region: str
    address: str
    domain: str
    cdn_domain: str
    dns_zone: str
    load_balancer: LoadBalancer
    cdn: Cdn
    hosts: tuple[Host, ...]
    operator: Operator
    mysql: Mysql
    redis: Redis
    mongodb: Mongodb
    rabbitmq: Rabbitmq
    storage: Storage
    # A stack that was brought up before there was one has none, and can be looked at all the same.
    registry: Registry | None = None
    django_secret_key: SecretStr
    admin: Account
    wechat: Wechat

    @classmethod
    def parse(cls, outputs: Mapping[str, Any]) -> "StackOutputs":
        """From the plain values of `pulumi stack output --json --show-secrets`."""
        try:
            return cls.model_validate(dict(outputs))
        except ValidationError as error:
            # Pydantic's own text would show the values, and some of them are secrets.
            fields = ", ".join(
                f"{'.'.join(str(part) for part in finding['loc'])} ({finding['type']})"
                for finding in error.errors()
            )
            raise OutputsError(
                f"the stack's outputs are incomplete: {fields}; bring the stack up again"
            ) from None

    def revealed(self) -> dict[str, Any]:
        """The plain values again, secrets and all, under their exported names; `parse` undoes this."""
        return {name: _revealed(value) for name, value in self.model_dump(by_alias=True).items()}


def _revealed(value: Any) -> Any:
    match value:
        case SecretStr():
            return value.get_secret_value()
        case dict():
            return {key: _revealed(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_revealed(inner) for inner in value]
        case _:
            return value
