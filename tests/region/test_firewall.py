"""What security groups let through between real hosts, what no host gets around, and what is seen when it drifts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from region import firewall_read
from region.differences import differences
from region.errors import RegionError
from region.process import run
from region.resources.base import Properties
from region.resources.instance import Instance
from region.resources.security_group import MysqlAttachment, RuleSet, SecurityGroup, SingleRule
from tests.region.conftest import NET, Lab, Made, until

pytestmark = [pytest.mark.region, pytest.mark.slow]

HEAR = """
import socket, sys
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("", int(sys.argv[1])))
with open("/srv/heard", "ab", 0) as heard:
    while True:
        heard.write(server.recv(100) + b" ")
"""
TELL = """
import socket, sys
word, source, address, port = sys.argv[1:]
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.bind((source, 0))
client.sendto(word.encode(), (address, int(port)))
"""


@dataclass(frozen=True)
class Scene:
    """A server that lets in the friend's group on TCP 8080 and UDP 9000, and two who ask."""

    server: Made
    friend: Made
    stranger: Made
    friends: str
    address: str


def allow(group: str, protocol: str, port: str) -> Properties:
    return {"action": "ACCEPT", "sourceSecurityId": group, "protocol": protocol, "port": port}


@pytest.fixture(scope="module")
def scene(lab: Lab) -> Scene:
    friends, strangers = lab.group("friends"), lab.group("strangers")
    served = lab.group("served", allow(friends, "TCP", "8080,8090-8091"), allow(friends, "UDP", "9000"))
    server = lab.instance("server", orderlySecurityGroups=[served])
    friend = lab.instance("friend", orderlySecurityGroups=[friends])
    stranger = lab.instance("stranger", orderlySecurityGroups=[strangers])
    for port in (8080, 8081, 8091):
        lab.serve(server, f"web{port}", "python3", "-m", "http.server", str(port))
    lab.serve(server, "hear", "python3", "-u", "-c", HEAR, "9000")
    lab.run(server, "mkdir", "-p", "/srv")
    here = server[1]["privateIp"]
    for port in (8080, 8081, 8091):
        until(lambda port=port: lab.knock(server, here, port) == "open")  # type: ignore[misc]
    return Scene(server, friend, stranger, friends, here)


@pytest.fixture
def rules(lab: Lab, scene: Scene) -> Iterator[Made]:
    """The server's rule set, as it was again afterwards."""
    group = scene.server[1]["orderlySecurityGroups"][0]
    record = lab.region.get(RuleSet.type, group)
    yield group, record.outputs
    lab.change(RuleSet, (group, record.outputs), **record.inputs)


def test_a_port_is_open_to_the_allowed_group_and_to_nobody_else(lab: Lab, scene: Scene) -> None:
    assert lab.knock(scene.friend, scene.address, 8080) == "open"
    assert lab.knock(scene.friend, scene.address, 8091) == "open"
    assert lab.knock(scene.stranger, scene.address, 8080) == "dropped"
    assert lab.knock(scene.friend, scene.address, 8081) == "dropped", "a port that no rule names"
    assert lab.knock(scene.friend, scene.stranger[1]["privateIp"], 22) == "dropped", "hosts of one subnet"


def test_changed_rules_take_effect_on_running_hosts(lab: Lab, scene: Scene, rules: Made) -> None:
    refuse = {"action": "DROP", "cidrBlock": f"{scene.friend[1]['privateIp']}/32", "protocol": "TCP"}
    everybody = {"action": "ACCEPT", "cidrBlock": f"{NET}.0.0/18", "protocol": "TCP", "port": "8080"}
    changed = lab.change(RuleSet, rules, ingresses=[{**refuse, "port": "ALL"}, everybody])
    assert lab.knock(scene.stranger, scene.address, 8080) == "open"
    assert lab.knock(scene.friend, scene.address, 8080) == "dropped", "the first match decides"
    assert int(changed[1]["version"]) > int(rules[1]["version"])


