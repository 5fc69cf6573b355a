"""Who may talk to whom: the security groups' rules as plain values."""

from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Literal

GroupName = Literal["balancer", "web", "data", "ops"]
GROUPS: tuple[GroupName, ...] = ("balancer", "web", "data", "ops")
ANYWHERE = IPv4Network("0.0.0.0/0")

SSH = 22
HTTP, HTTPS = 80, 443
# Prometheus' node exporter and the Zabbix agent, both asked by the ops host.
NODE_EXPORTER, ZABBIX_AGENT = 9100, 10050
MYSQL, REDIS, MONGODB = 3306, 6379, 27017


@dataclass(frozen=True)
class Rule:
    """One accepted way in; whatever no rule accepts is dropped."""

    source: GroupName | IPv4Network
    protocol: Literal["TCP", "ICMP"]
    port: int | None
    reason: str


def ingress(
    group: GroupName, *, vpc: IPv4Network, operators: tuple[IPv4Network, ...], bastion: bool
) -> tuple[Rule, ...]:
    """The ways into a group, in order."""
    ping = Rule(vpc, "ICMP", None, "ping within the VPC")
    from_operators = tuple(Rule(cidr, "TCP", SSH, "operators") for cidr in operators)
    match group:
        case "balancer":
            return (Rule(ANYWHERE, "TCP", HTTP, "shoppers"), Rule(ANYWHERE, "TCP", HTTPS, "shoppers"))
        case "web":
            # Nobody else at port 80: the balancer passes its traffic to the targets past their own group.
            return (
                Rule("ops", "TCP", SSH, "the ops host"),
                *(() if bastion else from_operators),
                Rule("ops", "TCP", HTTP, "the shop's metrics"),
                Rule("ops", "TCP", NODE_EXPORTER, "metrics"),
                Rule("ops", "TCP", ZABBIX_AGENT, "monitoring"),
                ping,
            )
        case "data":
            return (
                *(
                    Rule(source, "TCP", port, service)
                    for port, service in ((MYSQL, "MySQL"), (REDIS, "Redis"), (MONGODB, "MongoDB"))
                    for source in ("web", "ops")
                ),
                ping,
            )
        case "ops":
            return (
                *from_operators,
                Rule("ops", "TCP", NODE_EXPORTER, "metrics"),
                Rule("ops", "TCP", ZABBIX_AGENT, "monitoring"),
                ping,
            )
