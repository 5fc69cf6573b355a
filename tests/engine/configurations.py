"""Random configurations of the stack: right ones, and right ones with one mistake."""

import copy
import random
from collections.abc import Callable
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import yaml

from infra.places import INSTANCE_FAMILIES, REGIONS, ZONE_NUMBERS, region_of
from infra.settings import RabbitmqSettings

ROOT = Path(__file__).resolve().parents[2]
Settings = dict[str, Any]
"""What stands under `config:` in a stack file."""

SIZES = ("SMALL1", "MEDIUM2", "MEDIUM4", "LARGE8", "2XLARGE16", "16XLARGE256")
LETTERS = "abcdefghijklmnopqrstuvwxyz"
NODE_SPECS: tuple[str, ...] = RabbitmqSettings.model_fields["node_spec"].annotation.__args__  # type: ignore[union-attr]


def base() -> Settings:
    """The local environment's own settings: what isn't varied is as there."""
    text = (ROOT / "infra" / "Pulumi.local.yaml").read_text()
    settings: Settings = yaml.load(text, yaml.CSafeLoader)["config"]
    return settings


def _word(rng: random.Random, longest: int = 8) -> str:
    return "".join(rng.choice(LETTERS) for _ in range(rng.randint(2, longest)))


def _domain(rng: random.Random) -> str:
    return ".".join([*(_word(rng) for _ in range(rng.randint(1, 3))), rng.choice(("test", "com", "cn"))])


def _paths(rng: random.Random) -> list[str]:
    return [f"/{_word(rng)}/{number}.jpg" for number in range(rng.randint(0, 3))]


def _subnets(rng: random.Random, zones: list[str], vpc: IPv4Network) -> list[Settings]:
    """Two zones for web and data, one or two for ops, and perhaps more subnets, one after another."""
    wanted = [("web", zones[0]), ("web", zones[1]), ("data", zones[0]), ("data", zones[1]), ("ops", zones[0])]
    wanted += [(rng.choice(("web", "data", "ops")), rng.choice(zones)) for _ in range(rng.randint(0, 4))]
    length = rng.randint(max(24, vpc.prefixlen + 5), 27)
    blocks = list(vpc.subnets(new_prefix=length))[: 4 * len(wanted)]
    # The resolver has an address in the VPC's first block, wherever the subnets begin.
    chosen = rng.sample(blocks, len(wanted))
    return [
        {"name": f"{role}-{number}", "role": role, "zone": zone, "cidr": str(block)}
        for number, ((role, zone), block) in enumerate(zip(wanted, chosen, strict=True), start=1)
    ]


def configuration(rng: random.Random, most_hosts: int = 8) -> Settings:
    """A configuration that has nothing wrong with it."""
    region = rng.choice([name for name in REGIONS if sum(region_of(z) == name for z in ZONE_NUMBERS) >= 3])
    zones = rng.sample([zone for zone in ZONE_NUMBERS if region_of(zone) == region], 3)
    net = f"10.{rng.randint(0, 255)}"
    vpc = IPv4Network(f"{net}.0.0/{rng.randint(17, 19)}")
    subnets = _subnets(rng, zones, vpc)
    data = list(dict.fromkeys(subnet["zone"] for subnet in subnets if subnet["role"] == "data"))
    kind = f"{rng.choice(sorted(INSTANCE_FAMILIES))}.{rng.choice(SIZES)}"
    zone = _domain(rng)
    settings = base()
    own: Settings = {
        "tencentcloud:region": region,
        "shop:network": {
            "region_cidr": f"{net}.0.0/16",
            "vpc_cidr": str(vpc),
            "subnets": subnets,
            "nat": rng.choice((True, False)),
        },
        "shop:local_region": {
            "name": _word(rng),
            "cidr": f"{net}.0.0/16",
            "public_cidr": f"{net}.240.0/20",
            "operator_address": f"{net}.255.1",
        },
        "shop:operator": {
            "cidrs": [
                f"{net}.{rng.randint(0, 255)}.{rng.randint(0, 255)}/32" for _ in range(rng.randint(1, 3))
            ],
            "bastion": rng.choice((True, False)),
        },
        "shop:mysql": {
            "memory_mb": 1000 * rng.randint(1, 488),
            "volume_gb": 5 * rng.randint(5, 2400),
            "version": rng.choice(("5.7", "8.0")),
            "standby_zone": rng.choice(data[1:]),
            "replica": rng.choice((True, False)),
            "app_connections": rng.randint(10, 10000),
            "backup_days": rng.randint(7, 1830),
        },
        "shop:redis": {"memory_mb": rng.randint(256, 65536), "replicas": rng.randint(0, 5)},
        "shop:mongodb": {
            "memory_gb": rng.randint(2, 512),
            "volume_gb": rng.randint(25, 6000),
            "machine_type": rng.choice(("HIO", "HIO10G")),
        },
        "shop:rabbitmq": {
            "node_spec": rng.choice(NODE_SPECS),
            "node_count": rng.choice((1, 3, 5, 7)),
            "storage_gb": rng.randint(200, 10000),
        },
        "shop:web": {"count": rng.randint(1, most_hosts), "type": kind},
        "shop:ops": {"type": kind},
        "shop:storage": {
            "app_id": str(rng.randint(10**9, 10**10 - 1)),
            "uin": str(rng.randint(10**11, 10**12 - 1)),
        },
        "shop:registry": {
            "name": f"shop-{_word(rng)}",
            "type": rng.choice(("basic", "standard", "premium")),
            "clients": [f"{net}.{rng.randint(0, 255)}.0/24" for _ in range(rng.randint(1, 3))],
        },
        "shop:public_zone": zone,
        "shop:domain": f"shop.{zone}",
        "shop:cdn_domain": f"cdn.{zone}",
        "shop:cdn": {"purge": _paths(rng), "push": _paths(rng), "redo": rng.randint(0, 9)},
        "shop:dns_zone": _domain(rng),
        "shop:protect": rng.choice((True, False)),
    }
    for name, value in own.items():
        known = settings.get(name)
        settings[name] = {**known, **value} if isinstance(known, dict) and isinstance(value, dict) else value
    return settings


