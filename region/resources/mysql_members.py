"""The servers of a MySQL instance: what each is configured by, how they find each other, how a broken one is mended."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from region.errors import RegionError
from region.hosts import Host, HostControl
from region.region import Region
from region.services import daemon, mariadb
from region.services.mariadb import DATA, REPLICATION_SECRET, Server
from region.services.mariadb_config import Role, Settings
from region.services.mariadb_state import Seen, drifted

PORT = 3306
RUNNING, STOPPED = 1, 0
"""The cloud's states of an instance (DescribeDBInstances, Status); 0 is `creating`, the nearest to down."""
INSTANCE = "tencentcloud:Mysql/instance:Instance"
READONLY = "tencentcloud:Mysql/readonlyInstance:ReadonlyInstance"
TEMPLATES = "tencentcloud:Mysql/paramTemplate:ParamTemplate"
POLICY = "tencentcloud:Mysql/backupPolicy:BackupPolicy"
BINLOG = "tencentcloud:Mysql/localBinlogConfig:LocalBinlogConfig"
LOCAL_HOURS = 120
"""How long a log stays on an instance that nobody says anything about (LocalBinlogConfig's default)."""
GIB = 1 << 30
CATCH_UP = 60
"""Seconds that a follower gets to come up to its primary."""
log = logging.getLogger("region")


@dataclass(frozen=True)
class Source:
    """What a follower follows: the instance's address, and the password that this very instance was made with."""

    address: str
    port: int
    secret: str


@dataclass(frozen=True)
class Member:
    """One server of an instance and what it is to be configured by."""

    server: Server
    settings: Settings

    @property
    def host(self) -> Host:
        return self.server.control.host


def settings_of(region: Region, id_: str, inputs: Mapping[str, Any], role: Role, address: str) -> Settings:
    """What a member of instance `id_` is configured by: its inputs, its template, and how long it keeps its log."""
    policy, local = (region.records.get(type_, id_) for type_ in (POLICY, BINLOG))
    days = int((policy.inputs.get("binlogPeriod") if policy else None) or 0)
    hours = int(local.inputs["saveHours"]) if local else LOCAL_HOURS
    percent = int(local.inputs["maxUsage"]) if local else 0
    return Settings(
        address,
        role,
        int(inputs["memSize"]),
        int(inputs.get("intranetPort") or PORT),
        semi_sync=has_standby(inputs) and bool(inputs.get("slaveSyncMode")),
        parameters=template_of(region, inputs) | (inputs.get("parameters") or {}),
        binlog_seconds=max(days * 24, hours) * 3600,
        binlog_bytes=int(inputs.get("volumeSize") or 0) * GIB * percent // 100,
    )


def template_of(region: Region, inputs: Mapping[str, Any]) -> dict[str, str]:
    """The parameters of the template that an instance names."""
    number = inputs.get("paramTemplateId")
    if not number:
        return {}
    record = region.get(TEMPLATES, str(number))
    return {entry["name"]: str(entry["currentValue"]) for entry in record.inputs.get("paramLists") or ()}


def has_standby(inputs: Mapping[str, Any]) -> bool:
    """Whether a second host stands by. The cloud always has one; here it is made when a zone is named."""
    return bool(inputs.get("firstSlaveZone"))


def standby_id(id_: str) -> str:
    return f"{id_}-s"


def hosts_of(region: Region, id_: str) -> list[HostControl]:
    """The hosts that may be an instance's primary, the one that is it first."""
    controls = [region.host(each) for each in (id_, standby_id(id_)) if region.has_host(each)]
    return sorted(controls, key=lambda control: len(control.host.addresses), reverse=True)


def pair(region: Region, id_: str, inputs: Mapping[str, Any]) -> list[Member]:
    """The primary of an instance and its standby, as far as they are there; the first is, or is to be, the primary."""
    roles: tuple[Role, Role] = ("primary", "standby")
    return [
        Member(Server(control), settings_of(region, id_, inputs, role, control.host.address))
        for control, role in zip(hosts_of(region, id_), roles, strict=False)
    ]


def prepare(region: Region, host: Host, settings: Settings) -> Server:
    """A host with a server that is ready to boot."""
    server = Server(region.prepare(replace(host, binds={DATA: "mysql"})))
    server.lay(settings)
    return server


def source_of(region: Region, id_: str, port: int | None = None) -> Source:
    """What the followers of an instance follow."""
    control = mariadb.holder_of(region, id_)
    if control is None:
        raise RegionError(f"MySQL instance {id_} has no host in region {region.name}; run a refresh first")
    if port is None:
        port = int(region.get(INSTANCE, id_).outputs.get("intranetPort") or PORT)
    return Source(control.host.addresses[1], port, secret_of(control))


def secret_of(control: HostControl) -> str:
    """The password of the instance that a server belongs to; empty where there is none."""
    file = control.root / REPLICATION_SECRET.lstrip("/")
    return file.read_text() if file.exists() else ""


def follows(server: Server, seen: Seen | None, primary: HostControl) -> bool:
    """Whether a follower replicates from the instance that is there now, not from one that is gone."""
    replication = seen.replication if seen else None
    return bool(replication and replication.works and secret_of(server.control) == secret_of(primary) != "")


def fill(region: Region, server: Server, primary: Server, source: Source, delay: int = 0) -> None:
    """Boot a new follower, give it what its primary holds and have it follow."""
    region.refresh_firewall(server.control.host.router)
    daemon.start(server.control, mariadb.UNIT)
    server.seed(primary)
    server.follow(source.address, source.port, source.secret, delay)


def mend(
    region: Region, server: Server, primary: Server, source: Source, settings: Settings, delay: int = 0
) -> None:
    """Have a follower be as its settings say and follow; one that can't any more is made anew from its primary."""
    if secret_of(server.control) == source.secret:
        try:
            server.reconfigure(settings)
            state = server.look(settings)
            replication = state.replication if state else None
            if not (replication and replication.works and replication.delay == delay):
                server.follow(source.address, source.port, source.secret, delay, demoted=replication is None)
                if not delay:
                    # It runs until it meets what it can't apply.
                    server.catch_up(primary.position(), CATCH_UP)
            return
        except RegionError as error:
            log.warning("%s; it is made anew from its primary", error)
    fill(region, prepare(region, server.control.host, settings), primary, source, delay)


def strays(members: Iterable[tuple[Settings, Seen | None]]) -> dict[str, str]:
    """The variables that differ from what was asked for, with their values; those of the first server go before."""
    found: dict[str, str] = {}
    for settings, seen in members:
        found = (drifted(settings, seen.variables) if seen else {}) | found
    return found


def promote(region: Region, server: Server, virtual: str, settings: Settings) -> None:
    """Make a standby the primary: it takes writes, and the instance's address leads to it."""
    control, network = server.control, region.network
    daemon.revive(control, mariadb.UNIT)
    server.execute("STOP SLAVE;", "RESET SLAVE ALL;")
    server.reconfigure(replace(settings, role="primary", semi_sync=False))
    for other in mariadb.members_of(region, control.host.service):
        if virtual in other.addresses and other.id != control.host.id:
            demoted = region.host(other.id)
            demoted.save(replace(other, addresses=other.addresses[:1]))
            if network.has(other.id):
                network.drop_address(other.id, virtual)
    control.save(replace(control.host, addresses=(control.host.address, virtual)))
    network.add_address(control.host.id, control.host.router, virtual)
    region.refresh_firewall(control.host.router)
