"""Security groups as nftables rules in a VPC's router.

Pure but for `apply`; `firewall_read` is the way back, by the comment that each rule carries. A packet from one host to
another passes both the sender's egress and the receiver's ingress rules, each read from the top, the first match
deciding, and what matches nothing is dropped, as in the cloud
(https://www.tencentcloud.com/document/product/213/12452). Answers to what was let through pass by connection tracking.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from region.process import run

TABLE = "shopctl"
OWN = "shopctl/"
"""What the comments of the region's own rules begin with; a group's begin with its id."""
STATE = f"{OWN}state"


@dataclass(frozen=True)
class Rule:
    """One rule of a security group. `peers` are addresses or CIDRs; no `ports` means every port.

    `label` says in the router whose it is (`sg-3f9a0c21/ingress/0`); it is no part of what the rule lets through.
    """

    accept: bool
    peers: tuple[str, ...] = ("0.0.0.0/0",)
    protocol: str = "ALL"
    ports: str = "ALL"
    label: str = field(default=f"{OWN}rule", compare=False)


@dataclass(frozen=True)
class Way:
    """A way out of a VPC: what subnets send to a range leaves with the address of a NAT gateway.

    `label` is the id of the route table's entry.
    """

    label: str
    sources: tuple[str, ...]
    destination: str
    address: str


@dataclass(frozen=True)
class Policy:
    """What one host may receive and send.

    `trusted` are rules that come before the groups' (a balancer that passes to its targets, members of one service),
    `members` the addresses of its own service, with which it speaks freely in both directions.
    A host with `open` set has no group and takes what comes, as a managed service without one does.
    """

    link: str
    addresses: tuple[str, ...]
    ingress: tuple[Rule, ...] = ()
    egress: tuple[Rule, ...] = ()
    trusted: tuple[Rule, ...] = ()
    members: tuple[str, ...] = ()
    open: bool = False


def incoming(policy: Policy) -> list[Rule]:
    """The chain that decides what a host receives."""
    rules = policy.ingress if not policy.open else ()
    return [*_members(policy), *policy.trusted, *_spoken(rules), _last(policy)]


def outgoing(policy: Policy) -> list[Rule]:
    """The chain that decides what a host sends, without its first line: that a sender has to say who it is."""
    rules = policy.egress if not policy.open else ()
    return [*_members(policy), *_spoken(rules), _last(policy)]


def _members(policy: Policy) -> list[Rule]:
    return [Rule(True, policy.members, label=f"{OWN}members")] if policy.members else []


def _spoken(rules: Iterable[Rule]) -> list[Rule]:
    # A rule whose peer group has no member matches nobody.
    return [rule for rule in rules if rule.peers]


def _last(policy: Policy) -> Rule:
    return Rule(policy.open, label=f"{OWN}last")


def _line(rule: Rule, side: str, verdict: str) -> str:
    return f"{_peers(rule, side)}{_service(rule)}{verdict if rule.accept else 'drop'} {_comment(rule.label)}"


def _comment(label: str) -> str:
    return f'comment "{label}"'


def _peers(rule: Rule, side: str) -> str:
    return "" if "0.0.0.0/0" in rule.peers else f"ip {side} {{ {', '.join(sorted(set(rule.peers)))} }} "


def _service(rule: Rule) -> str:
    protocol = rule.protocol.lower()
    if protocol == "all":
        return ""
    if protocol == "icmp" or rule.ports.upper() == "ALL":
        return f"ip protocol {protocol} "
    return f"{protocol} dport {{ {', '.join(part.strip() for part in rule.ports.split(','))} }} "


def ruleset(policies: Iterable[Policy], ways: Iterable[Way] = (), services: Iterable[str] = ()) -> str:
    """The whole table for one router, which nft replaces in one transaction.

    `ways` are the ways out; `services` the cloud's own addresses that every host of a VPC reaches without one.
    """
    ordered, ways = sorted(policies, key=lambda policy: policy.link), list(ways)
    lines = [f"table inet {TABLE}", f"delete table inet {TABLE}", f"table inet {TABLE} {{"]
    for policy in ordered:
        lines += [f"  chain in-{policy.link} {{"]
        lines += [f"    {_line(rule, 'saddr', 'accept')}" for rule in incoming(policy)]
        lines += ["  }", f"  chain out-{policy.link} {{"]
        # A sender's address has to be its own, or a group of hosts could be entered by a packet's claim.
        lines += [f"    ip saddr != {{ {', '.join(policy.addresses)} }} drop {_comment(f'{OWN}sender')}"]
        lines += [f"    {_line(rule, 'daddr', 'return')}" for rule in outgoing(policy)]
        lines += ["  }"]
    lines += ["  chain forward {", "    type filter hook forward priority filter; policy drop;"]
    lines += [
        f"    ct state vmap {{ established : accept, related : accept, invalid : drop }} {_comment(STATE)}"
    ]
    for policy in ordered:
        lines.append(f'    iifname "{policy.link}" jump out-{policy.link} {_comment(jump("out", policy))}')
    for policy in ordered:
        addresses = ", ".join(policy.addresses)
        lines.append(f"    ip daddr {{ {addresses} }} goto in-{policy.link} {_comment(jump('in', policy))}")
    lines += [*_outside(ways, list(services)), "  }", *_translation(ways), "}", ""]
    return "\n".join(lines)


def jump(side: str, policy: Policy) -> str:
    """The label of what leads to a host's chain."""
    return f"{OWN}{side}/{policy.link}"


def _outside(ways: list[Way], services: list[str]) -> list[str]:
    lines = [f"    {_leaving(way)} accept {_comment(way.label)}" for way in ways]
    if services:
        peers = ", ".join(sorted(services))
        lines.insert(0, f'    oifname "internet" ip daddr {{ {peers} }} accept {_comment(f"{OWN}services")}')
    # What a router without a route answers: the sender knows at once, instead of waiting.
    return [
        *lines,
        f'    oifname "internet" reject with icmp type net-unreachable {_comment(f"{OWN}outside")}',
    ]


def _translation(ways: list[Way]) -> list[str]:
    if not ways:
        return []
    lines = ["  chain leaving {", "    type nat hook postrouting priority srcnat; policy accept;"]
    lines += [f"    {_leaving(way)} snat ip to {way.address} {_comment(way.label)}" for way in ways]
    return [*lines, "  }"]


def _leaving(way: Way) -> str:
    wide = way.destination == "0.0.0.0/0"
    to = "" if wide else f"ip daddr {way.destination} "
    return f'oifname "internet" ip saddr {{ {", ".join(sorted(way.sources))} }} {to}'.rstrip()


def apply(namespace: str, text: str) -> None:
    """Replace the router's table by `text`, at once or not at all."""
    run(["ip", "netns", "exec", namespace, "nft", "-f", "-"], stdin=text)
