"""What answers, each as a card of the picture: made from a resource's outputs. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Properties = Mapping[str, Any]


@dataclass(frozen=True)
class Node:
    """Something that answers: a host, a managed service, a bucket. `state` is '' where nobody tells."""

    id: str
    kind: str
    name: str
    address: str = ""
    port: int = 0
    detail: str = ""
    state: str = ""
    subnet: str = ""
    groups: tuple[str, ...] = ()

    @property
    def healthy(self) -> bool:
        """Whether nothing speaks against it."""
        return self.state in {"", "running"}


def text(p: Properties, name: str) -> str:
    """A property as it is shown; nothing where it isn't there."""
    value = p.get(name)
    return "" if value is None else str(value)


def subnet(p: Properties) -> str:
    """The id of the subnet that it is in."""
    return text(p, "subnetId") or next((str(v.get("subnetId", "")) for v in p.get("vpcs") or ()), "")


Maker = Callable[[str, Properties], Node]


def _cvm(id_: str, p: Properties) -> Node:
    state = str(p.get("instanceStatus", "")).lower()
    groups = tuple(p.get("orderlySecurityGroups") or ())
    name = str(p.get("instanceName") or p.get("hostname"))
    return Node(id_, "CVM", name, text(p, "privateIp"), 22, text(p, "instanceType"), state, subnet(p), groups)


def _mysql(id_: str, p: Properties) -> Node:
    detail = _sizes(p)
    return _service(id_, "MySQL", p, "instanceName", "intranetIp", "intranetPort", detail, {1: "running"})


def _replica(id_: str, p: Properties) -> Node:
    detail = f"read-only, {_sizes(p)}"
    return _service(id_, "MySQL", p, "instanceName", "intranetIp", "intranetPort", detail, {1: "running"})


def _sizes(p: Properties) -> str:
    return f"{int(p.get('memSize') or 0) / 1000:g} GB, {p.get('volumeSize')} GB"


def _redis(id_: str, p: Properties) -> Node:
    return _service(id_, "Redis", p, "name", "ip", "port", f"{p.get('memSize')} MB", {"online": "running"})


def _mongodb(id_: str, p: Properties) -> Node:
    detail = f"{p.get('memory')} GB, {p.get('volume')} GB"
    return _service(id_, "MongoDB", p, "instanceName", "vip", "vport", detail, {2: "running"})


def _rabbitmq(id_: str, p: Properties) -> Node:
    ends = [str(vpc.get("vpcEndpoint", "")) for vpc in p.get("vpcs") or ()]
    address, _, port = (ends[0] if ends else "").rpartition(":")
    detail = f"{p.get('nodeNum')} × {p.get('storageSize')} GB"
    return Node(id_, "RabbitMQ", text(p, "clusterName"), address, int(port or 0), detail, "", subnet(p))


def _clb(id_: str, p: Properties) -> Node:
    vips = p.get("clbVips") or [""]
    groups = tuple(p.get("securityGroups") or ())
    return Node(id_, "CLB", text(p, "clbName"), str(vips[0]), groups=groups)


def _bucket(id_: str, p: Properties) -> Node:
    return Node(id_, "bucket", text(p, "bucket"), detail="versions" if p.get("versioningEnable") else "")


def _cdn(id_: str, p: Properties) -> Node:
    return Node(id_, "CDN", text(p, "domain"))


def _nat(id_: str, p: Properties) -> Node:
    return Node(id_, "NAT", text(p, "name"), ", ".join(p.get("assignedEipSets") or ()))


def _service(
    id_: str, kind: str, p: Properties, name: str, ip: str, port: str, detail: str, states: Mapping[Any, str]
) -> Node:
    said = p.get("status")
    state = "" if said is None else states.get(said, str(said))
    groups = tuple(p.get("securityGroups") or ())
    return Node(
        id_, kind, text(p, name), text(p, ip), int(p.get(port) or 0), detail, state, subnet(p), groups
    )


MAKERS: dict[str, Maker] = {
    "Instance/instance:Instance": _cvm,
    "Mysql/instance:Instance": _mysql,
    "Mysql/readonlyInstance:ReadonlyInstance": _replica,
    "Redis/instance:Instance": _redis,
    "Mongodb/instance:Instance": _mongodb,
    "Tdmq/rabbitmqVipInstance:RabbitmqVipInstance": _rabbitmq,
    "Clb/instance:Instance": _clb,
    "Cos/bucket:Bucket": _bucket,
    "Cdn/domain:Domain": _cdn,
    "Nat/gateway:Gateway": _nat,
}
