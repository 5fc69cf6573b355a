"""Who may talk to whom."""

from infra.components.rules import GroupName
from tests.unit.infra.recorder import Recording, record


def ways_in(stack: Recording, group: GroupName) -> set[tuple[str, str, str]]:
    """(source, protocol, port) of everything that a group accepts."""
    rules = stack.named(f"firewall-{group}-rules").inputs["ingresses"]
    assert {rule["action"] for rule in rules} == {"ACCEPT"}
    return {
        (
            rule.get("sourceSecurityId", rule.get("cidrBlock", "?")).removeprefix("id-firewall-"),
            rule["protocol"],
            rule.get("port", "ALL"),
        )
        for rule in rules
    }


def test_databases_are_reached_from_web_and_ops_only(stack: Recording) -> None:
    sources = {(source, port) for source, protocol, port in ways_in(stack, "data") if protocol == "TCP"}
    assert sources == {(source, port) for source in ("web", "ops") for port in ("3306", "6379", "27017")}


def test_web_takes_no_shoppers_but_from_the_balancer(local: Recording) -> None:
    assert ways_in(local, "web") == {
        ("ops", "TCP", "22"),
        ("10.77.255.1/32", "TCP", "22"),
        ("ops", "TCP", "80"),
        ("ops", "TCP", "9100"),
        ("ops", "TCP", "10050"),
        ("10.77.0.0/18", "ICMP", "ALL"),
    }
    balancer = local.named("balancer-clb").inputs
    assert balancer["loadBalancerPassToTarget"] is True
    assert balancer["securityGroups"] == ["id-firewall-balancer"]


def test_behind_a_bastion_web_takes_ssh_from_the_ops_host_only(production: Recording) -> None:
    assert {source for source, _, port in ways_in(production, "web") if port == "22"} == {"ops"}
    assert {source for source, _, port in ways_in(production, "ops") if port == "22"} == {"192.168.100.0/24"}


def test_every_operator_network_may_log_in_to_the_ops_host() -> None:
    stack = record("local", {"operator": {"cidrs": ["10.77.255.1/32", "192.0.2.0/24"], "bastion": False}})
    for group in ("web", "ops"):
        sources = {source for source, _, port in ways_in(stack, group) if port == "22"}
        assert {"10.77.255.1/32", "192.0.2.0/24"} <= sources


def test_the_world_reaches_the_balancer_and_nothing_else(stack: Recording) -> None:
    open_to_all = {
        (group, port)
        for group in ("balancer", "web", "data", "ops")
        for source, _, port in ways_in(stack, group)
        if source == "0.0.0.0/0"
    }
    assert open_to_all == {("balancer", "80"), ("balancer", "443")}


def test_each_host_and_database_is_in_its_own_group(stack: Recording) -> None:
    for host in stack.of("Instance/instance"):
        assert host.inputs["orderlySecurityGroups"] == [f"id-firewall-{host.inputs['tags']['role']}"]
    for name in ("mysql-primary", "mysql-replica", "redis-instance", "mongodb-instance"):
        assert stack.named(name).inputs["securityGroups"] == ["id-firewall-data"]
