"""TDMQ for RabbitMQ: RabbitMQ on a host of its own, and its virtual hosts, users and permissions.

Without a security group, as in the cloud: whoever is in the VPC reaches it, and users guard it. It is managed over its
HTTP API, which listens on the host's loopback only; `rabbitmqctl` would start an Erlang machine for each question. The
number of nodes and the storage's size are taken down but limit nothing here: one node serves.
"""

import base64
import hashlib
import json
import os
from dataclasses import replace
from urllib.parse import quote

from region.errors import RegionError
from region.hosts import HostControl
from region.process import run
from region.resources.base import Properties, Resource
from region.services import daemon, placement

UNIT = "rabbitmq-server"
PORT = 5672
DATA = "/var/lib/rabbitmq"
ADMINISTRATOR = "region"
SECRET = "/etc/rabbitmq/administrator"
INSTANCE = "tencentcloud:Tdmq/rabbitmqVipInstance:RabbitmqVipInstance"

CONFIGURATION = """\
listeners.tcp.default = 0.0.0.0:5672
management.tcp.ip = 127.0.0.1
management.tcp.port = 15672
load_definitions = /etc/rabbitmq/definitions.json
vm_memory_high_watermark.absolute = 512MB
disk_free_limit.absolute = 256MB
log.console = true
log.console.level = warning
log.file = false
"""
# One scheduler and no spinning: the region's hosts share the machine's cores.
ENVIRONMENT = 'NODENAME=rabbit@localhost\nRABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none"\n'


def password_hash(password: str, salt: bytes) -> str:
    """RabbitMQ's form of a password: base64 of salt and SHA-256 (https://www.rabbitmq.com/docs/passwords)."""
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def definitions(password: str, salt: bytes) -> str:
    """What the server begins with: the region's administrator, and no guest."""
    user = {
        "name": ADMINISTRATOR,
        "password_hash": password_hash(password, salt),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": ["administrator"],
    }
    return json.dumps({"users": [user], "vhosts": [{"name": "/"}], "permissions": []})


def call(control: HostControl, method: str, path: str, body: Properties | None = None) -> None:
    """Call the management API; a 404 for what is deleted is no error. Raises `RegionError` with its answer."""
    login = f"{ADMINISTRATOR}:{daemon.kept_secret(control, SECRET)}"
    lines = [
        "silent",
        "show-error",
        f'url = "http://127.0.0.1:15672/api/{path}"',
        f'request = "{method}"',
        f'user = "{login}"',
        'header = "Content-Type: application/json"',
        'write-out = "\\n%{http_code}"',
    ]
    if body is not None:
        lines.append(f"data = {json.dumps(json.dumps(body))}")
    # The configuration travels on standard input, so that no password is in the process list.
    answer, _, status = control.run(["curl", "--config", "-"], stdin="\n".join(lines)).rpartition("\n")
    if not (status.startswith("2") or (method == "DELETE" and status == "404")):
        raise RegionError(f"RabbitMQ refused {method} {path}: HTTP {status} {answer}")


