"""TencentDB for MongoDB: the shop's documents (events, product details)."""

from dataclasses import dataclass

import pulumi
import tencentcloud_iac_pulumi as tencentcloud

from infra.components.component import Common, Component
from infra.components.network import PlacedSubnet
from infra.settings import MongodbSettings

PORT = 27017
DATABASE = "shop"
USER = "shop"
ADMIN = "mongouser"
"""The account that the cloud makes with the instance."""
_READ_AND_WRITE = 3
_LOGICAL, _BACKUP_HOUR = 0, 2


@dataclass(frozen=True)
class MongodbArgs:
    """What the document store is made from."""

    common: Common
    settings: MongodbSettings
    vpc_id: pulumi.Output[str]
    group_id: pulumi.Output[str]
    subnet: PlacedSubnet
    admin_password: pulumi.Output[str]
    app_password: pulumi.Output[str]


class Mongodb(Component):
    """A replica set of three in one zone: the cloud spreads one only over three zones, and the stack has two.

    The instance's password is that of its administrator; the shop has an account of its own."""

    def __init__(self, name: str, args: MongodbArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        instance = tencentcloud.mongodb.Instance(
            self.child_name("instance"),
            instance_name=args.common.named("mongodb"),
            engine_version=args.settings.version,
            machine_type=args.settings.machine_type,
            memory=args.settings.memory_gb,
            volume=args.settings.volume_gb,
            node_num=3,
            charge_type="POSTPAID_BY_HOUR",
            available_zone=args.subnet.zone,
            vpc_id=args.vpc_id,
            subnet_id=args.subnet.id,
            security_groups=[args.group_id],
            password=args.admin_password,
            tags=args.common.tags,
            opts=self.keeper(args.common.protect),
        )
        tencentcloud.mongodb.InstanceAccount(
            self.child_name("account"),
            instance_id=instance.id,
            user_name=USER,
            password=args.app_password,
            mongo_user_password=args.admin_password,
            user_desc="The shop",
            auth_roles=[
                tencentcloud.mongodb.InstanceAccountAuthRoleArgs(mask=_READ_AND_WRITE, namespace=DATABASE)
            ],
            opts=self.child(delete_first=True),
        )
        tencentcloud.mongodb.InstanceBackupRule(
            self.child_name("backups"),
            instance_id=instance.id,
            backup_method=_LOGICAL,
            backup_time=_BACKUP_HOUR,
            backup_retention_period=7,
            opts=self.child(delete_first=True),
        )
        self.address: pulumi.Output[str] = instance.vip
        self.port: pulumi.Output[int] = instance.vport
        self.register_outputs({"address": self.address, "port": self.port})
