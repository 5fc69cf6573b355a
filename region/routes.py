"""The ways out of a VPC, from route tables, their entries, NAT gateways and addresses on record. Pure."""

from collections.abc import Iterable

from region.firewall import Way
from region.records import Record

VPC = "tencentcloud:Vpc/instance:Instance"
SUBNET = "tencentcloud:Subnet/instance:Instance"
TABLE = "tencentcloud:Route/table:Table"
ENTRY = "tencentcloud:Route/tableEntry:TableEntry"
NAT = "tencentcloud:Nat/gateway:Gateway"
EIP = "tencentcloud:Eip/instance:Instance"


def ways(records: Iterable[Record], vpc_id: str) -> list[Way]:
    """The ways out of one VPC, narrowest destination first, as a router takes them.

    A route without a subnet, or with a gateway that has no address, leads nowhere.
    """
    records = list(records)
    gateways = {
        record.id: list(record.inputs["assignedEipSets"])
        for record in records
        if record.type == NAT and record.inputs["vpcId"] == vpc_id
    }
    found = []
    for entry in records:
        if entry.type != ENTRY or entry.inputs.get("disabled"):
            continue
        sources = subnets_of(records, vpc_id, entry.inputs["routeTableId"])
        addresses = gateways.get(entry.inputs["nextHub"])
        if sources and addresses and entry.inputs["nextType"] == "NAT":
            found.append(Way(entry.id, sources, entry.inputs["destinationCidrBlock"], addresses[0]))
    return sorted(found, key=lambda way: (-int(way.destination.rpartition("/")[2]), way.label))


def subnets_of(records: Iterable[Record], vpc_id: str, table_id: str) -> tuple[str, ...]:
    """The ranges of the subnets of a VPC that a route table is for; the VPC's own is for those that name none."""
    records = list(records)
    default = next(
        (str(record.outputs.get("defaultRouteTableId")) for record in records if _is(record, VPC, vpc_id)), ""
    )
    return tuple(
        sorted(
            record.inputs["cidrBlock"]
            for record in records
            if record.type == SUBNET
            and record.inputs["vpcId"] == vpc_id
            and (record.inputs.get("routeTableId") or default) == table_id
        )
    )


def vpc_of(records: Iterable[Record], table_id: str) -> str | None:
    """The VPC that a route table belongs to."""
    for record in records:
        if _is(record, TABLE, table_id):
            return str(record.inputs["vpcId"])
        if record.type == VPC and record.outputs.get("defaultRouteTableId") == table_id:
            return record.id
    return None


def _is(record: Record, type_: str, id_: str) -> bool:
    return record.type == type_ and record.id == id_
