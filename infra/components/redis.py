"""TencentDB for Redis: cache, sessions and rate limits."""

from dataclasses import dataclass

import pulumi
import tencentcloud_iac_pulumi as tencentcloud

from infra.components.component import Common, Component
from infra.components.network import PlacedSubnet
from infra.places import zone_number
from infra.settings import RedisSettings

PORT = 6379
# "Redis 7.0 Memory Edition (standard architecture)".
_REDIS_7_STANDARD = 17


@dataclass(frozen=True)
class RedisArgs:
    """What the cache is made from."""

    common: Common
    settings: RedisSettings
    vpc_id: pulumi.Output[str]
    group_id: pulumi.Output[str]
    subnet: PlacedSubnet
    replica_zone: str
    password: pulumi.Output[str]


class Redis(Component):
    """Replicas stand in the other zone, so that a lost zone does not log every shopper out."""

    def __init__(self, name: str, args: RedisArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        replicas = args.settings.replicas
        instance = tencentcloud.redis.Instance(
            self.child_name("instance"),
            name=args.common.named("redis"),
            type_id=_REDIS_7_STANDARD,
            mem_size=args.settings.memory_mb,
            redis_replicas_num=replicas or None,
            replica_zone_ids=[zone_number(args.replica_zone)] * replicas or None,
            charge_type="POSTPAID",
            availability_zone=args.subnet.zone,
            vpc_id=args.vpc_id,
            subnet_id=args.subnet.id,
            security_groups=[args.group_id],
            port=PORT,
            password=args.password,
            tags=args.common.tags,
            opts=self.keeper(args.common.protect),
        )
        self.address: pulumi.Output[str] = instance.ip
        self.register_outputs({"address": self.address})
