"""The VPC and its subnets."""

from dataclasses import dataclass

import pulumi
import tencentcloud_iac_pulumi as tencentcloud

from infra.components.component import Common, Component
from infra.settings import NetworkSettings, Subnet, SubnetRole


@dataclass(frozen=True)
class NetworkArgs:
    """What the network is made from."""

    common: Common
    settings: NetworkSettings


@dataclass(frozen=True)
class PlacedSubnet:
    """A subnet that exists: where to put things."""

    id: pulumi.Output[str]
    zone: str


class Network(Component):
    """No route out: hosts find everything that they need inside the region."""

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._settings = args.settings
        self.vpc = tencentcloud.vpc.Instance(
            self.child_name("vpc"),
            name=args.common.named("vpc"),
            cidr_block=str(args.settings.vpc_cidr),
            tags=args.common.tags,
            opts=self.child(),
        )
        self._subnets = {subnet.name: self._subnet(subnet, args.common) for subnet in args.settings.subnets}
        self.vpc_id: pulumi.Output[str] = self.vpc.id
        self.register_outputs(
            {"vpcId": self.vpc_id, "subnetIds": {name: placed.id for name, placed in self._subnets.items()}}
        )

    def of_role(self, role: SubnetRole) -> tuple[PlacedSubnet, ...]:
        """The subnets for this role, first zone first."""
        return tuple(self._subnets[subnet.name] for subnet in self._settings.of_role(role))

    def data_subnet(self, zone: str | None = None) -> PlacedSubnet:
        """The data subnet of a zone, or the primary one."""
        candidates = self.of_role("data")
        return next((placed for placed in candidates if placed.zone == zone), candidates[0])

    def _subnet(self, subnet: Subnet, common: Common) -> PlacedSubnet:
        made = tencentcloud.subnet.Instance(
            self.child_name(subnet.name),
            name=common.named(subnet.name),
            vpc_id=self.vpc.id,
            availability_zone=subnet.zone,
            cidr_block=str(subnet.cidr),
            is_multicast=False,
            tags=common.tags,
            # Two subnets of one VPC cannot have the same addresses, even for a moment.
            opts=self.child(delete_first=True),
        )
        return PlacedSubnet(made.id, subnet.zone)
