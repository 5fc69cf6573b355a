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
_PARAMETERS = {
    # Sessions and carts are kept here: a full server has to say so, not drop them.
    "maxmemory-policy": "noeviction",
    # Seconds after which a connection that nobody uses ends; a pool's own time is shorter.
    "timeout": "3600",
}


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
    """Replicas stand in the other zone, so that a lost zone does not log every shopper out.

    The shop uses the instance's own account: the cloud's others are given as `name@password`, which only its proxy
    knows.
    """

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
        tencentcloud.redis.Param(
            self.child_name("parameters"),
            instance_id=instance.id,
            instance_params=_PARAMETERS,
            opts=self.child(delete_first=True),
        )
        tencentcloud.redis.BackupConfig(
            self.child_name("backups"),
            redis_id=instance.id,
            backup_time="02:00-03:00",
            opts=self.child(delete_first=True),
        )
        self.address: pulumi.Output[str] = instance.ip
        self.register_outputs({"address": self.address})
