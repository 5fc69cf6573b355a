"""Which firewall policy each host of a VPC has: its security groups' rules, with groups resolved to addresses."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from region.firewall import OWN, Policy, Rule
from region.hosts import Host, all_hosts
from region.records import Record
from region.region import Region

RULE_SET = "tencentcloud:Security/groupRuleSet:GroupRuleSet"
SINGLE_RULE = "tencentcloud:Security/groupRule:GroupRule"
BALANCER = "tencentcloud:Clb/instance:Instance"
ATTACHMENT = "tencentcloud:Clb/attachment:Attachment"
ATTACHED = {
    "tencentcloud:Clb/securityGroupAttachment:SecurityGroupAttachment": ("loadBalancerIds", "securityGroup"),
    "tencentcloud:Mysql/securityGroupsAttachment:SecurityGroupsAttachment": ("instanceId", "securityGroupId"),
    "tencentcloud:Redis/securityGroupAttachment:SecurityGroupAttachment": ("instanceId", "securityGroupId"),
}
"""Types that put something into a group besides its own list of groups; the inputs that name thing and group."""
SIDES = {"ingress": "ingresses", "egress": "egresses"}
"""A rule set's two directions, and the inputs that name their rules."""


def policies(region: Region, vpc_id: str) -> list[Policy]:
    """The policies of every host behind a VPC's router, from what is on record."""
    hosts = grouped(region)
    return decide(
        [host for host in hosts if host.router == vpc_id],
        hosts,
        sets=region.records.all(RULE_SET),
        singles=region.records.all(SINGLE_RULE),
        balancers=region.records.all(BALANCER),
        attachments=region.records.all(ATTACHMENT),
    )


def grouped(region: Region) -> list[Host]:
    """Every host, with all the groups that it is in."""
    attachments = [record for type_ in ATTACHED for record in region.records.all(type_)]
    return [with_attached(host, attachments) for host in all_hosts(region.name)]


def with_attached(host: Host, attachments: Iterable[Record]) -> Host:
    """Pure: a host with its own groups, then those attached to it or to the instance that it is a part of."""
    more = [
        record.inputs[group]
        for record in attachments
        for thing, group in [ATTACHED[record.type]]
        if record.inputs[thing] in (host.id, host.service)
    ]
    return replace(host, groups=tuple(dict.fromkeys([*(host.groups or ()), *more]))) if more else host


def decide(
    hosts: Iterable[Host],
    everybody: Iterable[Host],
    *,
    sets: Iterable[Record],
    singles: Iterable[Record],
    balancers: Iterable[Record],
    attachments: Iterable[Record],
) -> list[Policy]:
    """Pure: one policy for each of `hosts`."""
    members: dict[str, list[str]] = {}
    for host in everybody:
        for group in host.groups or ():
            members.setdefault(group, []).extend(host.addresses)
    ingress, egress = _rules(sets, singles, members)
    passing = {record.id: record for record in balancers if record.inputs.get("loadBalancerPassToTarget")}
    found: list[Policy] = []
    everybody = list(everybody)
    for host in hosts:
        same = (other for other in everybody if other.service and other.service == host.service)
        trusted = _passed(host, passing, attachments, everybody)
        found.append(
            Policy(
                host.id,
                host.addresses,
                ingress=tuple(rule for group in host.groups or () for rule in ingress.get(group, [])),
                egress=tuple(rule for group in host.groups or () for rule in egress.get(group, [])),
                trusted=tuple(trusted),
                members=tuple(address for other in same for address in other.addresses),
                open=host.groups is None,
            )
        )
    return found


def _passed(
    host: Host, passing: Mapping[str, Record], attachments: Iterable[Record], everybody: Iterable[Host]
) -> list[Rule]:
    """What a balancer with pass-to-target may send to its targets, whatever their groups say."""
    vips = {other.id: other.addresses for other in everybody if other.id in passing}
    rules: list[Rule] = []
    for attachment in attachments:
        balancer = attachment.inputs["clbId"]
        ports = [
            str(target["port"])
            for target in attachment.inputs["targets"]
            if target.get("instanceId") == host.id
        ]
        if ports and balancer in vips:
            rules.append(Rule(True, vips[balancer], "TCP", ",".join(ports), f"{OWN}balancer/{balancer}"))
    return rules


def _rules(
    sets: Iterable[Record], singles: Iterable[Record], members: Mapping[str, list[str]]
) -> tuple[dict[str, list[Rule]], dict[str, list[Rule]]]:
    sides: dict[str, dict[str, list[Rule]]] = {"ingress": {}, "egress": {}}
    for record in sets:
        group = record.inputs["securityGroupId"]
        for side, field in SIDES.items():
            rules = enumerate(record.inputs.get(field) or [])
            sides[side].setdefault(group, []).extend(
                _from_set(rule, members, label(group, side, index)) for index, rule in rules
            )
    for record in sorted(singles, key=lambda record: record.inputs.get("policyIndex", 1 << 30)):
        side = "ingress" if record.inputs["type"] == "ingress" else "egress"
        group = record.inputs["securityGroupId"]
        sides[side].setdefault(group, []).append(_from_single(record.inputs, members, record.id))
    return sides["ingress"], sides["egress"]


def label(group: str, side: str, index: int) -> str:
    """What the router calls a rule of a set."""
    return f"{group}/{side}/{index}"


def _from_set(rule: Mapping[str, Any], members: Mapping[str, list[str]], name: str) -> Rule:
    peers = _peers(rule.get("cidrBlock"), rule.get("sourceSecurityId"), members)
    return _rule(rule["action"], peers, rule.get("protocol"), rule.get("port"), name)


def _from_single(rule: Mapping[str, Any], members: Mapping[str, list[str]], name: str) -> Rule:
    peers = _peers(rule.get("cidrIp"), rule.get("sourceSgid"), members)
    return _rule(rule["policy"], peers, rule.get("ipProtocol"), rule.get("portRange"), name)


def _peers(cidr: str | None, group: str | None, members: Mapping[str, list[str]]) -> tuple[str, ...]:
    return tuple(members.get(group, ())) if group else (cidr or "0.0.0.0/0",)


def _rule(action: str, peers: tuple[str, ...], protocol: str | None, ports: str | None, name: str) -> Rule:
    return Rule(action == "ACCEPT", peers, (protocol or "ALL").upper(), ports or "ALL", name)
