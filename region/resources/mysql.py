"""TencentDB for MySQL: MariaDB on a host, with a standby on another, and read-only instances.

The instance's address is a virtual one, held by its primary, so that clients and replicas find the primary
wherever it is. Disk size and engine version are taken down but limit nothing here.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from region import schema
from region.errors import RegionError
from region.hosts import Host
from region.region import Region
from region.resources.base import Properties, Resource, computed
from region.resources.mysql_objects import Account, Database, Privilege
from region.services import daemon, mariadb, placement
from region.services.mariadb import DATA, REPLICATION_SECRET, Server, primary_of
from region.services.mariadb_config import Role, Settings

PORT = 3306
RUNNING, STOPPED = 1, 0
"""The cloud's states of an instance (DescribeDBInstances, Status); 0 is `creating`, the nearest to down."""
FIXED = ("vpcId", "subnetId", "intranetPort", "engineType")


def settings_of(inputs: Mapping[str, Any], role: Role, address: str) -> Settings:
    """What a member of an instance is configured by."""
    return Settings(
        address,
        role,
        int(inputs["memSize"]),
        int(inputs.get("intranetPort") or PORT),
        semi_sync=has_standby(inputs) and bool(inputs.get("slaveSyncMode")),
        parameters=inputs.get("parameters") or {},
    )


def has_standby(inputs: Mapping[str, Any]) -> bool:
    """Whether a second host stands by. The cloud always has one; here it is made when a zone is named."""
    return bool(inputs.get("firstSlaveZone"))


def standby_id(id_: str) -> str:
    return f"{id_}-s"


def prepare(region: Region, host: Host, settings: Settings) -> Server:
    """A host with a server that is ready to boot."""
    server = Server(region.prepare(replace(host, binds={DATA: "mysql"})))
    server.lay(settings)
    return server


class _Mysql(Resource):
    def check(self, inputs: Properties) -> list[schema.Failure]:
        return placement.missing_network(inputs)

    def _status(self, id_: str, outputs: Properties) -> Properties | None:
        if not daemon.exists(self.region, id_):
            return None
        return {**outputs, "status": RUNNING if self.region.is_running(id_) else STOPPED}