Mistake = tuple[str, Callable[[Settings], Any]]


def _set(*path: str | int, value: Any) -> Callable[[Settings], None]:
    def change(settings: Settings) -> None:
        holder: Any = settings
        for step in path[:-1]:
            holder = holder[step]
        holder[path[-1]] = value

    return change


def _drop(*path: str) -> Callable[[Settings], Any]:
    def change(settings: Settings) -> Any:
        holder: Any = settings
        for step in path[:-1]:
            holder = holder[step]
        return holder.pop(path[-1])

    return change


MISTAKES: tuple[Mistake, ...] = (
    ("tencentcloud:region", _set("tencentcloud:region", value="ap-atlantis")),
    ("shop:network.vpc_cidr", _set("shop:network", "vpc_cidr", value="10.300.0.0/16")),
    ("shop:network.vpc_cidr", _set("shop:network", "vpc_cidr", value="172.16.0.0/18")),
    ("shop:network.subnets[0].cidr", _set("shop:network", "subnets", 0, "cidr", value="172.16.1.0/24")),
    ("shop:network.subnets[1].cidr", _set("shop:network", "subnets", 1, "cidr", value="10.1.1.1/24")),
    ("shop:network.subnets[2].zone", _set("shop:network", "subnets", 2, "zone", value="ap-atlantis-1")),
    ("shop:network.subnets[0].role", _set("shop:network", "subnets", 0, "role", value="kitchen")),
    ("shop:network.subnets[0].name", _set("shop:network", "subnets", 0, "name", value="Web A")),
    ("shop:network.subnets", _set("shop:network", "subnets", value=[])),
    ("shop:network.nat", _set("shop:network", "nat", value="perhaps")),
    ("shop:network.colour", _set("shop:network", "colour", value="blue")),
    ("shop:local_region.name", _set("shop:local_region", "name", value="a-very-long-name")),
    ("shop:local_region.public_cidr", _set("shop:local_region", "public_cidr", value="192.168.0.0/20")),
    (
        "shop:local_region.operator_address",
        _set("shop:local_region", "operator_address", value="192.168.0.1"),
    ),
    ("shop:operator.cidrs[0]", _set("shop:operator", "cidrs", 0, value="0.0.0.0/0")),
    ("shop:operator.bastion", _set("shop:operator", "bastion", value="perhaps")),
    ("shop:web.count", _set("shop:web", "count", value=0)),
    ("shop:web.count", _set("shop:web", "count", value=51)),
    ("shop:web.type", _set("shop:web", "type", value="Z9.MEDIUM2")),
    ("shop:web.image", _drop("shop:web", "image")),
    ("shop:ops.type", _set("shop:ops", "type", value="large")),
    ("shop:mysql.memory_mb", _set("shop:mysql", "memory_mb", value=1500)),
    ("shop:mysql.volume_gb", _set("shop:mysql", "volume_gb", value=24)),
    ("shop:mysql.version", _set("shop:mysql", "version", value="9.0")),
    ("shop:mysql.standby_zone", _set("shop:mysql", "standby_zone", value="ap-atlantis-1")),
    ("shop:mysql.replica", _drop("shop:mysql", "replica")),
    ("shop:mysql.app_connections", _set("shop:mysql", "app_connections", value=9)),
    ("shop:mysql.backup_days", _set("shop:mysql", "backup_days", value=6)),
    ("shop:redis.memory_mb", _set("shop:redis", "memory_mb", value=255)),
    ("shop:redis.replicas", _set("shop:redis", "replicas", value=6)),
    ("shop:mongodb.version", _set("shop:mongodb", "version", value="six")),
    ("shop:mongodb.machine_type", _set("shop:mongodb", "machine_type", value="FAST")),
    ("shop:rabbitmq.node_count", _set("shop:rabbitmq", "node_count", value=2)),
    ("shop:rabbitmq.node_spec", _set("shop:rabbitmq", "node_spec", value="rabbit")),
    ("shop:storage.app_id", _set("shop:storage", "app_id", value="mine")),
    ("shop:registry.name", _set("shop:registry", "name", value="Shop_1")),
    ("shop:registry.type", _set("shop:registry", "type", value="huge")),
    ("shop:registry.clients[0]", _set("shop:registry", "clients", 0, value="10.1.1.1/24")),
    ("shop:domain", _set("shop:domain", value="not a domain")),
    ("shop:cdn_domain", _drop("shop:cdn_domain")),
    ("shop:cdn.purge[0]", _set("shop:cdn", "purge", value=["no-path"])),
    ("shop:tls.issuer", _set("shop:tls", "issuer", value="nobody")),
    ("shop:wechat.issuer", _set("shop:wechat", "issuer", value="nobody")),
    ("shop:wechat.app_id", _set("shop:wechat", "app_id", value="mine")),
    ("shop:flavour", _set("shop:flavour", value="sweet")),
)
"""The field that is wrong, and how it is made so."""


def with_mistake(settings: Settings, mistake: Mistake) -> Settings:
    """The settings with one thing wrong."""
    wrong = copy.deepcopy(settings)
    mistake[1](wrong)
    return wrong
