"""Which subnets leave their VPC, for where, and by which address."""

from typing import Any

from region.firewall import Way
from region.records import Record
from region.routes import ENTRY, NAT, SUBNET, TABLE, VPC, vpc_of, ways


def thing(type_: str, id_: str, outputs: dict[str, Any] | None = None, **inputs: Any) -> Record:
    return Record(id_, type_, id_, inputs, {**inputs, **(outputs or {})})


STACK = [
    thing(VPC, "vpc-1", {"defaultRouteTableId": "rtb-default"}, cidrBlock="10.0.0.0/18"),
    thing(TABLE, "rtb-ops", vpcId="vpc-1"),
    thing(SUBNET, "subnet-web", vpcId="vpc-1", cidrBlock="10.0.1.0/24"),
    thing(SUBNET, "subnet-ops", vpcId="vpc-1", cidrBlock="10.0.21.0/24", routeTableId="rtb-ops"),
    thing(NAT, "nat-1", vpcId="vpc-1", assignedEipSets=["10.0.240.40", "10.0.240.41"]),
]


def entry(id_: str, table: str, destination: str = "0.0.0.0/0", **inputs: Any) -> Record:
    given = {"destinationCidrBlock": destination, "nextType": "NAT", "nextHub": "nat-1", **inputs}
    return thing(ENTRY, id_, routeTableId=table, **given)


def test_no_subnet_has_a_way_out_by_itself() -> None:
    assert ways(STACK, "vpc-1") == []


def test_only_the_subnets_of_the_table_leave_and_with_the_gateways_first_address() -> None:
    expected = [Way("e1", ("10.0.21.0/24",), "0.0.0.0/0", "10.0.240.40")]
    assert ways([*STACK, entry("e1", "rtb-ops")], "vpc-1") == expected


def test_the_vpcs_own_table_is_for_the_subnets_that_name_none() -> None:
    assert [way.sources for way in ways([*STACK, entry("e1", "rtb-default")], "vpc-1")] == [("10.0.1.0/24",)]
    assert vpc_of(STACK, "rtb-default") == vpc_of(STACK, "rtb-ops") == "vpc-1"


def test_the_narrowest_destination_comes_first() -> None:
    entries = [entry("e1", "rtb-ops"), entry("e2", "rtb-ops", "10.0.240.0/24")]
    assert [way.label for way in ways([*STACK, *entries], "vpc-1")] == ["e2", "e1"]


def test_what_is_switched_off_or_leads_nowhere_is_no_way() -> None:
    entries = [
        entry("e1", "rtb-ops", disabled=True),
        entry("e2", "rtb-ops", nextHub="nat-9"),
        entry("e3", "rtb-of-nobody"),
    ]
    assert ways([*STACK, *entries], "vpc-1") == []
    assert ways([*STACK, entry("e1", "rtb-ops")], "vpc-2") == []
