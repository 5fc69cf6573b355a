"""VPC: a router namespace, and a resolver host at the range's third address (dnsmasq)."""

import time
from ipaddress import IPv4Network

from region import resolver, schema
from region.errors import RegionError
from region.hosts import all_hosts
from region.resources.base import Properties, Resource, computed
from region.wechat import host as wechat

VPC = "tencentcloud:Vpc/instance:Instance"
QUOTA = 20
"""VPCs per region (https://cloud.tencent.com/document/product/215/537)."""


class Vpc(Resource):
    """A VPC: a router of its own, a network namespace in which its hosts' links end, and a resolver.

    Equal: its hosts reach each other as their groups allow, and hosts of other VPCs not at all; the resolver answers
    at the range's third address; 20 VPCs are the quota. A router or resolver that is gone or stopped, or that lacks
    the link or the route to a running host, is read as part of `name`; the next `up` mends it under the running hosts.
    So is WeChat, which is there with the first VPC for a stack that has an account at it.

    Differs: ranges have to lie within the region's own. `dnsServers`, `assistantCidrs` and `isMulticast` are kept on
    record; there is no IPv6.
    """

    type = VPC
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
        others = [record for record in self.region.records.all(VPC) if record.id != id_]
        if len(others) >= QUOTA:
            raise RegionError(f"VPC {inputs['cidrBlock']}: the region has {QUOTA}, which is the quota")
        for other in others:
            if IPv4Network(other.inputs["cidrBlock"]).overlaps(IPv4Network(inputs["cidrBlock"])):
                raise RegionError(
                    f"VPC {inputs['cidrBlock']} overlaps {other.inputs['cidrBlock']} ({other.id}): "
                    "on one machine two VPCs can't have the same addresses"
                )
        self.region.open_vpc(id_, inputs["cidrBlock"])
        resolver.create(self.region, id_, inputs["cidrBlock"])
        wechat.open_wechat(self.region)
        created = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
        return {
            "createTime": created,
            "isDefault": False,
            "defaultRouteTableId": f"rtb-{id_[4:]}",
            "dockerAssistantCidrs": [],
        }

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        name = self.region.get(VPC, id_).inputs.get("name", "")
        missing = ", ".join(self._missing(id_))
        return {**outputs, "name": f"{name} ({missing})"} if missing else outputs

    def _missing(self, id_: str) -> list[str]:
        """What of the running thing isn't there, in words."""
        lost: list[str] = []
        reached = self.region.network.reached(id_)
        if reached is None:
            lost.append("no router")
        if not self.region.is_running(resolver.host_id(id_)):
            lost.append("no resolver")
        if wechat.missing(self.region):
            lost.append("no WeChat")
        for host in all_hosts(self.region.name):
            if reached is None or host.router != id_ or not self.region.is_running(host.id):
                continue
            if not reached.items() >= dict.fromkeys(host.addresses, host.id).items():
                lost.append(f"no way to {host.name}")
        return lost

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        self.region.open_vpc(id_, new["cidrBlock"])
        resolver.mend(self.region, id_, new["cidrBlock"])
        wechat.open_wechat(self.region)
        resolver.refresh(self.region)
        return computed(old, "createTime", "isDefault", "defaultRouteTableId", "dockerAssistantCidrs")

    def delete(self, id_: str, outputs: Properties) -> None:
        resolver.delete(self.region, id_)
        self.region.network.close_vpc(id_)

    def settled(self, outputs: Properties) -> None:
        wechat.close_wechat(self.region)


RESOURCES = (Vpc,)
