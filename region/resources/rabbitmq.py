"""TDMQ for RabbitMQ: a RabbitMQ node on a host, with virtual hosts, users and permissions."""

from dataclasses import replace

from region import schema
from region.hosts import HostControl
from region.process import run
from region.resources.base import Properties, Resource, computed
from region.resources.rabbitmq_objects import Permission, User, VirtualHost
from region.services import daemon, placement, rabbitmq_config
from region.services.rabbitmq_api import SECRET, UNIT, watched

DATA = "/var/lib/rabbitmq"
CONFIG = "/etc/rabbitmq/rabbitmq.conf"


class Instance(Resource):
    """A TDMQ for RabbitMQ cluster: RabbitMQ 4.0 on a host of its own.

    Equal: AMQP and the console in the VPC, which no security group guards: its users do, and none of them administers
    it. Confirmed messages of durable queues survive a power cut. Name and specification change while it runs.

    Differs: one node, whatever number is asked for; its memory is 256 MB for each unit of `nodeSpec`'s last number, at
    most 1 GB, from which on publishers wait. Mirrored queues are taken down only. A cluster that is down reads as one
    of no nodes.
    """

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
        control.write(CONFIG, rabbitmq_config.config(memory))

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        if not self.region.has_host(id_):
            return None
        return outputs if watched(self.region, id_) else {**outputs, "nodeNum": 0}

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        placement.refuse(self.type, id_, old, new, "vpcId", "subnetId", "zoneIds", "clusterVersion")
        if not self.region.has_host(id_):
            raise placement.gone(self.type, id_)
        control = self.region.host(id_)
        before = (control.root / CONFIG.lstrip("/")).read_text()
        self._configure(control, new)
        changed = before != (control.root / CONFIG.lstrip("/")).read_text()
        stood = control.leader() is not None
        daemon.revive(control, UNIT)
        if changed and stood:
            daemon.restart(control, UNIT)
        placement.rename(control, new["clusterName"])
        return computed(old, "publicAccessEndpoint", "vpcs")

    def delete(self, id_: str, outputs: Properties) -> None:
        self.region.remove_host(id_)


RESOURCES = (Instance, VirtualHost, User, Permission)
