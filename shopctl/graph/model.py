"""What is in the picture: from the resources of a state, as data. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from shopctl.graph.nodes import MAKERS, Node, Properties, text
from shopctl.plan import short_type

Resource = Mapping[str, Any]


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
        network=text(vpc, "name"),
        cidr=text(vpc, "cidrBlock"),
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
        name = text(p, "name").removeprefix(prefix)
        inside = sorted((n for n in nodes if n.subnet == resource["id"]), key=lambda n: (n.kind, n.name))
        subnet = Subnet(name, text(p, "cidrBlock"), text(p, "availabilityZone"), tuple(inside))
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
                    yield Link(text(p, "clbId"), target["instanceId"], f":{target.get('port')}{weight}")
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
        str(r["id"]): _tier_name(text(r.get("outputs") or {}, "name").removeprefix(prefix))
        for r in made
        if _token(r) == _SUBNET
    }


def _tier_name(subnet: str) -> str:
    """`web-a` and `web-b` are one tier over two zones."""
    return subnet.rpartition("-")[0] or subnet


def _listeners(made: Sequence[Resource], balancer: str) -> str:
    ports = [
        (int(p.get("port") or 0), text(p, "protocol"))
        for p in (r.get("outputs") or {} for r in made if _token(r) == "Clb/listener:Listener")
        if p.get("clbId") == balancer
    ]
    return ", ".join(f"{protocol} {port}" for port, protocol in sorted(ports))


def _token(resource: Resource) -> str:
    return str(resource["type"]).partition(":")[2]


def _hosts(tier: Tier) -> bool:
    return any(node.kind == "CVM" for subnet in tier.subnets for node in subnet.nodes)


def _size(tier: Tier) -> int:
    return sum(len(subnet.nodes) for subnet in tier.subnets)
