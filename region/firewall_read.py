"""What a router's nftables really hold, and how a security group's rules look in it.

Pure but for `look`. Rules are told by the comments that `firewall.ruleset` gave them; one without a comment of the
region's was added by hand.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from typing import Any, TypeVar

from region import firewall
from region.errors import ProcessError
from region.firewall import OWN, Policy, Rule
from region.process import run

Entry = dict[str, Any]


@dataclass(frozen=True)
class Seen:
    """A rule as it stands in a chain: whose it is, its handle, and what it says where that is a group's rule."""

    label: str
    handle: int
    rule: Rule | None
    words: str = ""


Labelled = TypeVar("Labelled", Seen, Rule)


@dataclass(frozen=True)
class Table:
    """A router's table: its chains' rules in order, and the chains' own verdicts."""

    chains: Mapping[str, tuple[Seen, ...]] = field(default_factory=dict)
    policies: Mapping[str, str] = field(default_factory=dict)


def look(namespace: str) -> Table:
    """The table of a router; an empty one where there is none, or no router."""
    try:
        text = run(["ip", "netns", "exec", namespace, "nft", "-j", "list", "table", "inet", firewall.TABLE])
    except ProcessError as error:
        if "No such file or directory" in str(error):
            return Table()
        raise
    return parse(text)


def parse(text: str) -> Table:
    """From `nft -j list table` (libnftables-json(5))."""
    chains: dict[str, list[Seen]] = {}
    policies: dict[str, str] = {}
    for item in json.loads(text)["nftables"]:
        if chain := item.get("chain"):
            chains.setdefault(chain["name"], [])
            policies[chain["name"]] = chain.get("policy", "")
        elif rule := item.get("rule"):
            words = json.dumps(rule["expr"])
            seen = Seen(rule.get("comment", ""), rule["handle"], _rule(rule["expr"]), words)
            chains.setdefault(rule["chain"], []).append(seen)
    return Table({name: tuple(rules) for name, rules in chains.items()}, policies)


def _rule(expressions: list[dict[str, Any]]) -> Rule | None:
    """A group's rule from its expressions, or None where it is something else."""
    peers: tuple[str, ...] = ("0.0.0.0/0",)
    protocol, ports, accept = "ALL", "ALL", None
    for expression in expressions:
        match expression:
            case {"match": {"op": "==", "left": {"payload": {"field": "saddr" | "daddr"}}, "right": right}}:
                peers = tuple(_items(right))
            case {"match": {"op": "==", "left": {"payload": {"field": "protocol"}}, "right": str(name)}}:
                protocol = name.upper()
            case {
                "match": {
                    "op": "==",
                    "left": {"payload": {"protocol": name, "field": "dport"}},
                    "right": right,
                }
            }:
                protocol, ports = str(name).upper(), ",".join(_items(right))
            case {"accept": _} | {"return": _}:
                accept = True
            case {"drop": _} | {"reject": _}:
                accept = False
            case {"counter": _}:
                pass
            case _:
                return None
    return None if accept is None else Rule(accept, peers, protocol, ports)


def _items(right: Any) -> list[str]:
    values = right["set"] if isinstance(right, dict) and "set" in right else [right]
    return [_item(value) for value in values]


def _item(value: Any) -> str:
    match value:
        case {"prefix": {"addr": address, "len": length}}:
            return f"{address}/{length}"
        case {"range": [low, high]}:
            return f"{low}-{high}"
        case _:
            return str(value)


def same(one: Rule | None, other: Rule | None) -> bool:
    """Whether two rules let the same through, however they are written."""
    return (one is None) == (other is None) and (one is None or other is None or _plain(one) == _plain(other))


def _plain(rule: Rule) -> tuple[object, ...]:
    peers = frozenset(str(IPv4Network(peer, strict=False)) for peer in rule.peers)
    ports = frozenset() if rule.ports.upper() == "ALL" or rule.protocol == "ICMP" else _ports(rule.ports)
    return rule.accept, peers, rule.protocol, ports


