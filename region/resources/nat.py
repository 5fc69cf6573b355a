"""NAT gateways and the public addresses (EIP) that they lend to those who leave by them."""

import time

from region import routes, schema
from region.errors import RegionError
from region.resources.base import Properties, Resource, computed
from region.routes import EIP, NAT, SUBNET, VPC
from region.settings import EIP_SLOTS

ADDRESSES = 20
"""EIPs per region, gateways per VPC, and EIPs per gateway (https://cloud.tencent.com/document/product/213/5733,
https://cloud.tencent.com/document/product/552/30238)."""
GATEWAYS = 3
PER_GATEWAY = 10


class Address(Resource):
    """An elastic IP: an address of the region's public range, kept for whoever is given it.

    Equal: the address stays until it is deleted, one that a gateway uses can't be; name, tags, bandwidth and charging
    change; 20 per region are the quota.

    Differs: its bandwidth isn't limited, and `status` isn't followed. There is no anycast and no bandwidth package. It
    is a gateway's; it is not bound to instances.
    """

    type = EIP
    prefix = "eip"

    def create(self, id_: str, inputs: Properties) -> Properties:
        others = [record for record in self.region.records.all(EIP) if record.id != id_]
        if len(others) >= ADDRESSES:
            raise RegionError(
                f"EIP {inputs.get('name', id_)}: the region has {ADDRESSES}, which is the quota"
            )
        return {"publicIp": self.region.lease_public(EIP_SLOTS, host_id=id_), "status": "UNBIND"}

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        return computed(old, "publicIp", "status")

    def delete(self, id_: str, outputs: Properties) -> None:
        users = [
            record.id
            for record in self.region.records.all(NAT)
            if outputs["publicIp"] in record.inputs["assignedEipSets"]
        ]
        if users:
            raise RegionError(f"EIP {id_} ({outputs['publicIp']}) is still used by {', '.join(users)}")
        self.region.settle(outputs["publicIp"])


class Gateway(Resource):
    """A NAT gateway: what is routed to it leaves its VPC's router with the gateway's address, by address translation.

    Equal: nobody outside begins a connection through it; without a route to it nobody leaves by it; its addresses,
    bandwidth and name change while it serves. An address that no longer leads to it is missing from `assignedEipSets`.

    Differs: the internet ends at the region's own public range, and no packet leaves the machine: beyond it the network
    is unreachable. The first of several addresses serves all; bandwidth and connections aren't limited. There are no
    port forwardings; a gateway is in no zone.
    """

    type = NAT
    prefix = "nat"

    def check(self, inputs: Properties) -> list[schema.Failure]:
        addresses = inputs.get("assignedEipSets")
        if not isinstance(addresses, list):
            return []
        if not 1 <= len(addresses) <= PER_GATEWAY:
            return [("assignedEipSets", f"takes 1 to {PER_GATEWAY} addresses, has {len(addresses)}")]
        return []

    def create(self, id_: str, inputs: Properties) -> Properties:
        self.region.get(VPC, inputs["vpcId"])
        if subnet := inputs.get("subnetId"):
            self.region.get(SUBNET, subnet)
        others = [record for record in self.region.records.all(NAT) if record.id != id_]
        if sum(record.inputs["vpcId"] == inputs["vpcId"] for record in others) >= GATEWAYS:
            raise RegionError(
                f"NAT gateway {inputs.get('name', id_)}: {inputs['vpcId']} has {GATEWAYS}, which is the quota"
            )
        self._lead(id_, inputs, ())
        return {"createdTime": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())}

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        led = self.region.network.led(outputs["vpcId"])
        asked = self.region.get(NAT, id_).inputs["assignedEipSets"]
        return {**outputs, "assignedEipSets": [address for address in asked if address in led]}

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        self._lead(id_, new, old.get("assignedEipSets") or ())
        return computed(old, "createdTime")

    def _lead(self, id_: str, inputs: Properties, before: object) -> None:
        """Have the gateway's addresses lead to its router, and those that it had no longer."""
        known = {record.outputs["publicIp"]: record.id for record in self.region.records.all(EIP)}
        for address in inputs["assignedEipSets"]:
            if address not in known:
                raise RegionError(f"assignedEipSets: {address} is no EIP of region {self.region.name}")
            for other in self.region.records.all(NAT):
                if other.id != id_ and address in other.inputs["assignedEipSets"]:
                    raise RegionError(f"assignedEipSets: {address} is used by {other.id}")
            self.region.network.lead(inputs["vpcId"], address)
        for address in before if isinstance(before, (list, tuple)) else ():
            if address not in inputs["assignedEipSets"]:
                self.region.network.forget(inputs["vpcId"], address)

    def settled(self, outputs: Properties) -> None:
        self.region.refresh_firewall(outputs["vpcId"])

    def delete(self, id_: str, outputs: Properties) -> None:
        used = [
            record.id for record in self.region.records.all(routes.ENTRY) if record.inputs["nextHub"] == id_
        ]
        if used:
            raise RegionError(f"NAT gateway {id_} is still the next hop of {', '.join(used)}")
        for address in outputs["assignedEipSets"]:
            self.region.network.forget(outputs["vpcId"], address)


RESOURCES = (Address, Gateway)
