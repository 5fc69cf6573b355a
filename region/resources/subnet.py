"""Subnet: a range of a VPC's addresses in one zone. Hosts take theirs from it; routing needs nothing else here."""

import time
from ipaddress import IPv4Network

from region import schema
from region.errors import RegionError
from region.hosts import all_hosts
from region.region import RESERVED
from region.resources.base import Properties, Resource, computed
from region.routes import SUBNET, VPC, vpc_of

QUOTA = 100
"""Subnets per VPC (https://cloud.tencent.com/document/product/215/537)."""


class Subnet(Resource):
    """A subnet: a range of a VPC's addresses in one zone, and the route table that its hosts leave the VPC by.

    Equal: hosts get their addresses from it, never its first three or its last; two of one VPC can't overlap, one with
    hosts can't be deleted; another route table takes effect at once; 100 per VPC are the quota.

    Differs: it has no router or wire of its own, so there is nothing of it that can drift apart from its VPC's.
    `isMulticast` is kept on record, and `availableIpCount` stays as it was at first.
    """

    type = SUBNET
    prefix = "subnet"

    def check(self, inputs: Properties) -> list[schema.Failure]:
        cidr, vpc_id = inputs.get("cidrBlock"), inputs.get("vpcId")
        if schema.UNKNOWN in (cidr, vpc_id):
            return []
        try:
            network = IPv4Network(cidr)
        except ValueError as error:
            return [("cidrBlock", f"must contain a valid CIDR: {error}")]
        vpc = self.region.records.get(VPC, str(vpc_id))
        if vpc and not network.subnet_of(IPv4Network(vpc.inputs["cidrBlock"])):
            return [("cidrBlock", f"{cidr} is not within the VPC's {vpc.inputs['cidrBlock']}")]
        return []

    def create(self, id_: str, inputs: Properties) -> Properties:
        self._table(inputs)
        network = IPv4Network(inputs["cidrBlock"])
        others = [
            record
            for record in self.region.records.all(SUBNET)
            if record.id != id_ and record.inputs["vpcId"] == inputs["vpcId"]
        ]
        if len(others) >= QUOTA:
            raise RegionError(f"subnet {network}: {inputs['vpcId']} has {QUOTA}, which is the quota")
        for other in others:
            if network.overlaps(IPv4Network(other.inputs["cidrBlock"])):
                raise RegionError(
                    f"subnet {inputs['cidrBlock']} overlaps {other.inputs['cidrBlock']} ({other.id})"
                )
        created = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
        return {
            "createTime": created,
            "isDefault": False,
            "availableIpCount": network.num_addresses - RESERVED,
        }

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        self._table(new)
        return computed(old, "createTime", "isDefault", "availableIpCount")

    def _table(self, inputs: Properties) -> None:
        """Refuse a route table of another VPC, or none."""
        self.region.get(VPC, inputs["vpcId"])
        table = inputs.get("routeTableId")
        if table and vpc_of(self.region.records.all(), table) != inputs["vpcId"]:
            raise RegionError(f"routeTableId: {inputs['vpcId']} has no route table {table}")

    def settled(self, outputs: Properties) -> None:
        self.region.refresh_firewall(outputs["vpcId"])

    def delete(self, id_: str, outputs: Properties) -> None:
        network = IPv4Network(outputs["cidrBlock"])
        inside = [
            host.name
            for host in all_hosts(self.region.name)
            if network.supernet_of(IPv4Network(f"{host.address}/32"))
        ]
        if inside:
            raise RegionError(f"subnet {id_} still has hosts: {', '.join(inside)}")


RESOURCES = (Subnet,)
