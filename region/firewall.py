"""Security groups as nftables rules in a VPC's router.

Pure but for `apply`. A packet from one host to another passes both the sender's egress and the receiver's ingress
rules, each read from the top, the first match deciding, and what matches nothing is dropped, as in the cloud
(https://www.tencentcloud.com/document/product/213/12452). Answers to what was let through pass by connection tracking.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from region.process import run

TABLE = "shopctl"


@dataclass(frozen=True)
class Rule:
    """One rule of a security group. `peers` are addresses or CIDRs; no `ports` means every port."""

    accept: bool
    peers: tuple[str, ...] = ("0.0.0.0/0",)
    protocol: str = "ALL"
    ports: str = "ALL"


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


def _peers(rule: Rule, side: str) -> str:
    wide = {"0.0.0.0/0"}
    return "" if wide & set(rule.peers) else f"ip {side} {{ {', '.join(sorted(set(rule.peers)))} }} "


def _service(rule: Rule) -> str:
    protocol = rule.protocol.lower()
    if protocol == "all":
        return ""
    if protocol == "icmp" or rule.ports.upper() == "ALL":
        return f"ip protocol {protocol} "
    return f"{protocol} dport {{ {', '.join(part.strip() for part in rule.ports.split(','))} }} "


def _members(policy: Policy) -> tuple[Rule, ...]:
    return (Rule(True, policy.members),) if policy.members else ()


def _lines(rules: Iterable[Rule], side: str, verdict: str) -> list[str]:
    # A rule whose peer group has no member matches nobody.
    return [
        f"    {_peers(rule, side)}{_service(rule)}{verdict if rule.accept else 'drop'}"
        for rule in rules
        if rule.peers
    ]


def ruleset(policies: Iterable[Policy]) -> str:
    """The whole table for one router, which nft replaces in one transaction."""
    ordered = sorted(policies, key=lambda policy: policy.link)
    lines = [f"table inet {TABLE}", f"delete table inet {TABLE}", f"table inet {TABLE} {{"]
    for policy in ordered:
        lines += [
            f"  chain in-{policy.link} {{",
            *_lines((*_members(policy), *policy.trusted), "saddr", "accept"),
        ]
        lines += ["    accept"] if policy.open else [*_lines(policy.ingress, "saddr", "accept"), "    drop"]
        lines += ["  }", f"  chain out-{policy.link} {{"]
        # A sender's address has to be its own, or a group of hosts could be entered by a packet's claim.
        lines += [f"    ip saddr != {{ {', '.join(policy.addresses)} }} drop"]
        lines += _lines(_members(policy), "daddr", "return")
        lines += ["    return"] if policy.open else [*_lines(policy.egress, "daddr", "return"), "    drop"]
        lines += ["  }"]
    lines += ["  chain forward {", "    type filter hook forward priority filter; policy drop;"]
    lines += ["    ct state vmap { established : accept, related : accept, invalid : drop }"]
    for policy in ordered:
        lines.append(f'    iifname "{policy.link}" jump out-{policy.link}')
    for policy in ordered:
        lines.append(f"    ip daddr {{ {', '.join(policy.addresses)} }} goto in-{policy.link}")
    lines += ['    oifname "internet" accept', "  }", "}", ""]
    return "\n".join(lines)


def apply(namespace: str, text: str) -> None:
    """Replace the router's table by `text`, at once or not at all."""
    run(["ip", "netns", "exec", namespace, "nft", "-f", "-"], stdin=text)
