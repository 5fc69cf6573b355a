"""What resources would look like, without anything on the machine: for plans, and for tests of the program.

Check and Diff are the real ones; creations, changes and deletions are done to the records alone.
"""

import threading
from collections.abc import Callable
from ipaddress import IPv4Network
from typing import Any
from weakref import WeakKeyDictionary

from region import schema
from region.region import RESERVED, Region, subnet_of
from region.resources.base import Properties, Resource
from region.settings import REGISTRY_DOMAIN

TIME = "2026-01-01 00:00:00"
_ZERO: dict[str, Any] = {"string": "", "integer": 0, "number": 0, "boolean": False}


class Sketch(Resource):
    """A resource of any type that the tables know, on record only."""

    def __init__(self, region: Region, type_: str, real: Resource | None) -> None:
        super().__init__(region)
        self.type = type_  # type: ignore[misc] # one class for all types
        self.prefix = type_.split(":")[1].split("/")[0].lower()  # type: ignore[misc]
        self.real = real

    def open(self) -> None:
        """There is nothing to get ready."""

    def id_for(self, urn: str, inputs: Properties) -> str:
        return self.real.id_for(urn, inputs) if self.real else super().id_for(urn, inputs)

    def create(self, id_: str, inputs: Properties) -> Properties:
        zero = {name: _zero(kind) for name, kind in schema.computed(self.type).items()}
        draw = SKETCHES.get(self.type.split(":")[1])
        return {**zero, **(draw(self.region, id_, inputs) if draw else {})}

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        asked = schema.fields(self.type)
        return {name: value for name, value in old.items() if name not in asked} | {
            name: value for name, value in self.create(id_, new).items() if name in asked
        }

    def delete(self, id_: str, outputs: Properties) -> None:
        """The record is all there is."""


def _zero(kind: Any) -> Any:
    return [] if isinstance(kind, list) else {} if isinstance(kind, dict) else _ZERO[kind]


_leased: WeakKeyDictionary[Region, dict[str, str]] = WeakKeyDictionary()
_guard = threading.Lock()


def _address(region: Region, cidr: str, id_: str) -> str:
    """An address of a range, always the same for the same thing of a region."""
    hosts = IPv4Network(cidr).hosts()
    with _guard:
        taken = _leased.setdefault(region, {})
        if id_ not in taken:
            used = set(taken.values())
            free = (str(host) for index, host in enumerate(hosts) if index >= RESERVED - 1)
            taken[id_] = next(address for address in free if address not in used)
        return taken[id_]


def _inside(region: Region, id_: str, inputs: Properties) -> str:
    """An address of the subnet that the inputs name."""
    return _address(region, subnet_of(region, inputs["subnetId"])["cidrBlock"], id_)


def _instance(region: Region, id_: str, inputs: Properties) -> Properties:
    address = inputs.get("privateIp") or _inside(region, id_, inputs)
    return {"privateIp": address, "instanceStatus": "RUNNING", "createTime": TIME, "uuid": id_}


def _balancer(region: Region, id_: str, inputs: Properties) -> Properties:
    if inputs["networkType"] == "INTERNAL":
        return {"clbVips": [inputs.get("vip") or _inside(region, id_, inputs)]}
    return {"clbVips": [_address(region, region.settings.public_cidr, id_)]}


def _mysql(region: Region, id_: str, inputs: Properties) -> Properties:
    return {"intranetIp": _inside(region, id_, inputs), "status": 1, "gtid": 1}


def _replica(region: Region, id_: str, inputs: Properties) -> Properties:
    return {**_mysql(region, id_, inputs), "roGroupId": inputs.get("roGroupId") or f"cdbrg-{id_}"}


def _redis(region: Region, id_: str, inputs: Properties) -> Properties:
    address = inputs.get("ip") or _inside(region, id_, inputs)
    return {"ip": address, "port": inputs.get("port", 6379), "status": "online"}


def _mongodb(region: Region, id_: str, inputs: Properties) -> Properties:
    return {"vip": _inside(region, id_, inputs), "vport": 27017, "status": "running"}


def _rabbitmq(region: Region, id_: str, inputs: Properties) -> Properties:
    endpoint = {
        "vpcId": inputs["vpcId"],
        "subnetId": inputs["subnetId"],
        "vpcEndpoint": f"{_inside(region, id_, inputs)}:5672",
        "vpcDataStreamEndpointStatus": "OnLine",
    }
    return {"vpcs": [endpoint]}


def _user(region: Region, id_: str, inputs: Properties) -> Properties:
    del region, inputs
    return {"secretId": f"AKID{id_}", "secretKey": f"secret-of-{id_}", "uin": "100000000777"}


def _bucket(region: Region, id_: str, inputs: Properties) -> Properties:
    del id_
    return {"cosBucketUrl": f"{inputs['bucket']}.{region.settings.storage_name}"}


SKETCHES: dict[str, Callable[[Region, str, Properties], Properties]] = {
    "Cam/accessKey": lambda _region, id_, _inputs: {
        "accessKey": f"AKID{id_}",
        "secretAccessKey": f"secret-of-{id_}",
    },
    "Cam/user": _user,
    "Cdn/domain": lambda _region, _id, inputs: {"cname": f"{inputs['domain']}.cdn.dnsv1.com"},
    "Clb/instance": _balancer,
    "Clb/listener": lambda _region, id_, _inputs: {"listenerId": id_},
    "Clb/listenerRule": lambda _region, id_, _inputs: {"ruleId": id_},
    "Cos/bucket": _bucket,
    "Eip/instance": lambda region, id_, _inputs: {
        "publicIp": _address(region, region.settings.public_cidr, id_)
    },
    "Instance/instance": _instance,
    "Mongodb/instance": _mongodb,
    "Mysql/instance": _mysql,
    # An engine's preview takes 0 for a number that is not known yet.
    "Mysql/paramTemplate": lambda _region, id_, _inputs: {"templateId": 1 + sum(id_.encode())},
    "Mysql/readonlyInstance": _replica,
    "Mysql/roGroup": lambda _region, id_, _inputs: {"roGroupId": id_},
    "Redis/instance": _redis,
    "Tcr/instance": lambda _region, _id, inputs: {"publicDomain": f"{inputs['name']}.{REGISTRY_DOMAIN}"},
    "Tcr/token": lambda _region, id_, _inputs: {"userName": f"user-of-{id_}", "token": f"secret-of-{id_}"},
    "Tdmq/rabbitmqVipInstance": _rabbitmq,
    "Vpc/instance": lambda _region, id_, _inputs: {"defaultRouteTableId": f"rtb-{id_}", "createTime": TIME},
}
"""By the module and kind of a type token: what the program reads of a resource, in its real form."""
