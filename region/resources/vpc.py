"""VPC: a router namespace, and a resolver host at the range's third address (dnsmasq)."""

import time
from ipaddress import IPv4Network

from region import resolver, schema
from region.resources.base import Properties, Resource, computed


class Vpc(Resource):
    type = "tencentcloud:Vpc/instance:Instance"
    prefix = "vpc"

    def check(self, inputs: Properties) -> list[schema.Failure]:
        cidr = inputs.get("cidrBlock")
        if cidr in (None, schema.UNKNOWN):
            return []
        try:
            network = IPv4Network(cidr)
        except ValueError as error:
            return [("cidrBlock", f"must contain a valid CIDR: {error}")]
        settings = self.region.settings
        if not network.subnet_of(settings.network) or network.overlaps(settings.public):
            return [
                (
                    "cidrBlock",
                    f"{cidr} is not within region {settings.name}'s {settings.cidr} apart from {settings.public_cidr}",
                )
            ]
        return []

    def create(self, id_: str, inputs: Properties) -> Properties:
        self.region.network.open_vpc(id_, inputs["cidrBlock"])
        resolver.create(self.region, id_, inputs["cidrBlock"])
        created = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
        return {
            "createTime": created,
            "isDefault": False,
            "defaultRouteTableId": f"rtb-{id_[4:]}",
            "dockerAssistantCidrs": [],
        }

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        return outputs if self.region.network.has(id_) else None

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        del id_, new
        return computed(old, "createTime", "isDefault", "defaultRouteTableId", "dockerAssistantCidrs")

    def delete(self, id_: str, outputs: Properties) -> None:
        resolver.delete(self.region, id_)
        self.region.network.close_vpc(id_)


RESOURCES = (Vpc,)
