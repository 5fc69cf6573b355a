"""The hosts: web servers spread over the zones, and one ops host."""

from dataclasses import dataclass
from typing import Literal

import pulumi
import tencentcloud_iac_pulumi as tencentcloud

from infra.components.component import Common, Component
from infra.components.network import PlacedSubnet
from infra.settings import OpsSettings, WebSettings

Role = Literal["web", "ops"]


@dataclass(frozen=True)
class ComputeArgs:
    """What the hosts are made from."""

    common: Common
    vpc_id: pulumi.Output[str]
    web: WebSettings
    ops: OpsSettings
    web_subnets: tuple[PlacedSubnet, ...]
    ops_subnets: tuple[PlacedSubnet, ...]
    groups: dict[Role, pulumi.Output[str]]
    public_key: str


@dataclass(frozen=True)
class Host:
    """One host that exists."""

    name: str
    role: Role
    zone: str
    type: str
    image: str
    instance: tencentcloud.instance.Instance

    @property
    def address(self) -> pulumi.Output[str]:
        """Its address in the VPC; it has no other."""
        address: pulumi.Output[str] = self.instance.private_ip
        return address


class Compute(Component):
    """Hosts have no public address: shoppers come through the balancer, operators through the VPC.

    No two web hosts share a machine of the cloud.
    """

    def __init__(self, name: str, args: ComputeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._args = args
        self._key = tencentcloud.key.Pair(
            self.child_name("key"),
            # Letters, digits and underscores are all that a key's name may have.
            key_name=f"shop_{args.common.environment}",
            public_key=args.public_key,
            tags=args.common.tags,
            opts=self.child(delete_first=True),
        )
        self._spread = tencentcloud.placement.Group(
            self.child_name("web-spread"),
            name=args.common.named("web"),
            type="HOST",
            tags=args.common.tags,
            opts=self.child(),
        )
        self.web = tuple(
            self._host(f"web-{number}", "web", args.web, subnet)
            for number, subnet in enumerate(alternated(args.web_subnets, args.web.count), start=1)
        )
        self.ops = (self._host("ops-1", "ops", args.ops, args.ops_subnets[0]),)
        self.hosts = (*self.web, *self.ops)
        self.register_outputs({"addresses": {host.name: host.address for host in self.hosts}})

    def _host(self, name: str, role: Role, settings: WebSettings | OpsSettings, subnet: PlacedSubnet) -> Host:
        args = self._args
        instance = tencentcloud.instance.Instance(
            self.child_name(name),
            instance_name=name,
            hostname=name,
            availability_zone=subnet.zone,
            image_id=settings.image,
            instance_type=settings.type,
            vpc_id=args.vpc_id,
            subnet_id=subnet.id,
            orderly_security_groups=[args.groups[role]],
            key_ids=[self._key.id],
            placement_group_id=self._spread.id if role == "web" else None,
            # Said, so that a host which was stopped by hand is started by the next `up`.
            running_flag=True,
            system_disk_type="CLOUD_BSSD",
            system_disk_size=50,
            allocate_public_ip=False,
            instance_charge_type="POSTPAID_BY_HOUR",
            tags={**args.common.tags, "role": role},
            opts=self.child(),
        )
        return Host(name, role, subnet.zone, settings.type, settings.image, instance)


def alternated(subnets: tuple[PlacedSubnet, ...], count: int) -> tuple[PlacedSubnet, ...]:
    """One subnet for each host in turn, so that a lost zone takes no more than its share."""
    return tuple(subnets[index % len(subnets)] for index in range(count))
