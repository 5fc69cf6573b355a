"""The private DNS zone: names inside the VPC that outlive the addresses behind them."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import tencentcloud_iac_pulumi as tencentcloud

from infra.components.component import Common, Component

# Short, because a failover moves a name to another address.
_TTL = 60


@dataclass(frozen=True)
class Target:
    """What a name points to."""

    value: pulumi.Input[str]
    type: pulumi.Input[str] = "A"


@dataclass(frozen=True)
class DnsArgs:
    """The zone and its names."""

    common: Common
    zone: str
    vpc_id: pulumi.Output[str]
    records: Mapping[str, Target]


class Dns(Component):
    """Seen only from inside the VPC."""

    def __init__(self, name: str, args: DnsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        zone = tencentcloud.privatedns.Zone(
            self.child_name("zone"),
            domain=args.zone,
            remark=f"The shop ({args.common.environment})",
            vpc_sets=[
                tencentcloud.privatedns.ZoneVpcSetArgs(region=args.common.region, uniq_vpc_id=args.vpc_id)
            ],
            dns_forward_status="DISABLED",
            tags=args.common.tags,
            opts=self.child(delete_first=True),
        )
        for record, target in args.records.items():
            tencentcloud.privatedns.Record(
                self.child_name(record),
                zone_id=zone.id,
                sub_domain=record,
                record_type=target.type,
                record_value=target.value,
                ttl=_TTL,
                opts=self.child(delete_first=True),
            )
        self.register_outputs(
            {"zoneId": zone.id, "names": [f"{record}.{args.zone}" for record in args.records]}
        )
