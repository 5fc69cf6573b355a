"""The sections of a stack's configuration, each a typed value.

A check that needs one field stands here; checks across fields and sections are in `infra.checks`.
"""

import re
from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from infra.places import instance_type_problem, zone_problem

_DOMAIN = re.compile(r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


def _zone(value: str) -> str:
    if problem := zone_problem(value):
        raise ValueError(problem)
    return value


def _instance_type(value: str) -> str:
    if problem := instance_type_problem(value):
        raise ValueError(problem)
    return value


def _domain(value: str) -> str:
    if not _DOMAIN.fullmatch(value):
        raise ValueError(
            f"{value!r} is not a domain name: lower-case labels joined by dots, such as shop.example.com"
        )
    return value


def _cidr(value: object) -> object:
    # ipaddress speaks of "host bits"; say which network was probably meant instead.
    try:
        return IPv4Network(str(value))
    except ValueError:
        pass
    try:
        meant = IPv4Network(str(value), strict=False)
    except ValueError:
        raise ValueError(f"{value!r} is not an IPv4 range such as 10.77.1.0/24") from None
    raise ValueError(f"{value!r} is not the start of a range; did you mean {meant}?")


def _identifier(value: object) -> object:
    # YAML reads an account number without quotes as an integer.
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Zone = Annotated[str, AfterValidator(_zone)]
InstanceType = Annotated[str, AfterValidator(_instance_type)]
Domain = Annotated[str, AfterValidator(_domain)]
Cidr = Annotated[IPv4Network, BeforeValidator(_cidr)]
AccountNumber = Annotated[str, BeforeValidator(_identifier), Field(pattern=r"^[0-9]{6,15}$")]
SubnetRole = Literal["web", "data", "ops"]


class Section(BaseModel):
    """A part of the configuration: immutable, and a misspelt key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Subnet(Section):
    """One subnet: a role in a zone."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
    role: SubnetRole
    zone: Zone
    cidr: Cidr


class NetworkSettings(Section):
    """The VPC and its subnets; with `nat` the web and ops subnets have a way out of it, else nobody has one."""

    vpc_cidr: Cidr
    subnets: Annotated[tuple[Subnet, ...], Field(min_length=1)]
    region_cidr: Cidr | None = None
    nat: bool = False

    def of_role(self, role: SubnetRole) -> tuple[Subnet, ...]:
        """The subnets with this role, in the order in which they are written."""
        return tuple(subnet for subnet in self.subnets if subnet.role == role)


class OperatorSettings(Section):
    """Who may reach the hosts by SSH, and whether only by way of the ops host."""

    cidrs: Annotated[tuple[Cidr, ...], Field(min_length=1)]
    bastion: bool


class WebSettings(Section):
    """The web hosts, spread over the zones of the web subnets."""

    count: Annotated[int, Field(ge=1, le=50)]
    type: InstanceType
    image: Annotated[str, Field(pattern=r"^img-[a-z0-9-]+$")]


class OpsSettings(Section):
    """The ops host: monitoring, backups, and the way in when it is the bastion; `disk_gb` is room for its data."""

    type: InstanceType
    image: Annotated[str, Field(pattern=r"^img-[a-z0-9-]+$")]
    disk_gb: Annotated[int, Field(ge=10, le=32000, multiple_of=10)]


class MysqlSettings(Section):
    """TencentDB for MySQL: a primary, its standby in another zone, and perhaps a read-only replica.

    Each of the shop's process groups gets `app_connections` at once, on each server; the cloud's own backups and the
    log are kept for `backup_days`.
    """

    memory_mb: Annotated[int, Field(ge=1000, le=488000, multiple_of=1000)]
    volume_gb: Annotated[int, Field(ge=25, le=12000, multiple_of=5)]
    version: Literal["5.7", "8.0"]
    standby_zone: Zone
    replica: bool
    app_connections: Annotated[int, Field(ge=10, le=10000)] = 120
    backup_days: Annotated[int, Field(ge=7, le=1830)] = 7


class RedisSettings(Section):
    """TencentDB for Redis, standard architecture; replicas 0 leaves the number to the cloud."""

    memory_mb: Annotated[int, Field(ge=256, le=65536)]
    replicas: Annotated[int, Field(ge=0, le=5)]


class MongodbSettings(Section):
    """TencentDB for MongoDB."""

    memory_gb: Annotated[int, Field(ge=2, le=512)]
    volume_gb: Annotated[int, Field(ge=25, le=6000)]
    machine_type: Literal["HIO", "HIO10G"]
    version: Annotated[str, Field(pattern=r"^MONGO_\d{2}_WT$")]


class RabbitmqSettings(Section):
    """TDMQ for RabbitMQ; three nodes or more span two zones."""

    node_spec: Literal[
        "rabbit-vip-basic-5",
        "rabbit-vip-profession-2c8g",
        "rabbit-vip-basic-1",
        "rabbit-vip-profession-4c16g",
        "rabbit-vip-basic-2",
        "rabbit-vip-profession-8c32g",
        "rabbit-vip-basic-4",
        "rabbit-vip-profession-16c64g",
    ]
    node_count: Literal[1, 3, 5, 7]
    storage_gb: Annotated[int, Field(ge=200, le=10000)]


class StorageSettings(Section):
    """The account that owns the buckets: its APPID (in bucket names) and its root UIN (in policies).

    Backups can't be deleted or overwritten for `backup_lock_days` (1 to 36500, as COS has it:
    https://cloud.tencent.com/document/product/436/55290).
    """

    app_id: AccountNumber
    uin: AccountNumber
    backup_lock_days: Annotated[int, Field(ge=1, le=36500)] = 30


class RegistrySettings(Section):
    """TCR for the shop's releases. Its name is the first label of its domain, and unique in all of Tencent Cloud.

    `clients` come to it over the internet beside the stack's own hosts: who pushes releases.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=63)]
    type: Literal["basic", "standard", "premium"]
    clients: Annotated[tuple[Cidr, ...], Field(min_length=1)]


UrlPath = Annotated[str, Field(pattern=r"^/[^\s#]*$", max_length=1000)]


class CdnSettings(Section):
    """What the CDN shall forget and fetch ahead: paths of its domain. Another `redo` has both done again."""

    purge: Annotated[tuple[UrlPath, ...], Field(max_length=1000)] = ()
    push: Annotated[tuple[UrlPath, ...], Field(max_length=500)] = ()
    redo: Annotated[int, Field(ge=0)] = 0


class TlsSettings(Section):
    """Where the certificate comes from: the local region's authority, or the operator."""

    issuer: Literal["region", "provided"]


class WechatSettings(Section):
    """The shop's account at WeChat and WeChat Pay, in public-key mode; its secrets are the stack's.

    Where the local region issues the account, only `issuer` is written down. `bridge_url` is where H5 finds what stands
    in for WeChat's own browser; the cloud has none.
    """

    issuer: Literal["region", "provided"]
    app_id: Annotated[str, Field(pattern=r"^wx[0-9a-f]{16}$")] | None = None
    mch_id: Annotated[str, BeforeValidator(_identifier), Field(pattern=r"^[0-9]{8,10}$")] | None = None
    certificate_serial: (
        Annotated[str, BeforeValidator(_identifier), Field(pattern=r"^[0-9A-F]{40}$")] | None
    ) = None
    public_key_id: Annotated[str, Field(pattern=r"^PUB_KEY_ID_[0-9]{20,40}$")] | None = None
    public_key: Annotated[str, Field(pattern=r"^-----BEGIN PUBLIC KEY-----\n")] | None = None
    bridge_url: Annotated[str, Field(pattern=r"^https://[a-z0-9.:-]+$")] | None = None


class RolloutSettings(Section):
    """By what a new version is judged on its first host and on the others; `shopctl.rollout.limits` has what each
    means, and the value of what is left out."""

    watch_seconds: Annotated[float, Field(ge=3, le=3600)] | None = None
    before_seconds: Annotated[float, Field(ge=10, le=86400)] | None = None
    min_requests: Annotated[int, Field(ge=5, le=10000)] | None = None
    max_error_rate: Annotated[float, Field(ge=0, le=1)] | None = None
    max_error_growth: Annotated[float, Field(ge=1, le=100)] | None = None
    max_p95_growth: Annotated[float, Field(ge=1, le=100)] | None = None
    max_p95_rise_ms: Annotated[float, Field(ge=0, le=60000)] | None = None
    max_p95_ms: Annotated[float, Field(ge=1, le=60000)] | None = None
    max_memory_growth_mb: Annotated[float, Field(ge=1, le=65536)] | None = None
    shoppers: Annotated[int, Field(ge=0, le=100)] | None = None


class StateSettings(Section):
    """The bucket that keeps the engine's state and the lease, where every operator reaches them.

    `endpoint` is that of COS in the region when it is left out. COS wants the bucket in the host's name; a store
    that has no names for its buckets wants `path_style`.
    """

    bucket: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$")]
    region: Annotated[str, Field(pattern=r"^[a-z]+(-[a-z0-9]+)+$")]
    endpoint: Annotated[str, Field(pattern=r"^https?://[a-z0-9.:\[\]-]+$")] | None = None
    path_style: bool = False

    @property
    def url(self) -> str:
        """The store's address."""
        return self.endpoint or f"https://cos.{self.region}.myqcloud.com"


class LocalRegionSettings(Section):
    """The local region that realises this stack; absent when the cloud does."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{0,7}$")]
    cidr: Cidr
    public_cidr: Cidr
    operator_address: IPv4Address
