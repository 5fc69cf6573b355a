"""TencentDB for MySQL: primary, standby, read-only instance, and the shop's database and account."""

from dataclasses import dataclass

import pulumi
import tencentcloud_iac_pulumi as tencentcloud

from infra.components.component import Common, Component
from infra.components.network import PlacedSubnet
from infra.settings import MysqlSettings

PORT = 3306
DATABASE = "shop"
USER = "shop"
_MULTI_ZONE, _SEMI_SYNC = 1, 1
# What Django needs to run and to migrate, on its own database only.
_PRIVILEGES = ("SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "ALTER", "INDEX", "REFERENCES")
_PARAMETERS = {
    "character_set_server": "utf8mb4",
    # Django's own default for MySQL; the shop's locking is written for it.
    "transaction_isolation": "READ-COMMITTED",
    "long_query_time": "1",
}


@dataclass(frozen=True)
class MysqlArgs:
    """What the database is made from."""

    common: Common
    settings: MysqlSettings
    vpc_id: pulumi.Output[str]
    group_id: pulumi.Output[str]
    primary_subnet: PlacedSubnet
    replica_subnet: PlacedSubnet
    root_password: pulumi.Output[str]
    app_password: pulumi.Output[str]


class Mysql(Component):
    """The standby is in another zone and acknowledges each commit (semi-synchronous)."""

    def __init__(self, name: str, args: MysqlArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        settings = args.settings
        self._primary = tencentcloud.mysql.Instance(
            self.child_name("primary"),
            instance_name=args.common.named("mysql"),
            engine_version=settings.version,
            mem_size=settings.memory_mb,
            volume_size=settings.volume_gb,
            charge_type="POSTPAID",
            availability_zone=args.primary_subnet.zone,
            first_slave_zone=settings.standby_zone,
            slave_deploy_mode=_MULTI_ZONE,
            slave_sync_mode=_SEMI_SYNC,
            vpc_id=args.vpc_id,
            subnet_id=args.primary_subnet.id,
            security_groups=[args.group_id],
            intranet_port=PORT,
            internet_service=0,
            root_password=args.root_password,
            parameters=_PARAMETERS,
            tags=args.common.tags,
            opts=self.keeper(args.common.protect),
        )
        self.address: pulumi.Output[str] = self._primary.intranet_ip
        self._shop(args)
        self.replica_address = self._replica(args) if settings.replica else None
        self.register_outputs({"address": self.address, "replicaAddress": self.replica_address})

    def _shop(self, args: MysqlArgs) -> None:
        database = tencentcloud.mysql.Database(
            self.child_name("database"),
            instance_id=self._primary.id,
            db_name=DATABASE,
            character_set_name="utf8mb4",
            opts=self.keeper(args.common.protect, delete_first=True),
        )
        account = tencentcloud.mysql.Account(
            self.child_name("account"),
            mysql_id=self._primary.id,
            name=USER,
            host="%",
            password=args.app_password,
            description="The shop",
            opts=self.child(delete_first=True),
        )
        tencentcloud.mysql.Privilege(
            self.child_name("privilege"),
            mysql_id=self._primary.id,
            account_name=account.name,
            account_host="%",
            globals=[],
            databases=[
                tencentcloud.mysql.PrivilegeDatabaseArgs(
                    database_name=database.db_name, privileges=list(_PRIVILEGES)
                )
            ],
            opts=self.child(delete_first=True),
        )

    def _replica(self, args: MysqlArgs) -> pulumi.Output[str]:
        replica = tencentcloud.mysql.ReadonlyInstance(
            self.child_name("replica"),
            instance_name=args.common.named("mysql-ro"),
            master_instance_id=self._primary.id,
            master_region=args.common.region,
            mem_size=args.settings.memory_mb,
            volume_size=args.settings.volume_gb,
            charge_type="POSTPAID",
            zone=args.replica_subnet.zone,
            vpc_id=args.vpc_id,
            subnet_id=args.replica_subnet.id,
            security_groups=[args.group_id],
            intranet_port=PORT,
            tags=args.common.tags,
            opts=self.child(),
        )
        address: pulumi.Output[str] = replica.intranet_ip
        return address
