"""What is one too many is refused, and told."""

from pathlib import Path
from typing import Any

import pytest

from region import routes
from region.errors import RegionError
from region.records import Record, Records
from region.region import Region
from region.resources.base import Resource
from region.resources.bucket import Bucket
from region.resources.clb import Attachment, Listener
from region.resources.disk import SnapshotPolicy
from region.resources.nat import Address, Gateway
from region.resources.route_table import Entry, Table
from region.resources.security_group import RuleSet, SecurityGroup
from region.resources.subnet import Subnet
from region.resources.vpc import Vpc
from region.settings import RegionSettings

VPC = {"vpcId": "vpc-1"}


@pytest.fixture
def region(tmp_path: Path) -> Region:
    made = Region(RegionSettings("quota", "10.66.0.0/16", "10.66.240.0/20", "10.66.255.1"))
    made.records = Records(tmp_path)
    put(made, routes.VPC, "vpc-1", cidrBlock="10.66.0.0/18")
    put(made, routes.TABLE, "rtb-1", **VPC)
    put(made, routes.NAT, "nat-1", **VPC, assignedEipSets=[])
    return made


def put(region: Region, type_: str, id_: str, **inputs: Any) -> None:
    region.records.put(Record(id_, type_, id_, inputs, {**inputs, "publicIp": "10.66.240.40"}))


ENTRY = {"routeTableId": "rtb-1", "nextType": "NAT", "nextHub": "nat-1"}
LIMITS: dict[str, tuple[type[Resource], int, dict[str, Any]]] = {
    "VPCs": (Vpc, 19, {"cidrBlock": "10.66.64.0/18"}),
    "subnets": (Subnet, 100, {**VPC, "cidrBlock": "10.66.1.0/24"}),
    # The VPC's own table counts, and one is there.
    "route tables": (Table, 8, VPC),
    "entries": (Entry, 50, {**ENTRY, "destinationCidrBlock": "0.0.0.0/0"}),
    "NAT gateways": (Gateway, 2, {**VPC, "assignedEipSets": []}),
    "EIPs": (Address, 20, {}),
    "security groups": (SecurityGroup, 50, {}),
    "listeners": (Listener, 50, {"clbId": "lb-1", "protocol": "TCP", "port": 80}),
    "buckets": (Bucket, 200, {"bucket": "x-new"}),
    "snapshot policies": (SnapshotPolicy, 30, {}),
}


def distinct(index: int, inputs: dict[str, Any]) -> dict[str, Any]:
    """What two of them can't have both."""
    port = {"port": 8000 + index} if "port" in inputs else {}
    return {**inputs, **port, "destinationCidrBlock": f"172.16.{index}.0/24"}


@pytest.mark.parametrize("what", LIMITS)
def test_one_more_than_the_quota_is_refused(region: Region, what: str) -> None:
    kind, number, inputs = LIMITS[what]
    for index in range(number):
        put(region, kind.type, f"x-{index}", **distinct(index, inputs))
    with pytest.raises(RegionError, match="quota"):
        kind(region).create("x-new", inputs)


def test_a_rule_set_has_at_most_a_hundred_rules_in_one_direction(region: Region) -> None:
    rules = [{"action": "ACCEPT", "cidrBlock": "10.0.0.0/8"}] * 101
    check = RuleSet(region).check
    assert check({"securityGroupId": "sg-1", "ingresses": rules[1:]}) == []
    assert check({"securityGroupId": "sg-1", "ingresses": rules}) == [
        ("ingresses", "has 101 rules; the quota is 100 in one direction")
    ]


def test_a_rule_has_at_most_a_hundred_targets_also_when_it_changes(region: Region) -> None:
    targets = [{"instanceId": f"ins-{number}", "port": 80} for number in range(101)]
    check = Attachment(region).check
    assert check({"clbId": "lb-1", "targets": targets[1:]}) == []
    assert check({"clbId": "lb-1", "targets": targets}) == [
        ("targets", "has 101 targets; the quota is 100 for a rule or listener")
    ]


def test_a_gateway_has_one_address_to_ten(region: Region) -> None:
    for addresses, words in (([], "has 0"), ([f"10.66.240.{n}" for n in range(11)], "has 11")):
        ((field, reason),) = Gateway(region).check({**VPC, "assignedEipSets": addresses})
        assert (field, words in reason) == ("assignedEipSets", True)