class Instance(Resource):
    type = INSTANCE
    prefix = "amqp"

    def create(self, id_: str, inputs: Properties) -> Properties:
        address = placement.lease(self.region, inputs)
        host = placement.managed(self.region, id_, inputs["clusterName"], "rabbitmq", inputs, address)
        control = self.region.prepare(replace(host, binds={DATA: "rabbitmq"}))
        secret = daemon.keep_secret(control, SECRET)
        control.write("/etc/rabbitmq/rabbitmq.conf", CONFIGURATION)
        control.write("/etc/rabbitmq/rabbitmq-env.conf", ENVIRONMENT)
        control.write("/etc/rabbitmq/enabled_plugins", "[rabbitmq_management].\n")
        control.write("/etc/rabbitmq/definitions.json", definitions(secret, os.urandom(4)), 0o640, "rabbitmq")
        daemon.own_data(control, DATA, "rabbitmq")
        # The socket would have Erlang's port mapper listen for the whole VPC; the node starts one on loopback.
        run(["systemctl", f"--root={control.root}", "--quiet", "mask", "epmd.socket", "epmd.service"])
        control.enable(UNIT)
        self.region.refresh_firewall(host.router)
        daemon.start(control, UNIT)
        health = ["curl", "--silent", "--fail", "--output", "/dev/null", "http://127.0.0.1:15672/"]
        control.wait_for(health, "RabbitMQ", timeout=90)
        vpc = {"vpcId": inputs["vpcId"], "subnetId": inputs["subnetId"]}
        endpoint = {"vpcEndpoint": f"{address}:{PORT}", "vpcDataStreamEndpointStatus": "OK"}
        return {"publicAccessEndpoint": "", "vpcs": [{**vpc, **endpoint}]}

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        return outputs if self.region.records.get(self.type, id_) else None

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        placement.refuse(self.type, id_, old, new, "vpcId", "subnetId")
        return {name: old[name] for name in ("publicAccessEndpoint", "vpcs")}

    def delete(self, id_: str, outputs: Properties) -> None:
        self.region.remove_host(id_)


class _Object(Resource):
    """Something inside an instance, at a path of its management API."""

    def path(self, inputs: Properties) -> str:
        raise NotImplementedError

    def body(self, inputs: Properties) -> Properties:
        raise NotImplementedError

    def create(self, id_: str, inputs: Properties) -> Properties:
        control = daemon.found(self.region, inputs["instanceId"])
        if control is None:
            raise RegionError(f"RabbitMQ instance {inputs['instanceId']!r} does not exist in region {self.region.name}")
        call(control, "PUT", self.path(inputs), self.body(inputs))
        return {}

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        if self.path(old) != self.path(new) or old["instanceId"] != new["instanceId"]:
            placement.refuse(self.type, id_, old, new, "instanceId", "virtualHost", "user")
        return self.create(id_, new)

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        control = daemon.found(self.region, outputs["instanceId"])
        if control is None:
            return None
        try:
            call(control, "GET", self.path(outputs))
        except RegionError as error:
            if "HTTP 404" in str(error):
                return None
            raise
        return outputs

    def delete(self, id_: str, outputs: Properties) -> None:
        control = daemon.found(self.region, outputs["instanceId"])
        if control is not None:
            call(control, "DELETE", self.path(outputs))


class VirtualHost(_Object):
    type = "tencentcloud:Tdmq/rabbitmqVirtualHost:RabbitmqVirtualHost"
    prefix = "amqpvhost"

    def path(self, inputs: Properties) -> str:
        return f"vhosts/{_quoted(inputs['virtualHost'])}"

    def body(self, inputs: Properties) -> Properties:
        return {"description": inputs.get("description") or "", "tracing": bool(inputs.get("traceFlag"))}


class User(_Object):
    type = "tencentcloud:Tdmq/rabbitmqUser:RabbitmqUser"
    prefix = "amqpuser"

    def path(self, inputs: Properties) -> str:
        return f"users/{_quoted(inputs['user'])}"

    def body(self, inputs: Properties) -> Properties:
        return {"password": inputs["password"], "tags": ",".join(inputs.get("tags") or [])}


class Permission(_Object):
    type = "tencentcloud:Tdmq/rabbitmqUserPermission:RabbitmqUserPermission"
    prefix = "amqpperm"

    def path(self, inputs: Properties) -> str:
        return f"permissions/{_quoted(inputs['virtualHost'])}/{_quoted(inputs['user'])}"

    def body(self, inputs: Properties) -> Properties:
        return {"configure": inputs["configRegexp"], "write": inputs["writeRegexp"], "read": inputs["readRegexp"]}


def _quoted(name: str) -> str:
    return quote(name, safe="")


RESOURCES = (Instance, VirtualHost, User, Permission)