def test_a_new_member_of_an_allowed_group_is_let_in_and_a_former_one_is_not(lab: Lab, scene: Scene) -> None:
    groups = scene.stranger[1]["orderlySecurityGroups"]
    joined = lab.change(Instance, scene.stranger, orderlySecurityGroups=[scene.friends])
    assert lab.knock(scene.stranger, scene.address, 8080) == "open"
    lab.change(Instance, joined, orderlySecurityGroups=groups)
    assert lab.knock(scene.stranger, scene.address, 8080) == "dropped"


def test_what_may_leave_is_decided_too(lab: Lab, scene: Scene) -> None:
    group = scene.friend[1]["orderlySecurityGroups"][0]
    record = lab.region.get(RuleSet.type, group)
    lab.change(RuleSet, (group, record.outputs), egresses=[])
    try:
        assert lab.knock(scene.friend, scene.address, 8080) == "dropped"
    finally:
        lab.change(RuleSet, (group, record.outputs), egresses=record.inputs["egresses"])
    assert lab.knock(scene.friend, scene.address, 8080) == "open"


def test_a_host_that_flushes_its_own_rules_changes_nothing(lab: Lab, scene: Scene) -> None:
    for host in (scene.stranger, scene.server):
        # The image has nft for the hosts' own firewall; it reaches only the host's own namespace.
        lab.run(host, "nft", "flush", "ruleset")
    assert lab.knock(scene.stranger, scene.address, 8080) == "dropped"
    assert lab.knock(scene.friend, scene.address, 8080) == "open"


def test_a_packet_that_claims_to_be_from_another_host_is_dropped(lab: Lab, scene: Scene) -> None:
    friend, stranger = scene.friend[1]["privateIp"], scene.stranger[1]["privateIp"]
    lab.run(scene.stranger, "ip", "address", "add", f"{friend}/32", "dev", "eth0")
    try:
        for word, teller, source in (
            ("spoofed", scene.stranger, friend),
            ("strange", scene.stranger, stranger),
            ("genuine", scene.friend, friend),
        ):
            lab.script(teller, TELL, word, source, scene.address, "9000")
    finally:
        lab.run(scene.stranger, "ip", "address", "delete", f"{friend}/32", "dev", "eth0")
    until(lambda: "genuine" in lab.run(scene.server, "cat", "/srv/heard"))
    assert lab.run(scene.server, "cat", "/srv/heard").split() == ["genuine"]


def test_nothing_outside_the_region_is_reached(lab: Lab, scene: Scene) -> None:
    assert lab.knock(scene.friend, "198.51.100.7", 443) in ("Network is unreachable", "No route to host")
    assert lab.knock(scene.friend, f"{NET}.11.250", 443) in ("No route to host", "Network is unreachable")


def nft(lab: Lab, *words: str) -> None:
    """Change the router's rules by hand."""
    router = lab.region.network.namespace(lab.network["vpcId"])
    run(["ip", "netns", "exec", router, "nft", *words])


def chain(lab: Lab, name: str) -> tuple[firewall_read.Seen, ...]:
    return firewall_read.look(lab.region.network.namespace(lab.network["vpcId"])).chains[name]


def delete_rule(lab: Lab, name: str, label: str) -> None:
    (handle,) = (seen.handle for seen in chain(lab, name) if seen.label == label)
    nft(lab, "delete", "rule", "inet", "shopctl", name, "handle", str(handle))


