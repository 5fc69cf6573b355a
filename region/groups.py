"""Which firewall policy each host of a VPC has: its security groups' rules, with groups resolved to addresses."""

from collections.abc import Iterable, Mapping
from typing import Any

from region.firewall import Policy, Rule
from region.hosts import Host, all_hosts
from region.records import Record
from region.region import Region

RULE_SET = "tencentcloud:Security/groupRuleSet:GroupRuleSet"
SINGLE_RULE = "tencentcloud:Security/groupRule:GroupRule"
BALANCER = "tencentcloud:Clb/instance:Instance"
ATTACHMENT = "tencentcloud:Clb/attachment:Attachment"


def policies(region: Region, vpc_id: str) -> list[Policy]:
    """The policies of every host behind a VPC's router, from what is on record."""
    hosts = all_hosts(region.name)
    return decide(
        [host for host in hosts if host.router == vpc_id],
        hosts,
        sets=region.records.all(RULE_SET),
        singles=region.records.all(SINGLE_RULE),
        balancers=region.records.all(BALANCER),
        attachments=region.records.all(ATTACHMENT),
    )


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
            rules.append(Rule(True, vips[balancer], "TCP", ",".join(ports)))
    return rules


def _rules(
    sets: Iterable[Record], singles: Iterable[Record], members: Mapping[str, list[str]]
) -> tuple[dict[str, list[Rule]], dict[str, list[Rule]]]:
    ingress: dict[str, list[Rule]] = {}
    egress: dict[str, list[Rule]] = {}
    for record in sets:
        group = record.inputs["securityGroupId"]
        ingress.setdefault(group, []).extend(
            _from_set(rule, members) for rule in record.inputs.get("ingresses", [])
        )
        egress.setdefault(group, []).extend(
            _from_set(rule, members) for rule in record.inputs.get("egresses", [])
        )
    for record in sorted(singles, key=lambda record: record.inputs.get("policyIndex", 1 << 30)):
        side = ingress if record.inputs["type"] == "ingress" else egress
        side.setdefault(record.inputs["securityGroupId"], []).append(_from_single(record.inputs, members))
    return ingress, egress


def _from_set(rule: Mapping[str, Any], members: Mapping[str, list[str]]) -> Rule:
    return _rule(
        rule["action"],
        rule.get("cidrBlock"),
        rule.get("sourceSecurityId"),
        rule.get("protocol"),
        rule.get("port"),
        members,
    )


def _from_single(rule: Mapping[str, Any], members: Mapping[str, list[str]]) -> Rule:
    return _rule(
        rule["policy"],
        rule.get("cidrIp"),
        rule.get("sourceSgid"),
        rule.get("ipProtocol"),
        rule.get("portRange"),
        members,
    )


def _rule(
    action: str,
    cidr: str | None,
    group: str | None,
    protocol: str | None,
    ports: str | None,
    members: Mapping[str, list[str]],
) -> Rule:
    peers = tuple(members.get(group, ())) if group else (cidr or "0.0.0.0/0",)
    return Rule(action == "ACCEPT", peers, (protocol or "ALL").upper(), ports or "ALL")
