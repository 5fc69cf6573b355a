"""The VPC, its subnets, and which of them has a way out."""

from dataclasses import dataclass

import pulumi
import tencentcloud_iac_pulumi as tencentcloud

from infra.components.component import Common, Component
from infra.settings import NetworkSettings, Subnet, SubnetRole

# Of what a gateway comes with (20, 50, 100, ... Mbit/s): releases come by it. It is traffic that is paid for.
_NAT_MBPS = 100
_WAYS_OUT: dict[SubnetRole, str] = {"web": "the way out to WeChat", "ops": "the way out for alerts"}


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
    """A route table for each role, by default without any way out: hosts find what they need inside the region.

    With `nat` the web and ops hosts get one, by a NAT gateway: the shop speaks to WeChat, alerts go to services
    outside, releases come from the registry. Nobody comes in by it."""

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
        self._tables = {
            role: self._table(role, args.common)
            for role in dict.fromkeys(subnet.role for subnet in args.settings.subnets)
        }
        self._subnets = {subnet.name: self._subnet(subnet, args.common) for subnet in args.settings.subnets}
        self.vpc_id: pulumi.Output[str] = self.vpc.id
        self.nat_address = self._way_out(args.common) if args.settings.nat else None
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
            route_table_id=self._tables[subnet.role].id,
            tags=common.tags,
            # Two subnets of one VPC cannot have the same addresses, even for a moment.
            opts=self.child(delete_first=True),
        )
        return PlacedSubnet(made.id, subnet.zone)

    def _table(self, role: SubnetRole, common: Common) -> tencentcloud.route.Table:
        return tencentcloud.route.Table(
            self.child_name(f"{role}-routes"),
            name=common.named(f"{role}-routes"),
            vpc_id=self.vpc.id,
            tags=common.tags,
            opts=self.child(),
        )

    def _way_out(self, common: Common) -> pulumi.Output[str]:
        """The address that hosts have outside."""
        address = tencentcloud.eip.Instance(
            self.child_name("nat-address"),
            name=common.named("nat"),
            internet_charge_type="TRAFFIC_POSTPAID_BY_HOUR",
            internet_max_bandwidth_out=_NAT_MBPS,
            tags=common.tags,
            opts=self.child(),
        )
        gateway = tencentcloud.nat.Gateway(
            self.child_name("nat"),
            name=common.named("nat"),
            vpc_id=self.vpc.id,
            assigned_eip_sets=[address.public_ip],
            bandwidth=_NAT_MBPS,
            max_concurrent=1_000_000,
            tags=common.tags,
            opts=self.child(delete_first=True),
        )
        for role, purpose in _WAYS_OUT.items():
            tencentcloud.route.TableEntry(
                self.child_name(f"nat-route-{role}"),
                route_table_id=self._tables[role].id,
                destination_cidr_block="0.0.0.0/0",
                next_type="NAT",
                next_hub=gateway.id,
                description=purpose,
                # One table takes one entry for a destination.
                opts=self.child(delete_first=True),
            )
        public: pulumi.Output[str] = address.public_ip
        return public
