"""Subnet: a range of a VPC's addresses in one zone. Hosts take theirs from it; routing needs nothing else here."""

import time
from ipaddress import IPv4Network

from region import schema
from region.errors import RegionError
from region.hosts import all_hosts
from region.region import RESERVED
from region.resources.base import Properties, Resource, computed

VPC = "tencentcloud:Vpc/instance:Instance"


class Subnet(Resource):
    type = "tencentcloud:Subnet/instance:Instance"
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
        self.region.get(VPC, inputs["vpcId"])
        network = IPv4Network(inputs["cidrBlock"])
        for other in self.region.records.all(self.type):
            if other.inputs["vpcId"] == inputs["vpcId"] and network.overlaps(
                IPv4Network(other.inputs["cidrBlock"])
            ):
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
        del id_, new
        return computed(old, "createTime", "isDefault", "availableIpCount")

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
