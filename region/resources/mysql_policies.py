"""What is kept for a MySQL instance: its backup policy, how long it keeps its log, templates of parameters."""

import hashlib
from typing import Any, ClassVar

from region import schema
from region.errors import RegionError
from region.region import Region
from region.resources.base import Properties, Resource
from region.resources.mysql_members import BINLOG, INSTANCE, POLICY, READONLY, TEMPLATES, pair, settings_of
from region.services import mariadb
from region.services.mariadb import Server

DAY, HOUR = 86400, 3600
LOOK = "SELECT @@binlog_expire_logs_seconds, @@max_binlog_total_size;"


def lay_log(region: Region, id_: str) -> None:
    """Have every running server of an instance keep its log as long as the records say."""
    record = region.records.get(INSTANCE, id_)
    if record is None:
        return
    with region.locked(f"mysql-{id_}"):
        for member in pair(region, id_, record.inputs):
            if member.server.control.leader():
                member.server.reconfigure(member.settings)
        for host in mariadb.members_of(region, id_):
            readonly = region.records.get(READONLY, host.id)
            server = Server(region.host(host.id))
            if readonly and server.control.leader():
                server.reconfigure(settings_of(region, id_, readonly.inputs, "readonly", host.address))


class _Log(Resource):
    """Something that decides how long an instance keeps its log. Its id is the instance's: there is one of a kind."""

    prefix = ""
    instance: ClassVar[str]
    """The input that names the instance."""

    def id_for(self, urn: str, inputs: Properties) -> str:
        return self.make_id(urn, 0, inputs)

    def make_id(self, urn: str, generation: int, inputs: Properties) -> str:
        return str(inputs[self.instance])

    def create(self, id_: str, inputs: Properties) -> Properties:
        if not mariadb.holder_of(self.region, id_):
            raise RegionError(
                f"MySQL instance {id_} has no host in region {self.region.name}; run a refresh first"
            )
        return {}

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        return self.create(id_, new)

    def settled(self, outputs: Properties) -> None:
        lay_log(self.region, outputs[self.instance])

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        holder, record = mariadb.holder_of(self.region, id_), self.region.records.get(INSTANCE, id_)
        if holder is None or record is None:
            return None
        rows = Server(holder).glance(LOOK)
        if not rows:
            return outputs
        seconds, size = (int(number) for number in rows[0])
        wanted = settings_of(self.region, id_, record.inputs, "primary", holder.host.address)
        if (seconds, size) == (wanted.binlog_seconds, wanted.binlog_bytes):
            return outputs
        return {**outputs, **self.seen(seconds)}

    def seen(self, seconds: int) -> Properties:
        """The inputs that say how long the log is kept, when it is kept for so long."""
        raise NotImplementedError

    def delete(self, id_: str, outputs: Properties) -> None:
        """The log goes back to what is left on record when this record is dropped."""


class BackupPolicy(_Log):
    """When TencentDB backs an instance up, and how long it keeps that.

    Equal: the ranges of each field; `binlogPeriod` days of the log can be read by whoever replicates or restores.

    Differs: there is no backup store of the cloud's own here, so the log stays on the instance itself for
    `binlogPeriod` (`binlog_expire_logs_seconds`), and the window and the retention of full backups are taken down only.
    """

    type = POLICY
    instance = "mysqlId"

    def check(self, inputs: Properties) -> list[schema.Failure]:
        period, retention = inputs.get("binlogPeriod"), inputs.get("retentionPeriod") or 7
        if schema.UNKNOWN in (period, retention) or period is None:
            return []
        if not 7 <= int(period) <= 1830:
            return [("binlogPeriod", f"has to be between 7 and 1830 days, not {period}")]
        if int(period) > int(retention):
            return [("binlogPeriod", f"has to be at most retentionPeriod, {retention} days, not {period}")]
        return []

    def seen(self, seconds: int) -> Properties:
        return {"binlogPeriod": seconds // DAY}


class LocalBinlogConfig(_Log):
    """How long and how much of its log an instance keeps on its own disk.

    Equal: `saveHours` is the server's `binlog_expire_logs_seconds`, `maxUsage` percent of `volumeSize` its
    `max_binlog_total_size`; both are set while it runs, on each of its servers.

    Differs: with a backup policy that keeps the log for longer, that one counts.
    """

    type = BINLOG
    instance = "instanceId"

    def check(self, inputs: Properties) -> list[schema.Failure]:
        ranges = {"saveHours": (72, 168), "maxUsage": (30, 50)}
        return [
            (name, f"has to be between {low} and {high}, not {inputs[name]}")
            for name, (low, high) in ranges.items()
            if inputs.get(name) not in (None, schema.UNKNOWN) and not low <= int(inputs[name]) <= high
        ]

    def seen(self, seconds: int) -> Properties:
        return {"saveHours": seconds // HOUR}


class ParamTemplate(Resource):
    """A template of MySQL parameters, for instances to be made with.

    Equal: an instance and a read-only instance that name it by `paramTemplateId` have its parameters; their own
    `parameters` go before.

    Differs: instances take a changed template over at their next refresh and update; the cloud's keep what they have.
    `templateId` as a source, `templateType` and versions are taken down only.
    """

    type = TEMPLATES
    prefix = ""

    def make_id(self, urn: str, generation: int, inputs: Properties) -> str:
        # The cloud counts its templates: an instance names one by a number.
        return str(int(hashlib.sha256(f"{urn}#{generation}".encode()).hexdigest()[:7], 16))

    def check(self, inputs: Properties) -> list[schema.Failure]:
        entries: list[Any] = inputs.get("paramLists") or []
        return [
            (f"paramLists[{index}]", "needs name and currentValue")
            for index, entry in enumerate(entries)
            if isinstance(entry, dict) and not (entry.get("name") and entry.get("currentValue"))
        ]

    def create(self, id_: str, inputs: Properties) -> Properties:
        return {"templateId": int(id_)}

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        return {"templateId": int(id_)}

    def delete(self, id_: str, outputs: Properties) -> None:
        """A template is nothing but its record."""


RESOURCES: tuple[type[Resource], ...] = (BackupPolicy, LocalBinlogConfig, ParamTemplate)
