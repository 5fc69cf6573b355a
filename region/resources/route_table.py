"""Route tables: which way the packets of a subnet leave their VPC."""

import time
import zlib
from ipaddress import IPv4Network

from region import firewall_read, routes, schema
from region.errors import RegionError
from region.firewall_read import Table as Rules
from region.resources.base import Properties, Resource, computed
from region.routes import ENTRY, NAT, SUBNET, TABLE, VPC

TABLES = 10
"""Route tables per VPC, and entries per table (https://cloud.tencent.com/document/product/215/537)."""
ENTRIES = 50


class Table(Resource):
    """A route table: the ways out for the subnets that name it. Without an entry there is none.

    Equal: within the VPC everybody is reached (its own range is a route that no table lacks); a host whose table has no
    way out reaches no public address, but the object store, as over the cloud's own network; it is told
    "network unreachable". Name and tags change; a table that a subnet uses can't be deleted; 10 per VPC are the quota.

    Differs: the hosts of a VPC reach the public address of its own balancers without a way out. `subnetIds` and
    `routeEntryIds` stay empty.
    """

    type = TABLE
    prefix = "rtb"

    def create(self, id_: str, inputs: Properties) -> Properties:
        self.region.get(VPC, inputs["vpcId"])
        others = [
            record
            for record in self.region.records.all(TABLE)
            if record.id != id_ and record.inputs["vpcId"] == inputs["vpcId"]
        ]
        # One more is the VPC's own.
        if len(others) + 1 >= TABLES:
            raise RegionError(
                f"route table {inputs.get('name', id_)}: {inputs['vpcId']} has {TABLES}, which is the quota"
            )
        created = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
        return {"createTime": created, "isDefault": False, "routeEntryIds": [], "subnetIds": []}

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        return computed(old, "createTime", "isDefault", "routeEntryIds", "subnetIds")

    def delete(self, id_: str, outputs: Properties) -> None:
        used = [
            record.inputs.get("name", record.id)
            for record in self.region.records.all(SUBNET)
            if record.inputs.get("routeTableId") == id_
        ]
        if used:
            raise RegionError(f"route table {id_} is still used by the subnets {', '.join(used)}")


class Entry(Resource):
    """An entry of a route table: what its subnets send to a range leaves through a NAT gateway.

    Equal: the narrowest destination decides; answers come back, and nothing from outside gets in by it; `disabled`
    switches it off and on. One whose rules the router lacks is read as gone.

    Differs: the next hop is a NAT gateway; other kinds are refused. What runs over a way that is taken away goes on
    until it ends.
    """

    type = ENTRY
    prefix = "rti"

    def make_id(self, urn: str, generation: int, inputs: Properties) -> str:
        # The provider's id of an entry is its number and its table.
        return f"{zlib.crc32(f'{urn}#{generation}'.encode())}.{inputs['routeTableId']}"

    def check(self, inputs: Properties) -> list[schema.Failure]:
        failures: list[schema.Failure] = []
        kind = inputs.get("nextType")
        if kind not in (None, schema.UNKNOWN, "NAT"):
            failures.append(("nextType", f"{kind!r} is not realised by the local region (NAT)"))
        return failures

    def create(self, id_: str, inputs: Properties) -> Properties:
        table, destination = inputs["routeTableId"], inputs["destinationCidrBlock"]
        vpc_id = self._vpc(table)
        others = [
            record
            for record in self.region.records.all(ENTRY)
            if record.id != id_ and record.inputs["routeTableId"] == table
        ]
        if any(record.inputs["destinationCidrBlock"] == destination for record in others):
            raise RegionError(f"route table {table} has an entry for {destination} already")
        if len(others) >= ENTRIES:
            raise RegionError(f"route table {table} has {ENTRIES} entries, which is the quota")
        vpc = self.region.get(VPC, vpc_id).inputs["cidrBlock"]
        if IPv4Network(destination).subnet_of(IPv4Network(vpc)):
            raise RegionError(
                f"destinationCidrBlock {destination} lies in the VPC's own {vpc}, which is routed already"
            )
        gateway = self.region.get(NAT, inputs["nextHub"])
        if gateway.inputs["vpcId"] != vpc_id:
            raise RegionError(f"nextHub {gateway.id} is a gateway of another VPC, {gateway.inputs['vpcId']}")
        return {"routeItemId": id_.partition(".")[0]}

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        records = self.region.records.all()
        vpc_id = routes.vpc_of(records, outputs["routeTableId"])
        if vpc_id is None:
            return None
        way = next((way for way in routes.ways(records, vpc_id) if way.label == id_), None)
        table = firewall_read.look(self.region.network.namespace(vpc_id))
        there = _stands(table, id_, way.address if way else "")
        asked = bool(self.region.get(ENTRY, id_).inputs.get("disabled"))
        if way is None:
            # Switched off, or nobody's: it must not be there.
            return {**outputs, "disabled": False} if there and asked else outputs
        return outputs if there else None

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        return {"routeItemId": id_.partition(".")[0]}

    def delete(self, id_: str, outputs: Properties) -> None:
        """Nothing of its own; the router is laid anew without it once it is off the record."""

    def settled(self, outputs: Properties) -> None:
        if vpc_id := routes.vpc_of(self.region.records.all(), outputs["routeTableId"]):
            self.region.refresh_firewall(vpc_id)

    def _vpc(self, table: str) -> str:
        vpc_id = routes.vpc_of(self.region.records.all(), table)
        if vpc_id is None:
            raise RegionError(f"route table {table!r} does not exist in region {self.region.name}")
        return vpc_id


def _stands(rules: Rules, label: str, address: str) -> bool:
    """Whether a router lets an entry's packets out, and gives them its gateway's address."""
    out = any(seen.label == label for seen in rules.chains.get("forward", ()))
    return out and any(
        seen.label == label and f'"{address}"' in seen.words for seen in rules.chains.get("leaving", ())
    )


RESOURCES = (Table, Entry)
