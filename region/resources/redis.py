"""TencentDB for Redis: redis-server on a host.

A single node: replicas are taken down but not made. What was written is on disk within a second (appendonly).
"""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from region import schema
from region.hosts import HostControl
from region.resources.base import Properties, Resource, computed
from region.services import daemon, placement, redis_config

UNIT = "redis-server.service"
CONFIG, DATA, SECRET = "/etc/redis/redis.conf", "/var/lib/redis", "/etc/redis/region-admin"
PORT = 6379
ONLINE = "online"
COMPUTED = ("ip", "port", "createTime", "dedicatedClusterId", "nodeInfos", "status", "wanAddress")


def settings_of(inputs: Mapping[str, Any], secret: str) -> redis_config.Settings:
    """What the server of an instance is configured by."""
    password = None if inputs.get("noAuth") else inputs.get("password")
    return redis_config.Settings(int(inputs["memSize"]), int(inputs.get("port") or PORT), password, secret)


class Instance(Resource):
    type = "tencentcloud:Redis/instance:Instance"
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
        settings = settings_of(inputs, daemon.keep_secret(control, SECRET))
        self._configure(control, settings)
        daemon.own_data(control, DATA, "redis")
        control.enable(UNIT)
        self.region.refresh_firewall(host.router)
        daemon.start(control, UNIT)
        return {
            "ip": address,
            "port": settings.port,
            "createTime": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime()),
            "dedicatedClusterId": "",
            "nodeInfos": [{"id": 1, "master": True, "zoneId": 0}],
            "status": ONLINE,
            "wanAddress": "",
        }

    def _configure(self, control: HostControl, settings: redis_config.Settings) -> None:
        control.write(CONFIG, redis_config.config(settings), 0o640, "redis")

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        if not daemon.exists(self.region, id_):
            return None
        return {**outputs, "status": ONLINE if self.region.is_running(id_) else "stopped"}

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        placement.refuse(
            self.type, id_, old, {**computed(old, "ip", "port"), **new}, "vpcId", "subnetId", "ip", "port"
        )
        control = daemon.found(self.region, id_)
        if control is None:
            raise placement.gone(self.type, id_)
        placement.regroup(self.region, control, placement.groups(new))
        settings = settings_of({**computed(old, "port"), **new}, daemon.kept_secret(control, SECRET))
        self._configure(control, settings)
        client = ["redis-cli", "-p", str(settings.port)]
        redis_config.refused(control.run(client, stdin=redis_config.live(settings)))
        return computed(old, *COMPUTED)

    def delete(self, id_: str, outputs: Properties) -> None:
        self.region.remove_host(id_)


RESOURCES = (Instance,)