class Instance(_Mysql):
    type = "tencentcloud:Mysql/instance:Instance"
    prefix = "cdb"

    def create(self, id_: str, inputs: Properties) -> Properties:
        self.delete(id_, {})
        own, virtual = (placement.lease(self.region, inputs) for _ in range(2))
        host = placement.managed(self.region, id_, inputs["instanceName"], "mysql", inputs, own, virtual)
        primary = prepare(self.region, host, settings_of(inputs, "primary", own))
        standby = self._standby(id_, inputs) if has_standby(inputs) else None
        self.region.refresh_firewall(host.router)
        daemon.start_all(*((server.control, mariadb.UNIT) for server in (primary, standby) if server))
        # Until there is a standby, a commit would wait for one in vain.
        primary.semi_sync(False)
        secret = primary.found()
        if password := inputs.get("rootPassword"):
            primary.set_root(password)
        if standby:
            self._join(standby, primary, virtual, secret, inputs)
        return {
            "intranetIp": virtual,
            "intranetPort": int(inputs.get("intranetPort") or PORT),
            "internetHost": "",
            "internetPort": 0,
            "gtid": 1,
            "locked": 0,
            "status": RUNNING,
            "taskStatus": 0,
        }

    def _standby(self, id_: str, inputs: Properties) -> Server:
        address = placement.lease(self.region, inputs)
        name = f"{inputs['instanceName']}-standby"
        host = placement.managed(self.region, standby_id(id_), name, "mysql", inputs, address)
        return prepare(self.region, replace(host, service=id_), settings_of(inputs, "standby", address))

    def _join(self, standby: Server, primary: Server, virtual: str, secret: str, inputs: Properties) -> None:
        """Have a standby follow. One that is as new as its primary needs no copy: the log has everything."""
        settings = settings_of(inputs, "primary", primary.control.host.address)
        primary.semi_sync(settings.semi_sync)
        standby.control.write(REPLICATION_SECRET, secret, 0o600)
        standby.follow(virtual, settings.port, secret)

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        return self._status(id_, outputs)

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        placement.refuse(self.type, id_, old, {**computed(old, "intranetPort"), **new}, *FIXED)
        primary = primary_of(self.region, id_)
        if primary is None:
            raise placement.gone(self.type, id_)
        groups = placement.groups(new)
        self._resize_service(id_, primary, old, new)
        for server, role in self._members(id_, primary):
            placement.regroup(self.region, server.control, groups)
            address = server.control.host.address
            server.reconfigure(settings_of(old, role, address), settings_of(new, role, address))
        if (password := new.get("rootPassword")) and password != old.get("rootPassword"):
            primary.set_root(password)
        return computed(
            old,
            "intranetIp",
            "intranetPort",
            "internetHost",
            "internetPort",
            "gtid",
            "locked",
            "status",
            "taskStatus",
        )

    def _members(self, id_: str, primary: Server) -> list[tuple[Server, Role]]:
        members: list[tuple[Server, Role]] = [(primary, "primary")]
        for each in (id_, standby_id(id_)):
            if each != primary.control.host.id and (control := daemon.found(self.region, each)):
                members.append((Server(control), "standby"))
        return members

    def _resize_service(self, id_: str, primary: Server, old: Properties, new: Properties) -> None:
        """Add or remove the standby."""
        there = len(self._members(id_, primary)) > 1
        if there and not has_standby(new):
            primary.semi_sync(False)
            self.region.remove_host(standby_id(id_))
        if not there and has_standby(new):
            standby = self._standby(id_, new)
            self.region.refresh_firewall(standby.control.host.router)
            daemon.start(standby.control, mariadb.UNIT)
            standby.seed(primary)
            secret = daemon.kept_secret(primary.control, REPLICATION_SECRET)
            self._join(standby, primary, old["intranetIp"], secret, new)

    def delete(self, id_: str, outputs: Properties) -> None:
        self.region.remove_host(standby_id(id_))
        self.region.remove_host(id_)


class ReadonlyInstance(_Mysql):
    type = "tencentcloud:Mysql/readonlyInstance:ReadonlyInstance"
    prefix = "cdbro"

    def create(self, id_: str, inputs: Properties) -> Properties:
        self.delete(id_, {})
        master = self.region.get(Instance.type, inputs["masterInstanceId"])
        primary = primary_of(self.region, master.id)
        if primary is None:
            raise RegionError(
                f"MySQL instance {master.id} has no host in region {self.region.name}; run a refresh first"
            )
        address = placement.lease(self.region, inputs)
        host = placement.managed(self.region, id_, inputs["instanceName"], "mysql", inputs, address)
        settings = settings_of(inputs, "readonly", address)
        server = prepare(self.region, replace(host, service=master.id), settings)
        self.region.refresh_firewall(host.router)
        daemon.start(server.control, mariadb.UNIT)
        server.seed(primary)
        port = int(master.outputs.get("intranetPort") or PORT)
        server.follow(
            master.outputs["intranetIp"], port, daemon.kept_secret(primary.control, REPLICATION_SECRET)
        )
        return {
            "intranetIp": address,
            "intranetPort": settings.port,
            "locked": 0,
            "status": RUNNING,
            "taskStatus": 0,
        }

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        return self._status(id_, outputs)

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        placement.refuse(
            self.type, id_, old, {**computed(old, "intranetPort"), **new}, *FIXED, "masterInstanceId"
        )
        control = daemon.found(self.region, id_)
        if control is None:
            raise placement.gone(self.type, id_)
        placement.regroup(self.region, control, placement.groups(new))
        address = control.host.address
        Server(control).reconfigure(
            settings_of(old, "readonly", address), settings_of(new, "readonly", address)
        )
        return computed(old, "intranetIp", "intranetPort", "locked", "status", "taskStatus")

    def delete(self, id_: str, outputs: Properties) -> None:
        self.region.remove_host(id_)


RESOURCES = (Instance, ReadonlyInstance, Database, Account, Privilege)
