"""From records to policies: who is in a group, and what a balancer may send to its targets."""

from typing import Any

from region.firewall import Rule
from region.groups import ATTACHED, decide, with_attached
from region.hosts import Host
from region.records import Record


def host(name: str, address: str, groups: tuple[str, ...] | None, service: str = "") -> Host:
    return Host(
        name, name, "instance", "image", "vpc-1", (address,), "10.0.0.2", groups=groups, service=service
    )


def record(id_: str, **inputs: Any) -> Record:
    return Record(id_, "t:M/n:T", f"urn:{id_}", inputs, inputs)


WEB, DATA = host("ins-web", "10.0.1.4", ("sg-web",)), host("cdb-1", "10.0.2.4", ("sg-data",))
RULES = record(
    "sg-data",
    securityGroupId="sg-data",
    ingresses=[{"action": "ACCEPT", "sourceSecurityId": "sg-web", "protocol": "TCP", "port": "3306"}],
    egresses=[{"action": "ACCEPT", "cidrBlock": "0.0.0.0/0", "protocol": "ALL", "port": "ALL"}],
)


def test_a_source_group_is_the_addresses_of_its_members() -> None:
    policies = decide([WEB, DATA], [WEB, DATA], sets=[RULES], singles=[], balancers=[], attachments=[])
    data = next(policy for policy in policies if policy.link == "cdb-1")
    assert data.ingress == (Rule(True, ("10.0.1.4",), "TCP", "3306"),)


def test_a_host_that_leaves_the_group_is_no_source_any_more() -> None:
    gone = host("ins-web", "10.0.1.4", ("sg-other",))
    policies = decide([DATA], [gone, DATA], sets=[RULES], singles=[], balancers=[], attachments=[])
    assert policies[0].ingress == (Rule(True, (), "TCP", "3306"),)


def test_a_balancer_reaches_its_targets_on_their_ports_only_when_it_passes() -> None:
    balancer = host("lb-1", "10.0.240.10", ("sg-lb",))
    attached = record("lba-1", clbId="lb-1", targets=[{"instanceId": "ins-web", "port": 80}])
    for passes, expected in ((True, (Rule(True, ("10.0.240.10",), "TCP", "80"),)), (False, ())):
        clb = record("lb-1", loadBalancerPassToTarget=passes)
        policies = decide(
            [WEB], [WEB, balancer], sets=[], singles=[], balancers=[clb], attachments=[attached]
        )
        assert policies[0].trusted == expected


def test_members_of_one_service_may_speak_freely() -> None:
    primary, standby = (
        host("cdb-1", "10.0.2.4", ("sg-data",), "cdb-1"),
        host("cdb-1-s", "10.0.2.5", ("sg-data",), "cdb-1"),
    )
    policies = decide([primary], [primary, standby], sets=[], singles=[], balancers=[], attachments=[])
    assert policies[0].members == ("10.0.2.4", "10.0.2.5")


def test_single_rules_are_read_in_the_order_of_their_index() -> None:
    late = record("r2", securityGroupId="sg-web", type="ingress", policy="DROP", policyIndex=2)
    early = record(
        "r1", securityGroupId="sg-web", type="ingress", policy="ACCEPT", cidrIp="10.0.0.0/8", policyIndex=1
    )
    policies = decide([WEB], [WEB], sets=[], singles=[late, early], balancers=[], attachments=[])
    assert [rule.accept for rule in policies[0].ingress] == [True, False]


def test_an_attached_group_is_one_more_for_the_instance_and_its_standby() -> None:
    kinds = {type_.split(":")[1].split("/")[0]: type_ for type_ in ATTACHED}
    given = {"instanceId": "cdb-1", "securityGroupId": "sg-more"}
    attachment = Record("a", kinds["Mysql"], "urn:a", given, given)
    standby = host("cdb-1-s", "10.0.2.5", ("sg-data",), "cdb-1")
    assert with_attached(DATA, [attachment]).groups == ("sg-data", "sg-more")
    assert with_attached(standby, [attachment]).groups == ("sg-data", "sg-more")
    assert with_attached(WEB, [attachment]) == WEB


def test_an_attached_group_closes_what_had_none() -> None:
    kinds = {type_.split(":")[1].split("/")[0]: type_ for type_ in ATTACHED}
    given = {"loadBalancerIds": "lb-1", "securityGroup": "sg-lb"}
    attachment = Record("a", kinds["Clb"], "urn:a", given, given)
    assert with_attached(host("lb-1", "10.0.240.10", None), [attachment]).groups == ("sg-lb",)