def _ports(text: str) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        low, _, high = part.strip().partition("-")
        found.update(range(int(low), int(high or low) + 1))
    return frozenset(found)


def drift(
    asked: list[Entry], prefix: str, side: str, policies: Iterable[Policy], table: Table
) -> list[Entry] | None:
    """A group's rules in one direction (`ingress` or `egress`) as a router holds them, or None where they are as asked.

    `policies` are those of the group's members behind that router. A rule that one of them lacks counts as missing.
    """
    for policy in policies:
        if (found := _of_host(asked, prefix, side, policy, table)) is not None:
            return found
    return None


def _of_host(asked: list[Entry], prefix: str, side: str, policy: Policy, table: Table) -> list[Entry] | None:
    way = "in" if side == "ingress" else "out"
    wanted = firewall.incoming(policy) if side == "ingress" else firewall.outgoing(policy)
    chain = list(table.chains.get(f"{way}-{policy.link}", ()))
    forward = table.chains.get("forward", ())
    labels = {seen.label for seen in forward}
    standing = {firewall.STATE, firewall.jump(way, policy)} <= labels and (
        way == "in" or f"{OWN}sender" in {seen.label for seen in chain}
    )
    if not standing or table.policies.get("forward") != "drop":
        # Nothing leads to the chain, or it decides nothing: no rule of the group is in force.
        return [] if asked else [{"action": "DROP", "description": "the router's rules were removed"}]
    strangers = [seen for seen in forward if not seen.label]
    body = [seen for seen in chain if seen.label != f"{OWN}sender"]
    if not strangers and _as_wanted(body, wanted):
        return None
    if not _as_wanted(_of_the_region(body), _of_the_region(wanted)):
        # Without its last line, or its service's members, a chain decides other than the group says.
        return [] if asked else [{"action": "ACCEPT", "description": "the closing rule was removed"}]
    own = {rule.label: rule for rule in wanted if rule.label.startswith(prefix)}
    found: list[Entry] = []
    for seen in [*strangers, *body]:
        if seen.label.startswith(prefix):
            index = int(seen.label.rpartition("/")[2])
            kept = seen.label in own and same(seen.rule, own[seen.label])
            found.append(asked[index] if kept else described(seen))
        elif not seen.label:
            found.append(described(seen))
    for index, entry in enumerate(asked):
        # A rule whose peer group has no member stands in no chain, and is missing nowhere.
        if f"{prefix}{index}" not in own:
            found.insert(index, entry)
    return None if found == asked else found


def _of_the_region(rules: list[Labelled]) -> list[Labelled]:
    return [rule for rule in rules if rule.label.startswith(OWN)]


def _as_wanted(chain: list[Seen], wanted: list[Rule]) -> bool:
    return len(chain) == len(wanted) and all(
        seen.label == rule.label and same(seen.rule, rule) for seen, rule in zip(chain, wanted, strict=True)
    )


def described(seen: Seen) -> Entry:
    """A rule that nobody asked for, as an entry of a rule set."""
    if seen.rule is None:
        return {"action": "ACCEPT", "description": f"by hand: {seen.words}"}
    rule = seen.rule
    return {
        "action": "ACCEPT" if rule.accept else "DROP",
        "cidrBlock": ",".join(sorted(rule.peers)),
        "protocol": rule.protocol,
        "port": rule.ports,
        "description": "by hand",
    }


def holds(table: Table, policy: Policy, side: str, wanted: str) -> bool:
    """Whether a host's chain holds the one rule with that label, as it was asked for."""
    way, rules = ("in", policy.ingress) if side == "ingress" else ("out", policy.egress)
    rule = next((rule for rule in rules if rule.label == wanted), None)
    if rule is None or not rule.peers:
        return True
    chain = table.chains.get(f"{way}-{policy.link}", ())
    led = firewall.jump(way, policy) in {seen.label for seen in table.chains.get("forward", ())}
    return led and any(seen.label == wanted and same(seen.rule, rule) for seen in chain)
