"""What is in the picture: from the resources of a state, as data. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from shopctl.plan import short_type

Resource = Mapping[str, Any]
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


@dataclass(frozen=True)
class Subnet:
    """A subnet with what is in it."""

    name: str
    cidr: str
    zone: str
    nodes: tuple[Node, ...]


@dataclass(frozen=True)
class Tier:
    """The subnets of one role, over all zones."""

    name: str
    subnets: tuple[Subnet, ...]


@dataclass(frozen=True)
class Link:
    """`source` sends to `target` (ids, or `tier:NAME`); `label` says where to."""

    source: str
    target: str
    label: str
    kind: str = "traffic"


@dataclass(frozen=True)
class Graph:
    """The whole picture. `rest` counts the resources that have no place of their own in it."""

    environment: str
    region: str
    network: str
    cidr: str
    outside: tuple[Node, ...]
    balancers: tuple[Node, ...]
    tiers: tuple[Tier, ...]
    links: tuple[Link, ...]
    rest: tuple[tuple[str, int], ...]
    total: int

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Every one."""
        inside = (node for tier in self.tiers for subnet in tier.subnets for node in subnet.nodes)
        return (*self.outside, *self.balancers, *inside)


_Maker = Callable[[str, Properties], Node]


def _cvm(id_: str, p: Properties) -> Node:
    state = str(p.get("instanceStatus", "")).lower()
    groups = tuple(p.get("orderlySecurityGroups") or ())
    name = str(p.get("instanceName") or p.get("hostname"))
    return Node(
        id_, "CVM", name, _text(p, "privateIp"), 22, _text(p, "instanceType"), state, _subnet(p), groups
    )


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
    return Node(id_, "RabbitMQ", _text(p, "clusterName"), address, int(port or 0), detail, "", _subnet(p))


def _clb(id_: str, p: Properties) -> Node:
    vips = p.get("clbVips") or [""]
    groups = tuple(p.get("securityGroups") or ())
    return Node(id_, "CLB", _text(p, "clbName"), str(vips[0]), groups=groups)


def _bucket(id_: str, p: Properties) -> Node:
    return Node(id_, "bucket", _text(p, "bucket"), detail="versions" if p.get("versioningEnable") else "")


def _cdn(id_: str, p: Properties) -> Node:
    return Node(id_, "CDN", _text(p, "domain"))


def _nat(id_: str, p: Properties) -> Node:
    return Node(id_, "NAT", _text(p, "name"), ", ".join(p.get("assignedEipSets") or ()))


def _service(
    id_: str, kind: str, p: Properties, name: str, ip: str, port: str, detail: str, states: Mapping[Any, str]
) -> Node:
    said = p.get("status")
    state = "" if said is None else states.get(said, str(said))
    groups = tuple(p.get("securityGroups") or ())
    return Node(
        id_, kind, _text(p, name), _text(p, ip), int(p.get(port) or 0), detail, state, _subnet(p), groups
    )


