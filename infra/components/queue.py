"""TDMQ for RabbitMQ: the shop's message queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address

import pulumi
import tencentcloud_iac_pulumi as tencentcloud

from infra.components.component import Common, Component
from infra.components.network import PlacedSubnet
from infra.places import zone_number
from infra.settings import RabbitmqSettings

VHOST = "shop"
USER, MONITOR = "shop", "monitor"
_AMQP = 5672
_EVERYTHING = ".*"


@dataclass(frozen=True)
class QueueArgs:
    """What the queue is made from."""

    common: Common
    settings: RabbitmqSettings
    vpc_id: pulumi.Output[str]
    subnets: tuple[PlacedSubnet, ...]
    app_password: pulumi.Output[str]
    monitor_password: pulumi.Output[str]


@dataclass(frozen=True)
class Endpoint:
    """Where a service answers: by address, or by a name that the cloud gave it."""

    host: str
    port: int

    @property
    def record_type(self) -> str:
        """How private DNS points to it."""
        try:
            IPv4Address(self.host)
        except ValueError:
            return "CNAME"
        return "A"


class Queue(Component):
    """TDMQ takes no security group: the VPC's access point is open to the VPC, and users guard it."""

    def __init__(self, name: str, args: QueueArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        zones = dict.fromkeys(subnet.zone for subnet in args.subnets)
        # The cloud spreads a cluster over zones from three nodes on.
        used = list(zones) if args.settings.node_count >= 3 else list(zones)[:1]
        cluster = tencentcloud.tdmq.RabbitmqVipInstance(
            self.child_name("cluster"),
            cluster_name=args.common.named("rabbitmq"),
            cluster_version="3.13.7",
            node_spec=args.settings.node_spec,
            node_num=args.settings.node_count,
            storage_size=args.settings.storage_gb,
            zone_ids=[zone_number(zone) for zone in used],
            vpc_id=args.vpc_id,
            subnet_id=args.subnets[0].id,
            pay_mode=0,
            auto_renew_flag=False,
            opts=self.keeper(args.common.protect),
        )
        vhost = tencentcloud.tdmq.RabbitmqVirtualHost(
            self.child_name("vhost"),
            instance_id=cluster.id,
            virtual_host=VHOST,
            description="The shop",
            opts=self.child(delete_first=True),
        )
        user = tencentcloud.tdmq.RabbitmqUser(
            self.child_name("user"),
            instance_id=cluster.id,
            user=USER,
            password=args.app_password,
            description="The shop",
            opts=self.child(delete_first=True),
        )
        tencentcloud.tdmq.RabbitmqUserPermission(
            self.child_name("permission"),
            instance_id=cluster.id,
            user=user.user,
            virtual_host=vhost.virtual_host,
            config_regexp=_EVERYTHING,
            write_regexp=_EVERYTHING,
            read_regexp=_EVERYTHING,
            opts=self.child(delete_first=True),
        )
        tencentcloud.tdmq.RabbitmqUser(
            self.child_name("monitor"),
            instance_id=cluster.id,
            user=MONITOR,
            password=args.monitor_password,
            tags=["monitoring"],
            description="Exporters and checks",
            max_connections=5,
            opts=self.child(delete_first=True),
        )
        self.endpoint: pulumi.Output[Endpoint] = cluster.vpcs.apply(
            lambda vpcs: endpoint_of([vpc.vpc_endpoint for vpc in vpcs or ()])
        )
        self.register_outputs({"host": self.endpoint.apply(lambda endpoint: endpoint.host)})


def endpoint_of(texts: Sequence[str | None]) -> Endpoint:
    """The first access point of the list, which is written `host:port`, perhaps with a scheme or no port."""
    for text in texts:
        if text:
            host, _, port = text.rpartition("://")[2].partition("/")[0].partition(":")
            return Endpoint(host, int(port) if port else _AMQP)
    raise ValueError("the RabbitMQ cluster has no access point in the VPC yet; bring the stack up again")
