"""TencentDB for MySQL: MariaDB on a host, with a standby on another."""

from dataclasses import replace

from region import schema
from region.region import Region
from region.resources import mysql_groups, mysql_objects, mysql_policies, mysql_readonly
from region.resources.base import Properties, Resource, computed
from region.resources.mysql_members import (
    RUNNING,
    STOPPED,
    TEMPLATES,
    Member,
    fill,
    follows,
    has_standby,
    hosts_of,
    mend,
    pair,
    prepare,
    promote,
    settings_of,
    source_of,
    standby_id,
    strays,
)
from region.services import daemon, mariadb, placement
from region.services.mariadb import Server

FIXED = ("vpcId", "subnetId", "engineType", "engineVersion")


class Instance(Resource):
    """A TencentDB for MySQL instance: MariaDB 11.8 on a host of its own and, when a zone is named for one, a standby on
    a second host. The instance's address is a virtual one that its primary holds.

    Equal: root's rights (no SUPER, FILE, SHUTDOWN, no file of the host), `parameters` of the same names and their
    drift, semi-synchronous commits (`slaveSyncMode`), security groups, port, password, TLS as an offer (as a duty with
    `require_secure_transport`), changes while it runs, a standby that is added, removed and mended without a loss.

    Differs: MariaDB stands for each `engineVersion`, so that cannot be changed. A parameter that MariaDB doesn't know
    is passed over. Sizes are cut to one machine: the buffer pool is a sixteenth of `memSize`, 24 to 128 MB, and there
    is one connection for each 5 MB, 100 to 2000: the region's own figures, below the cloud's, so that a client that
    needs too many is found here first. `volumeSize` limits nothing but the log's part of it. `vpcId` and `subnetId`
    cannot be changed. Root may change any account, the region's own too (the next `up` mends that), and gives
    privileges that write by database only, not on `*.*`. An instance that is down reads as one of no memory, one whose
    standby is not fit to take over as one without `firstSlaveZone`: so the next `up` mends them.
    """

    type = "tencentcloud:Mysql/instance:Instance"
    prefix = "cdb"

    def check(self, inputs: Properties) -> list[schema.Failure]:
        return [*placement.missing_network(inputs), *unknown_template(self.region, inputs)]

    def create(self, id_: str, inputs: Properties) -> Properties:
        self.delete(id_, {})
        own, virtual = (placement.lease(self.region, inputs) for _ in range(2))
        host = placement.managed(self.region, id_, inputs["instanceName"], "mysql", inputs, own, virtual)
        settings = settings_of(self.region, id_, inputs, "primary", own)
        primary = prepare(self.region, host, settings)
        standby = self._standby(id_, standby_id(id_), inputs) if has_standby(inputs) else None
        self.region.refresh_firewall(host.router)
        daemon.start_all(*((server.control, mariadb.UNIT) for server in (primary, standby) if server))
        # Until there is a standby, a commit would wait for one in vain.
        primary.semi_sync(False)
        secret = primary.found()
        if password := inputs.get("rootPassword"):
            primary.set_root(password)
        outputs: Properties = {
            "intranetIp": virtual,
            "intranetPort": settings.port,
            "internetHost": "",
            "internetPort": 0,
            "gtid": 1,
            "locked": 0,
            "status": RUNNING,
            "taskStatus": 0,
        }
        if standby:
            # One that is as new as its primary needs no copy: the log has everything.
            primary.semi_sync(settings.semi_sync)
            standby.follow(virtual, settings.port, secret)
        return outputs

    def _standby(self, id_: str, host_id: str, inputs: Properties) -> Server:
        address = placement.lease(self.region, inputs)
        host = placement.managed(self.region, host_id, names(inputs)[1], "mysql", inputs, address)
        settings = settings_of(self.region, id_, inputs, "standby", address)
        return prepare(self.region, replace(host, service=id_), settings)

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        members = pair(self.region, id_, outputs)
        if not members:
            return None
        seen = [member.server.look(member.settings) for member in members]
        primary, state = members[0], seen[0]
        drift: Properties = {"status": RUNNING}
        if state is None or len(primary.host.addresses) < 2:
            drift |= {"status": STOPPED, "memSize": 0}
        elif (password := outputs.get("rootPassword")) and not (state.root and state.root.opens(password)):
            drift["rootPassword"] = ""
        fit = any(
            follows(member.server, found, primary.server.control)
            for member, found in zip(members[1:], seen[1:], strict=True)
        )
        if has_standby(outputs) and not fit:
            drift["firstSlaveZone"] = ""
        if found := strays(zip((member.settings for member in members), seen, strict=True)):
            drift["parameters"] = {**(outputs.get("parameters") or {}), **found}
        return {**outputs, **drift}

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        placement.refuse(self.type, id_, old, new, *FIXED)
        members = pair(self.region, id_, new)
        if not members:
            raise placement.gone(self.type, id_)
        primary, *standbys = members
        if len(primary.host.addresses) < 2:
            # Its primary's host is gone: the standby has everything that was acknowledged.
            promote(self.region, primary.server, old["intranetIp"], primary.settings)
        for member in members:
            placement.regroup(self.region, member.server.control, placement.groups(new))
        port = primary.settings.port
        if not has_standby(new):
            primary.server.reconfigure(primary.settings)
            for member in standbys:
                self.region.remove_host(member.host.id)
        elif standbys and port == old.get("intranetPort", port) and self._fit(primary, standbys[0]):
            for member in members:
                member.server.reconfigure(member.settings)
        else:
            # A commit would wait in vain for a standby that can't acknowledge it.
            primary.server.reconfigure(replace(primary.settings, semi_sync=False))
            primary.server.let_followers_in()
            self._mend_standby(id_, primary, standbys, new)
            primary.server.reconfigure(primary.settings)
        for member, name in zip(pair(self.region, id_, new), names(new), strict=False):
            placement.rename(member.server.control, name)
        if password := new.get("rootPassword"):
            primary.server.set_root(password)
        if port != old.get("intranetPort"):
            self._redirect(id_, port)
        kept = computed(old, "intranetIp", "internetHost", "internetPort", "gtid", "locked", "taskStatus")
        return {**kept, "intranetPort": port, "status": RUNNING}

    def _fit(self, primary: Member, standby: Member) -> bool:
        """Whether a standby has everything that its primary has, and comes with it."""
        seen = standby.server.look(standby.settings)
        return follows(standby.server, seen, primary.server.control)

    def _mend_standby(self, id_: str, primary: Member, standbys: list[Member], inputs: Properties) -> None:
        """Add a standby, or see that the one that is there can take over."""
        source = source_of(self.region, id_, primary.settings.port)
        if standbys:
            server, settings = standbys[0].server, standbys[0].settings
            mend(self.region, server, primary.server, source, settings)
        else:
            free = next(each for each in (standby_id(id_), id_) if each != primary.host.id)
            fill(self.region, self._standby(id_, free, inputs), primary.server, source)

    def _redirect(self, id_: str, port: int) -> None:
        """Have read-only instances look for their primary at another port."""
        source = source_of(self.region, id_, port)
        kept = {control.host.id for control in hosts_of(self.region, id_)}
        for host in mariadb.members_of(self.region, id_):
            control = self.region.host(host.id)
            if host.id not in kept and control.leader():
                Server(control).follow(source.address, source.port, source.secret)

    def delete(self, id_: str, outputs: Properties) -> None:
        self.region.remove_host(standby_id(id_))
        self.region.remove_host(id_)


def names(inputs: Properties) -> tuple[str, str]:
    """What the hosts of an instance are called."""
    return inputs["instanceName"], f"{inputs['instanceName']}-standby"


def unknown_template(region: Region, inputs: Properties) -> list[schema.Failure]:
    """The failure of an instance that names a parameter template that there is not."""
    number = inputs.get("paramTemplateId")
    if not number or number == schema.UNKNOWN or region.records.get(TEMPLATES, str(number)):
        return []
    return [("paramTemplateId", f"there is no parameter template {number} in region {region.name}")]


RESOURCES: tuple[type[Resource], ...] = (
    Instance,
    *mysql_readonly.RESOURCES,
    *mysql_objects.RESOURCES,
    *mysql_policies.RESOURCES,
    *mysql_groups.RESOURCES,
)
