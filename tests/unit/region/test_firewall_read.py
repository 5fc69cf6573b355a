"""How a group's rules look in what a router really holds."""

import json
from typing import Any

import pytest

from region.firewall import Policy, Rule
from region.firewall_read import Entry, Table, drift, holds, parse, same

POLICY = Policy(
    "ins-1",
    ("10.0.1.4",),
    ingress=(
        Rule(True, ("10.0.0.0/16",), "TCP", "22,80-90", "sg-1/ingress/0"),
        Rule(True, (), "TCP", "3306", "sg-1/ingress/1"),
        Rule(False, ("10.0.9.9",), "ICMP", "ALL", "sg-1/ingress/2"),
        Rule(True, ("10.0.5.5",), "ALL", "ALL", "sg-2/ingress/0"),
    ),
)
ASKED: list[Entry] = [{"action": "ACCEPT"}, {"action": "ACCEPT"}, {"action": "DROP"}]


def payload(protocol: str, field: str, right: Any) -> dict[str, Any]:
    left = {"payload": {"protocol": protocol, "field": field}}
    return {"match": {"op": "==", "left": left, "right": right}}


def rule(chain: str, comment: str, *expressions: Any) -> dict[str, Any]:
    return {"rule": {"chain": chain, "comment": comment, "handle": 7, "expr": list(expressions)}}


FORWARD = [
    {"chain": {"name": "forward", "policy": "drop"}},
    rule("forward", "shopctl/state", {"vmap": {}}),
    rule("forward", "shopctl/in/ins-1", {"goto": {"target": "in-ins-1"}}),
]
ACCEPT, DROP = {"accept": None}, {"drop": None}
FIRST = rule(
    "in-ins-1",
    "sg-1/ingress/0",
    payload("ip", "saddr", {"prefix": {"addr": "10.0.0.0", "len": 16}}),
    payload("tcp", "dport", {"set": [22, {"range": [80, 90]}]}),
    ACCEPT,
)
THIRD = rule(
    "in-ins-1",
    "sg-1/ingress/2",
    payload("ip", "saddr", "10.0.9.9"),
    payload("ip", "protocol", "icmp"),
    DROP,
)
OTHERS = rule("in-ins-1", "sg-2/ingress/0", payload("ip", "saddr", "10.0.5.5"), ACCEPT)
LAST = rule("in-ins-1", "shopctl/last", DROP)


def table(*rules: dict[str, Any]) -> Table:
    return parse(json.dumps({"nftables": [{"metainfo": {}}, {"chain": {"name": "in-ins-1"}}, *rules]}))


def seen(*rules: dict[str, Any]) -> list[Entry] | None:
    return drift(ASKED, "sg-1/ingress/", "ingress", [POLICY], table(*rules))


def test_what_is_as_asked_is_no_drift() -> None:
    assert seen(*FORWARD, FIRST, THIRD, OTHERS, LAST) is None


def test_a_removed_rule_is_missing_and_one_for_a_group_without_members_is_not() -> None:
    assert seen(*FORWARD, FIRST, OTHERS, LAST) == ASKED[:2]


def test_a_rule_of_another_group_is_not_this_ones_drift() -> None:
    assert seen(*FORWARD, FIRST, THIRD, LAST) is None


def test_a_rule_that_was_added_or_changed_shows_as_it_is() -> None:
    changed = rule("in-ins-1", "sg-1/ingress/0", payload("tcp", "dport", 443), ACCEPT)
    added = rule("in-ins-1", "", {"counter": {"packets": 1, "bytes": 2}}, DROP)
    by_hand = {"cidrBlock": "0.0.0.0/0", "description": "by hand"}
    assert seen(*FORWARD, changed, added, THIRD, OTHERS, LAST) == [
        {**by_hand, "action": "ACCEPT", "protocol": "TCP", "port": "443"},
        ASKED[1],
        {**by_hand, "action": "DROP", "protocol": "ALL", "port": "ALL"},
        ASKED[2],
    ]


def test_another_order_is_another_set() -> None:
    assert seen(*FORWARD, THIRD, FIRST, OTHERS, LAST) == [ASKED[2], ASKED[1], ASKED[0]]


@pytest.mark.parametrize(
    "rules",
    [
        (),
        (*FORWARD[:2], FIRST, THIRD, OTHERS, LAST),
        ({"chain": {"name": "forward", "policy": "accept"}}, *FORWARD[1:], FIRST, THIRD, OTHERS, LAST),
        (*FORWARD, FIRST, THIRD, OTHERS),
    ],
)
def test_a_chain_that_decides_nothing_has_no_rule_in_force(rules: tuple[dict[str, Any], ...]) -> None:
    assert seen(*rules) == []


@pytest.mark.parametrize(("rules", "there"), [((THIRD,), True), ((FIRST,), False)])
def test_one_rule_alone(rules: tuple[dict[str, Any], ...], there: bool) -> None:
    assert holds(table(*FORWARD, *rules), POLICY, "ingress", "sg-1/ingress/2") is there


def test_rules_are_compared_by_what_they_let_through() -> None:
    assert same(Rule(True, ("10.0.0.1",), "TCP", "80,81"), Rule(True, ("10.0.0.1/32",), "TCP", "80-81"))
    assert not same(Rule(True, ("10.0.0.1",), "TCP", "80"), Rule(True, ("10.0.0.1",), "UDP", "80"))