BY_HAND = {
    "action": "ACCEPT",
    "cidrBlock": "0.0.0.0/0",
    "protocol": "TCP",
    "port": "8081",
    "description": "by hand",
}
Break = Callable[[Lab, str, str], None]
"""Breaks something of a host's chain, given the host and its group."""
DRIFTS: dict[str, tuple[Break, Callable[[list[Properties]], list[Properties]]]] = {
    "a rule is removed": (
        lambda lab, host, group: delete_rule(lab, f"in-{host}", f"{group}/ingress/1"),
        lambda asked: [asked[0], asked[2]],
    ),
    "a rule is added": (
        lambda lab, host, group: nft(
            lab, "insert", "rule", "inet", "shopctl", f"in-{host}", "tcp", "dport", "8081", "accept"
        ),
        lambda asked: [BY_HAND, *asked],
    ),
    "the chain is flushed": (
        lambda lab, host, group: nft(lab, "flush", "chain", "inet", "shopctl", f"in-{host}"),
        lambda asked: [],
    ),
    "nothing leads to the chain": (
        lambda lab, host, group: delete_rule(lab, "forward", f"shopctl/in/{host}"),
        lambda asked: [],
    ),
    "the table is gone": (
        lambda lab, host, group: nft(lab, "delete", "table", "inet", "shopctl"),
        lambda asked: [],
    ),
}


@pytest.mark.parametrize("what", DRIFTS)
def test_what_was_done_to_the_router_by_hand_is_seen_and_undone(lab: Lab, scene: Scene, what: str) -> None:
    group = scene.server[1]["orderlySecurityGroups"][0]
    made = group, lab.region.get(RuleSet.type, group).outputs
    assert lab.look(RuleSet, made) == made[1]
    break_it, expected = DRIFTS[what]
    break_it(lab, scene.server[0], group)
    seen = lab.look(RuleSet, made)
    assert seen is not None
    assert seen["ingresses"] == expected(made[1]["ingresses"])
    asked = lab.region.get(RuleSet.type, group).inputs
    planned = differences(RuleSet.type, seen, asked)
    assert planned
    assert not any(difference.replaces for difference in planned)
    repaired = lab.change(RuleSet, (group, seen))
    assert lab.look(RuleSet, repaired) == repaired[1]
    assert differences(RuleSet.type, repaired[1], asked) == []
    assert lab.knock(scene.friend, scene.address, 8080) == "open"
    assert lab.knock(scene.friend, scene.address, 8081) == "dropped"


def test_a_single_rule_that_was_removed_is_gone_and_made_again(lab: Lab, scene: Scene) -> None:
    inputs = {
        "securityGroupId": scene.server[1]["orderlySecurityGroups"][0],
        "type": "ingress",
        "policy": "ACCEPT",
        "cidrIp": f"{scene.stranger[1]['privateIp']}/32",
        "ipProtocol": "TCP",
        "portRange": "8081",
    }
    made = lab.make(SingleRule, "single", inputs)
    assert lab.look(SingleRule, made) == made[1]
    assert lab.knock(scene.stranger, scene.address, 8081) == "open"
    delete_rule(lab, f"in-{scene.server[0]}", made[0])
    assert lab.look(SingleRule, made) is None
    lab.region.records.drop(SingleRule.type, made[0])
    made = lab.make(SingleRule, "single", inputs)
    assert lab.knock(scene.stranger, scene.address, 8081) == "open"
    lab.remove(SingleRule, made)
    assert lab.knock(scene.stranger, scene.address, 8081) == "dropped"


def test_an_attached_group_lets_in_what_its_rules_say_and_keeps_its_group(lab: Lab, scene: Scene) -> None:
    more = lab.group("more", allow(scene.friends, "TCP", "8081"))
    # What it is attached to is told by its id alone, here a CVM instead of a database.
    attachment = lab.make(MysqlAttachment, "more", {"instanceId": scene.server[0], "securityGroupId": more})
    assert lab.look(MysqlAttachment, attachment) == attachment[1]
    assert lab.knock(scene.friend, scene.address, 8081) == "open"
    assert lab.knock(scene.friend, scene.address, 8080) == "open"
    made = more, lab.region.get(SecurityGroup.type, more).outputs
    with pytest.raises(RegionError, match="still used by: server"):
        lab.remove(SecurityGroup, made)
    lab.remove(MysqlAttachment, attachment)
    assert lab.knock(scene.friend, scene.address, 8081) == "dropped"
    with pytest.raises(RegionError, match="does not exist"):
        lab.make(MysqlAttachment, "none", {"instanceId": scene.server[0], "securityGroupId": "sg-none"})
