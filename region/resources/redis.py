"""TencentDB for Redis: redis-server on a host."""

import time
from dataclasses import replace

from region import schema
from region.resources.base import Properties, Resource, computed
from region.resources.redis_objects import Account, BackupConfig, Param
from region.resources.redis_records import INSTANCE, PORT, bring, settings_of
from region.services import daemon, placement, redis_config
from region.services.redis_server import DATA, SECRET, UNIT, Server

ONLINE = "online"
FIXED = ("vpcId", "subnetId", "ip", "typeId", "redisShardNum")
COMPUTED = ("ip", "createTime", "dedicatedClusterId", "nodeInfos", "wanAddress")


class Instance(Resource):
    """A TencentDB for Redis instance: Redis 8.0 on a host of its own, what was written on disk within a second.

    Equal: the password, `memSize` as the limit (a full server says so and drops nothing), `noAuth`, port, security
    groups, parameters and their drift, changes while it runs; the commands that the cloud keeps for itself (CONFIG SET,
    DEBUG, MODULE, SHUTDOWN, REPLICAOF, SAVE, MONITOR, ACL, ...) are refused.

    Differs: one node: shards and replicas are taken down but not made. `vpcId`, `subnetId`, `ip`, `typeId` and
    `redisShardNum` cannot be changed. One that is down reads as one of no memory; what was changed by hand without
    being a parameter that the program sets shows as `paramsTemplateId`.
    """

    type = INSTANCE
    prefix = "crs"

    def check(self, inputs: Properties) -> list[schema.Failure]:
        found = placement.missing_network(inputs)
        if not inputs.get("noAuth") and not inputs.get("password"):
            found.append(("password", "is required unless `noAuth` is true"))
        return found

    def create(self, id_: str, inputs: Properties) -> Properties:
        self.delete(id_, {})
        address = placement.lease(self.region, inputs, inputs.get("ip"))
        host = placement.managed(self.region, id_, inputs.get("name") or id_, "redis", inputs, address)
        control = self.region.prepare(replace(host, binds={DATA: "redis"}))
        settings = settings_of(self.region, id_, inputs, daemon.keep_secret(control, SECRET))
        # Parameters are set after the start, when it can be seen which of them the server knows.
        server = Server(control, settings.port)
        server.configure(replace(settings, parameters={}))
        daemon.own_data(control, DATA, "redis")
        control.enable(UNIT)
        self.region.refresh_firewall(host.router)
        daemon.start(control, UNIT)
        server.remember()
        if settings.parameters:
            server.reconfigure(settings)
        return {
            "ip": address,
            "port": settings.port,
            "createTime": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime()),
            "dedicatedClusterId": "",
            "nodeInfos": [{"id": 1, "master": True, "zoneId": 0}],
            "status": ONLINE,
            "wanAddress": "",
        }

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        if not self.region.has_host(id_):
            return None
        control = self.region.host(id_)
        server = Server(control, int(outputs["port"]))
        seen = server.look()
        if seen is None:
            return {**outputs, "status": "stopped", "memSize": 0}
        settings = settings_of(self.region, id_, outputs, daemon.kept_secret(control, SECRET))
        strays = server.strays(seen)
        drift: Properties = {"status": ONLINE}
        if memory := strays.pop("maxmemory", None):
            drift["memSize"] = int(memory) >> 20
        if seen.users.get(redis_config.DEFAULT) != settings.users[0].rules:
            # Its password is kept as a hash only; what it may do is part of what the password opens.
            drift["password"] = ""
        if others := sorted(strays.keys() - settings.parameters.keys()):
            drift["paramsTemplateId"] = f"changed by hand: {', '.join(others)}"
        return {**outputs, **drift}

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        placement.refuse(self.type, id_, old, {**computed(old, "ip"), **new}, *FIXED)
        if not self.region.has_host(id_):
            raise placement.gone(self.type, id_)
        control = self.region.host(id_)
        placement.regroup(self.region, control, placement.groups(new))
        bring(self.region, id_, new, int(old.get("port") or PORT))
        placement.rename(control, new.get("name") or id_)
        return {**computed(old, *COMPUTED), "port": int(new.get("port") or PORT), "status": ONLINE}

    def delete(self, id_: str, outputs: Properties) -> None:
        self.region.remove_host(id_)


RESOURCES = (Instance, Account, Param, BackupConfig)
