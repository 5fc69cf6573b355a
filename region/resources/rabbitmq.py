"""TDMQ for RabbitMQ: a RabbitMQ node on a host, with virtual hosts, users and permissions.

One node, whatever number is asked for. Security groups don't apply to it, as in the cloud: who is in the VPC
reaches it, and its users guard it.
"""

from dataclasses import replace

from region import schema
from region.hosts import HostControl
from region.process import run
from region.resources.base import Properties, Resource, computed
from region.resources.rabbitmq_objects import Permission, User, VirtualHost
from region.services import daemon, placement, rabbitmq_config
from region.services.rabbitmq_api import SECRET

UNIT = "rabbitmq-server.service"
DATA = "/var/lib/rabbitmq"


class Instance(Resource):
    type = "tencentcloud:Tdmq/rabbitmqVipInstance:RabbitmqVipInstance"
    prefix = "amqp"

    def check(self, inputs: Properties) -> list[schema.Failure]:
        return placement.missing_network(inputs)

    def create(self, id_: str, inputs: Properties) -> Properties:
        self.delete(id_, {})
        address = placement.lease(self.region, inputs)
        host = placement.managed(self.region, id_, inputs["clusterName"], "rabbitmq", inputs, address)
        control = self.region.prepare(replace(host, binds={DATA: "rabbitmq"}, groups=None))
        self._lay(control, inputs)
        self.region.refresh_firewall(host.router)
        daemon.start(control, UNIT)
        endpoint = {
            "vpcId": inputs["vpcId"],
            "subnetId": inputs["subnetId"],
            "vpcEndpoint": f"{address}:{rabbitmq_config.AMQP}",
            "vpcDataStreamEndpointStatus": "OnLine",
        }
        return {"publicAccessEndpoint": "", "vpcs": [endpoint]}

    def _lay(self, control: HostControl, inputs: Properties) -> None:
        secret = daemon.keep_secret(control, SECRET)
        files = {
            "enabled_plugins": rabbitmq_config.PLUGINS,
            "rabbitmq-env.conf": rabbitmq_config.ENVIRONMENT,
            "definitions.json": rabbitmq_config.definitions(secret),
        }
        for name, text in files.items():
            control.write(f"/etc/rabbitmq/{name}", text, 0o600, "rabbitmq")
        control.write("/etc/systemd/system/rabbitmq-server.service.d/region.conf", rabbitmq_config.DROP_IN)
        self._configure(control, inputs)
        daemon.own_data(control, DATA, "rabbitmq")
        # Its socket has Erlang's port mapper listen for the whole VPC; the node starts one on loopback.
        run(["systemctl", f"--root={control.root}", "--quiet", "mask", "epmd.socket", "epmd.service"])
        control.enable(UNIT)

    def _configure(self, control: HostControl, inputs: Properties) -> None:
        memory = rabbitmq_config.memory_mb(inputs.get("nodeSpec"))
        control.write("/etc/rabbitmq/rabbitmq.conf", rabbitmq_config.config(memory))

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        return outputs if daemon.exists(self.region, id_) else None

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        placement.refuse(self.type, id_, old, new, "vpcId", "subnetId", "zoneIds")
        control = daemon.found(self.region, id_)
        if control is None:
            raise placement.gone(self.type, id_)
        before, after = (rabbitmq_config.memory_mb(inputs.get("nodeSpec")) for inputs in (old, new))
        if before != after:
            self._configure(control, new)
            daemon.restart(control, UNIT)
        return computed(old, "publicAccessEndpoint", "vpcs")

    def delete(self, id_: str, outputs: Properties) -> None:
        self.region.remove_host(id_)


RESOURCES = (Instance, VirtualHost, User, Permission)
