"""Groups of read-only instances, and the switch of an instance's primary."""

from typing import Any, ClassVar

from region import schema
from region.errors import RegionError
from region.region import Region
from region.resources.base import Properties, Resource
from region.resources.mysql_members import (
    CATCH_UP,
    INSTANCE,
    READONLY,
    Member,
    follows,
    pair,
    promote,
    settings_of,
    source_of,
)
from region.resources.mysql_readonly import GROUP, delay_of, group_of
from region.services import daemon, mariadb
from region.services.mariadb import Server

OURS = "'system user', 'event_scheduler', 'root', 'region-replication'"


class RoGroup(Resource):
    """The settings of a group of read-only instances.

    Equal: `replicationDelayTime` seconds that its instances stay behind their master; weights only for instances
    that are there.

    Differs: a group has no address of its own here, so weights, the removal of instances that lag and the least number
    that stays are taken down only: clients take an instance's own address. A group is made with the first read-only
    instance that names none, as in the cloud, and goes with it.
    """

    type = GROUP
    prefix = ""

    def id_for(self, urn: str, inputs: Properties) -> str:
        return self.make_id(urn, 0, inputs)

    def make_id(self, urn: str, generation: int, inputs: Properties) -> str:
        return f"{inputs['instanceId']}#{inputs['roGroupId']}"

    def check(self, inputs: Properties) -> list[schema.Failure]:
        info = inputs.get("roGroupInfo")
        if not isinstance(info, dict):
            return []
        found: list[schema.Failure] = []
        if info.get("weightMode") == "custom" and not inputs.get("roWeightValues"):
            found.append(("roWeightValues", "is required with weightMode custom"))
        if info.get("roOfflineDelay") == 1 and not info.get("roMaxDelayTime"):
            found.append(("roGroupInfo.roMaxDelayTime", "is required with roOfflineDelay 1"))
        return found

    def create(self, id_: str, inputs: Properties) -> Properties:
        there = {record.id for record in members(self.region, inputs["roGroupId"])}
        if not there:
            raise RegionError(
                f"read-only group {inputs['roGroupId']} has no instance in region {self.region.name}"
            )
        for entry in inputs.get("roWeightValues") or ():
            if entry["instanceId"] not in there:
                raise RegionError(
                    f"roWeightValues: {entry['instanceId']} is not in group {inputs['roGroupId']}"
                )
        return {}

    def settled(self, outputs: Properties) -> None:
        """Have the group's instances stay as far behind as the record says, or not at all without one."""
        groups = (record.inputs for record in self.region.records.all(GROUP))
        delay = max(
            (delay_of(each) for each in groups if each["roGroupId"] == outputs["roGroupId"]), default=0
        )
        for record in members(self.region, outputs["roGroupId"]):
            if not self.region.has_host(record.id):
                continue
            server = Server(self.region.host(record.id))
            source = source_of(self.region, record.inputs["masterInstanceId"])
            if server.control.leader() and server.replication().get("SQL_Delay") != str(delay):
                server.follow(source.address, source.port, source.secret, delay)

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        there = members(self.region, outputs["roGroupId"])
        if not there:
            return None
        for record in there:
            settings = settings_of(
                self.region,
                record.inputs["masterInstanceId"],
                record.inputs,
                "readonly",
                record.outputs["intranetIp"],
            )
            seen = Server(self.region.host(record.id)).look(settings)
            found = seen.replication if seen else None
            if found and found.delay != delay_of(outputs):
                info: dict[str, Any] = {
                    **(outputs.get("roGroupInfo") or {}),
                    "replicationDelayTime": found.delay,
                }
                return {**outputs, "roGroupInfo": info}
        return outputs

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        return self.create(id_, new)

    def delete(self, id_: str, outputs: Properties) -> None:
        """Its instances stop lagging when the record is dropped."""


def members(region: Region, group: str) -> list[Any]:
    """The records of a group's read-only instances whose hosts are there."""
    return [
        record
        for record in region.records.all(READONLY)
        if group_of(record.id, record.outputs) == group and region.has_host(record.id)
    ]


class Switch(Resource):
    """A switch of an instance's primary: the standby takes over, the former primary follows it.

    Equal: nothing that was committed is lost, unless it is forced; the instance's address leads to the new primary;
    connections end and have to be made again. Each of these resources is one switch; nothing happens when it is
    deleted.

    Differs: there is one standby: `dstSlave` `second` is refused. `waitSwitch` waits for nothing.
    """

    type = "tencentcloud:Mysql/switchMasterSlaveOperation:SwitchMasterSlaveOperation"
    prefix = "switch"
    updates: ClassVar[bool] = False

    def check(self, inputs: Properties) -> list[schema.Failure]:
        if inputs.get("dstSlave") not in (None, "first", schema.UNKNOWN):
            return [("dstSlave", "has to be first: the local region makes one standby")]
        return []

    def create(self, id_: str, inputs: Properties) -> Properties:
        instance = inputs["instanceId"]
        record = self.region.get(INSTANCE, instance)
        with self.region.locked(f"mysql-{instance}"):
            both = pair(self.region, instance, record.inputs)
            # A switch that was killed goes on to the same end, and not back.
            target = self.region.settings.root / f"{id_}.target"
            if not target.exists():
                if len(both) < 2:
                    raise RegionError(f"MySQL instance {instance} has no standby to switch to")
                target.write_text(both[1].host.id)
            if both[0].host.id != target.read_text():
                self._switch(both[0], both[1], bool(inputs.get("forceSwitch")))
            self._rejoin(instance, record.inputs)
        return {}

    def _switch(self, primary: Member, standby: Member, force: bool) -> None:
        virtual = primary.host.addresses[1]
        if not force:
            seen = standby.server.look(standby.settings)
            if not follows(standby.server, seen, primary.server.control):
                raise RegionError(
                    f"the standby of MySQL instance {primary.host.service} does not follow; bring it up again, or "
                    "set forceSwitch, which may lose what the standby lacks"
                )
            self._catch_up(primary.server, standby.server)
        promote(self.region, standby.server, virtual, standby.settings)

    def _catch_up(self, primary: Server, standby: Server) -> None:
        """End writes on the primary and wait until the standby has them all."""
        primary.execute("SET GLOBAL read_only = ON;")
        clients = f"SELECT ID FROM information_schema.PROCESSLIST WHERE USER NOT IN ({OURS});"  # noqa: S608
        for (number,) in primary.rows(clients):
            # One that has just gone is no error: `--force` is for this statement alone.
            primary.end(int(number))
        try:
            standby.catch_up(primary.position(), CATCH_UP)
        except RegionError:
            primary.execute("SET GLOBAL read_only = OFF;")
            raise

    def _rejoin(self, instance: str, inputs: Properties) -> None:
        """Have the former primary follow, and commits wait for it."""
        primary, *others = pair(self.region, instance, inputs)
        source = source_of(self.region, instance)
        for member in others:
            daemon.revive(member.server.control, mariadb.UNIT)
            member.server.reconfigure(member.settings)
            if not follows(member.server, member.server.look(member.settings), primary.server.control):
                member.server.follow(source.address, source.port, source.secret, demoted=True)
        primary.server.reconfigure(primary.settings)

    def delete(self, id_: str, outputs: Properties) -> None:
        (self.region.settings.root / f"{id_}.target").unlink(missing_ok=True)


RESOURCES: tuple[type[Resource], ...] = (RoGroup, Switch)
