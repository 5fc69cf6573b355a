"""Read-only instances of TencentDB for MySQL."""

from dataclasses import replace

from region import schema
from region.hosts import HostControl
from region.names import resource_id
from region.resources.base import Properties, Resource, computed
from region.resources.mysql_members import (
    INSTANCE,
    READONLY,
    RUNNING,
    STOPPED,
    fill,
    follows,
    mend,
    prepare,
    settings_of,
    source_of,
    strays,
)
from region.services import mariadb, placement
from region.services.mariadb import Server, primary_of
from region.services.mariadb_config import Settings

FIXED = ("vpcId", "subnetId", "roGroupId")
GROUP = "tencentcloud:Mysql/roGroup:RoGroup"


class ReadonlyInstance(Resource):
    """A read-only instance: MariaDB on a host of its own that follows an instance's primary wherever that is.

    Equal: it takes no writes, has its master's accounts and data, goes on by itself after a restart of either, and
    has a port, security groups and a parameter template of its own. One that can't follow any more, or whose master
    was made anew, reads as one without a `masterInstanceId` and is filled anew from its master at the next `up`.

    Differs: `masterInstanceId` may be changed; the instance is then filled anew from the other master. One that is
    down reads as one of no memory. A variable that was set by hand shows as `paramTemplateId` 0: there is no input
    for it.
    """

    type = READONLY
    prefix = "cdbro"

    def check(self, inputs: Properties) -> list[schema.Failure]:
        return placement.missing_network(inputs)

    def create(self, id_: str, inputs: Properties) -> Properties:
        self.delete(id_, {})
        master = inputs["masterInstanceId"]
        source, primary = source_of(self.region, master), self._primary(master)
        address = placement.lease(self.region, inputs)
        host = placement.managed(self.region, id_, inputs["instanceName"], "mysql", inputs, address)
        settings = self._settings(inputs, address)
        server = prepare(self.region, replace(host, service=master), settings)
        group = group_of(id_, inputs)
        fill(self.region, server, primary, source, self._delay(group))
        return {
            "intranetIp": address,
            "intranetPort": settings.port,
            "roGroupId": group,
            "locked": 0,
            "status": RUNNING,
            "taskStatus": 0,
        }

    def _settings(self, inputs: Properties, address: str) -> Settings:
        return settings_of(self.region, inputs["masterInstanceId"], inputs, "readonly", address)

    def _primary(self, master: str) -> Server:
        primary = primary_of(self.region, master)
        if primary is None:
            raise placement.gone(INSTANCE, master)
        return primary

    def _delay(self, group: str) -> int:
        """How many seconds the instances of a group stay behind."""
        groups = (record.inputs for record in self.region.records.all(GROUP))
        return max((delay_of(inputs) for inputs in groups if inputs["roGroupId"] == group), default=0)

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        if not self.region.has_host(id_):
            return None
        server = Server(self.region.host(id_))
        settings = self._settings(outputs, server.control.host.address)
        seen = server.look(settings)
        drift: Properties = {"status": RUNNING}
        if seen is None:
            drift |= {"status": STOPPED, "memSize": 0}
        elif strays([(settings, seen)]):
            drift["paramTemplateId"] = 0
        master = mariadb.holder_of(self.region, outputs["masterInstanceId"])
        if seen is not None and not (master and follows(server, seen, master)):
            drift["masterInstanceId"] = ""
        return {**outputs, **drift}

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        placement.refuse(self.type, id_, old, {**computed(old, "roGroupId"), **new}, *FIXED)
        if not self.region.has_host(id_):
            raise placement.gone(self.type, id_)
        control: HostControl = self.region.host(id_)
        placement.regroup(self.region, control, placement.groups(new))
        master, settings = new["masterInstanceId"], self._settings(new, control.host.address)
        source, primary = source_of(self.region, master), self._primary(master)
        control.save(replace(control.host, service=master))
        primary.let_followers_in()
        mend(
            self.region,
            Server(control),
            primary,
            source,
            settings,
            self._delay(old.get("roGroupId") or group_id(id_)),
        )
        placement.rename(self.region.host(id_), new["instanceName"])
        kept = computed(old, "intranetIp", "locked", "taskStatus", "roGroupId")
        return {**kept, "intranetPort": settings.port, "status": RUNNING}

    def delete(self, id_: str, outputs: Properties) -> None:
        self.region.remove_host(id_)


def group_id(id_: str) -> str:
    """The group that the cloud makes for a read-only instance that names none."""
    return resource_id("cdbrg", id_, 0)


def group_of(id_: str, outputs: Properties) -> str:
    """The group that a read-only instance is in."""
    return str(outputs.get("roGroupId") or group_id(id_))


def delay_of(group: Properties) -> int:
    """The seconds that a group's inputs ask its instances to stay behind."""
    return int((group.get("roGroupInfo") or {}).get("replicationDelayTime") or 0)


RESOURCES = (ReadonlyInstance,)