MAKERS: dict[str, _Maker] = {
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
_OUTSIDE = {"CDN", "bucket", "NAT"}
_VPC, _SUBNET = "Vpc/instance:Instance", "Subnet/instance:Instance"


def build(environment: str, region: str, resources: Iterable[Resource], down: frozenset[str]) -> Graph:
    """The picture of these resources; `down` names those that are known not to run."""
    made = [r for r in resources if r.get("custom") and not str(r["type"]).startswith("pulumi:")]
    prefix = f"shop-{environment}-"
    nodes: list[Node] = []
    for resource in made:
        maker = MAKERS.get(_token(resource))
        if maker:
            node = maker(str(resource["id"]), resource.get("outputs") or {})
            state = "down" if node.id in down else node.state
            detail = node.detail or _listeners(made, node.id)
            nodes.append(replace(node, name=node.name.removeprefix(prefix), state=state, detail=detail))
    shown = {*MAKERS, _VPC, _SUBNET}
    rest = Counter(short_type(r["type"]) for r in made if _token(r) not in shown)
    vpc: Properties = next((r["outputs"] for r in made if _token(r) == _VPC), {})
    return Graph(
        environment=environment,
        region=region,
        network=_text(vpc, "name"),
        cidr=_text(vpc, "cidrBlock"),
        outside=tuple(sorted((n for n in nodes if n.kind in _OUTSIDE), key=lambda n: (n.kind, n.name))),
        balancers=tuple(n for n in nodes if n.kind == "CLB"),
        tiers=_tiers(made, nodes, prefix),
        links=tuple(dict.fromkeys(_links(made, nodes, prefix))),
        rest=tuple(sorted(rest.items())),
        total=len(made),
    )


def _tiers(made: Sequence[Resource], nodes: Sequence[Node], prefix: str) -> tuple[Tier, ...]:
    tiers: dict[str, list[Subnet]] = {}
    for resource in sorted((r for r in made if _token(r) == _SUBNET), key=lambda r: str(r["urn"])):
        p: Properties = resource.get("outputs") or {}
        name = _text(p, "name").removeprefix(prefix)
        inside = sorted((n for n in nodes if n.subnet == resource["id"]), key=lambda n: (n.kind, n.name))
        subnet = Subnet(name, _text(p, "cidrBlock"), _text(p, "availabilityZone"), tuple(inside))
        tiers.setdefault(_tier_name(name), []).append(subnet)
    # Hosts first: the picture is read from the shoppers to the data.
    found = [Tier(name, tuple(subnets)) for name, subnets in tiers.items()]
    return tuple(sorted(found, key=lambda t: (not _hosts(t), -_size(t), t.name)))


def _links(made: Sequence[Resource], nodes: Sequence[Node], prefix: str) -> Iterable[Link]:
    ids = {node.id for node in nodes}
    addresses = {node.address: node.id for node in nodes if node.address}
    for resource in made:
        p: Properties = resource.get("outputs") or {}
        token = _token(resource)
        if token == "Cdn/domain:Domain":
            for origin in (p.get("origin") or {}).get("originLists") or ():
                if origin in addresses:
                    yield Link(str(resource["id"]), addresses[origin], "origin")
        elif token == "Clb/attachment:Attachment":
            for target in p.get("targets") or ():
                if target.get("instanceId") in ids:
                    weight = f" weight {target['weight']}" if "weight" in target else ""
                    yield Link(_text(p, "clbId"), target["instanceId"], f":{target.get('port')}{weight}")
        elif token == "Mysql/readonlyInstance:ReadonlyInstance" and p.get("masterInstanceId") in ids:
            yield Link(p["masterInstanceId"], str(resource["id"]), "replicates", "copy")
        elif token == "Security/groupRuleSet:GroupRuleSet":
            yield from _allowed(p, nodes, made, prefix)
        elif token == "Route/tableEntry:TableEntry" and p.get("nextHub") in ids:
            yield from _way_out(p, made, prefix)
    yield from _open(nodes, made, prefix)


def _allowed(
    rules: Properties, nodes: Sequence[Node], made: Sequence[Resource], prefix: str
) -> Iterable[Link]:
    """Who may reach a managed service, by the rules of its security group."""
    group = rules.get("securityGroupId")
    tiers = _tiers_of_subnets(made, prefix)
    for rule in rules.get("ingresses") or ():
        source, port = rule.get("sourceSecurityId"), str(rule.get("port"))
        if not source or rule.get("action") != "ACCEPT":
            continue
        senders = {tiers[n.subnet] for n in nodes if source in n.groups and n.kind == "CVM"}
        for node in nodes:
            if group in node.groups and _managed(node) and str(node.port) in port.split(","):
                yield from (Link(f"tier:{tier}", node.id, f":{node.port}") for tier in sorted(senders))


def _open(nodes: Sequence[Node], made: Sequence[Resource], prefix: str) -> Iterable[Link]:
    """A service without a security group lets in every host of the VPC."""
    tiers = _tiers_of_subnets(made, prefix)
    hosts = sorted({tiers[node.subnet] for node in nodes if node.kind == "CVM" and node.subnet in tiers})
    for node in nodes:
        if _managed(node) and not node.groups:
            yield from (Link(f"tier:{tier}", node.id, f":{node.port}") for tier in hosts)


def _way_out(entry: Properties, made: Sequence[Resource], prefix: str) -> Iterable[Link]:
    """The tiers whose subnets leave the VPC by this entry of their route table."""
    tiers = _tiers_of_subnets(made, prefix)
    for resource in made:
        p: Properties = resource.get("outputs") or {}
        if _token(resource) == _SUBNET and p.get("routeTableId") == entry.get("routeTableId"):
            yield Link(f"tier:{tiers[str(resource['id'])]}", entry["nextHub"], "way out")


def _managed(node: Node) -> bool:
    return bool(node.subnet) and node.kind != "CVM"


def _tiers_of_subnets(made: Sequence[Resource], prefix: str) -> dict[str, str]:
    return {
        str(r["id"]): _tier_name(_text(r.get("outputs") or {}, "name").removeprefix(prefix))
        for r in made
        if _token(r) == _SUBNET
    }


def _tier_name(subnet: str) -> str:
    """`web-a` and `web-b` are one tier over two zones."""
    return subnet.rpartition("-")[0] or subnet


def _listeners(made: Sequence[Resource], balancer: str) -> str:
    ports = [
        (int(p.get("port") or 0), _text(p, "protocol"))
        for p in (r.get("outputs") or {} for r in made if _token(r) == "Clb/listener:Listener")
        if p.get("clbId") == balancer
    ]
    return ", ".join(f"{protocol} {port}" for port, protocol in sorted(ports))


def _token(resource: Resource) -> str:
    return str(resource["type"]).partition(":")[2]


def _text(p: Properties, name: str) -> str:
    value = p.get(name)
    return "" if value is None else str(value)


def _subnet(p: Properties) -> str:
    return _text(p, "subnetId") or next((str(v.get("subnetId", "")) for v in p.get("vpcs") or ()), "")


def _hosts(tier: Tier) -> bool:
    return any(node.kind == "CVM" for subnet in tier.subnets for node in subnet.nodes)


def _size(tier: Tier) -> int:
    return sum(len(subnet.nodes) for subnet in tier.subnets)
