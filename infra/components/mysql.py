"""TencentDB for MySQL: primary, standby, read-only instance, and the shop's database and account."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import tencentcloud_iac_pulumi as tencentcloud

from infra.components.component import Common, Component
from infra.components.mysql_accounts import BACKUP, GROUPS, MIGRATOR, MONITOR, Grants, account_of, accounts
from infra.components.network import PlacedSubnet
from infra.settings import MysqlSettings

PORT = 3306
DATABASE = "shop"
_MULTI_ZONE, _SEMI_SYNC = 1, 1
_LOG_HOURS, _LOG_PERCENT = 168, 30
_MAX_LAG = 30
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
    passwords: Mapping[str, pulumi.Output[str]]
    """Of each account, by its name."""


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
        self._keep(args)
        self._accounts(args)
        self.replica_address = self._replica(args) if settings.replica else None
        self.register_outputs({"address": self.address, "replicaAddress": self.replica_address})

    def _keep(self, args: MysqlArgs) -> None:
        """How long the cloud's backups are kept, and the log, which is archived from the primary itself."""
        tencentcloud.mysql.BackupPolicy(
            self.child_name("backups"),
            mysql_id=self._primary.id,
            backup_model="physical",
            backup_time="02:00-06:00",
            retention_period=args.settings.backup_days,
            binlog_period=args.settings.backup_days,
            opts=self.child(delete_first=True),
        )
        tencentcloud.mysql.LocalBinlogConfig(
            self.child_name("log"),
            instance_id=self._primary.id,
            save_hours=_LOG_HOURS,
            max_usage=_LOG_PERCENT,
            opts=self.child(delete_first=True),
        )

    def _accounts(self, args: MysqlArgs) -> None:
        database = tencentcloud.mysql.Database(
            self.child_name("database"),
            instance_id=self._primary.id,
            db_name=DATABASE,
            character_set_name="utf8mb4",
            opts=self.keeper(args.common.protect, delete_first=True),
        )
        for name, grants in accounts(args.settings).items():
            self._account(name, grants, args.passwords[name], database)

    def _account(
        self, name: str, grants: Grants, password: pulumi.Output[str], database: tencentcloud.mysql.Database
    ) -> None:
        account = tencentcloud.mysql.Account(
            self.child_name(f"account-{_short(name)}"),
            mysql_id=self._primary.id,
            name=name,
            host="%",
            password=password,
            max_user_connections=grants.connections,
            description=grants.description,
            opts=self.child(delete_first=True),
        )
        if not grants.everywhere and not grants.on_database:
            return
        on_database = [
            tencentcloud.mysql.PrivilegeDatabaseArgs(
                database_name=database.db_name, privileges=list(grants.on_database)
            )
        ]
        tencentcloud.mysql.Privilege(
            self.child_name(f"privilege-{_short(name)}"),
            mysql_id=self._primary.id,
            account_name=account.name,
            account_host="%",
            globals=list(grants.everywhere),
            databases=on_database if grants.on_database else None,
            opts=self.child(delete_first=True),
        )

    def _replica(self, args: MysqlArgs) -> pulumi.Output[str]:
        # A read-only instance takes no parameters of its own, but a template.
        template = tencentcloud.mysql.ParamTemplate(
            self.child_name("parameters"),
            name=args.common.named("mysql-ro"),
            description="Parameters of the read-only instance",
            engine_version=args.settings.version,
            param_lists=[
                tencentcloud.mysql.ParamTemplateParamListArgs(name=name, current_value=value)
                for name, value in _PARAMETERS.items()
            ],
            opts=self.child(),
        )
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
            param_template_id=template.template_id,
            tags=args.common.tags,
            opts=self.child(),
        )
        tencentcloud.mysql.RoGroup(
            self.child_name("group"),
            instance_id=self._primary.id,
            ro_group_id=replica.ro_group_id,
            ro_group_info=tencentcloud.mysql.RoGroupRoGroupInfoArgs(
                ro_group_name=args.common.named("mysql-ro"),
                ro_offline_delay=1,
                ro_max_delay_time=_MAX_LAG,
                min_ro_in_group=1,
                weight_mode="system",
            ),
            opts=self.child(delete_first=True),
        )
        address: pulumi.Output[str] = replica.intranet_ip
        return address


def _short(account: str) -> str:
    # An underscore has no place in a resource's name.
    return account.removeprefix("shop_")


__all__ = ["BACKUP", "DATABASE", "GROUPS", "MIGRATOR", "MONITOR", "PORT", "Mysql", "MysqlArgs", "account_of"]
