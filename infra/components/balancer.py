"""The load balancer: HTTPS to the web hosts, HTTP redirected to HTTPS."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import tencentcloud_iac_pulumi as tencentcloud

from infra.components.component import Common, Component
from infra.components.compute import Host

# Bits of CLB's health check: 1 is 1xx, 2 is 2xx, 4 is 3xx, ...
_ONLY_2XX = 2


@dataclass(frozen=True)
class BalancerArgs:
    """What the balancer stands between."""

    common: Common
    vpc_id: pulumi.Output[str]
    group_id: pulumi.Output[str]
    certificate_id: pulumi.Output[str]
    domain: str
    targets: tuple[Host, ...]


class Balancer(Component):
    """An open CLB that passes to its targets past their security group, and has a group of its own.

    The first rule of a listener is its default server: it also answers requests by address."""

    def __init__(self, name: str, args: BalancerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._args = args
        clb = tencentcloud.clb.Instance(
            self.child_name("clb"),
            clb_name=args.common.named("clb"),
            network_type="OPEN",
            vpc_id=args.vpc_id,
            security_groups=[args.group_id],
            load_balancer_pass_to_target=True,
            internet_charge_type="TRAFFIC_POSTPAID_BY_HOUR",
            internet_bandwidth_max_out=100,
            tags=args.common.tags,
            opts=self.child(),
        )
        self._clb = clb
        plain, plain_rule = self._listener("http", "HTTP", 80)
        secure, secure_rule = self._listener("https", "HTTPS", 443)
        tencentcloud.clb.Attachment(
            self.child_name("targets"),
            clb_id=clb.id,
            listener_id=secure.listener_id,
            rule_id=secure_rule.rule_id,
            targets=[
                tencentcloud.clb.AttachmentTargetArgs(instance_id=host.instance.id, port=80, weight=10)
                for host in args.targets
            ],
            opts=self.child(delete_first=True),
        )
        tencentcloud.clb.Redirection(
            self.child_name("redirection"),
            clb_id=clb.id,
            source_listener_id=plain.listener_id,
            source_rule_id=plain_rule.rule_id,
            target_listener_id=secure.listener_id,
            target_rule_id=secure_rule.rule_id,
            opts=self.child(delete_first=True),
        )
        self.balancer_id: pulumi.Output[str] = clb.id
        self.vip: pulumi.Output[str] = clb.clb_vips.apply(first_vip)
        self.register_outputs({"balancerId": self.balancer_id, "vip": self.vip})

    def _listener(
        self, name: str, protocol: str, port: int
    ) -> tuple[tencentcloud.clb.Listener, tencentcloud.clb.ListenerRule]:
        secure = protocol == "HTTPS"
        listener = tencentcloud.clb.Listener(
            self.child_name(name),
            clb_id=self._clb.id,
            listener_name=name,
            protocol=protocol,
            port=port,
            certificate_id=self._args.certificate_id if secure else None,
            certificate_ssl_mode="UNIDIRECTIONAL" if secure else None,
            # Else the balancer opens a connection to its target for each request.
            keepalive_enable=1,
            # One port takes one listener.
            opts=self.child(delete_first=True),
        )
        rule = tencentcloud.clb.ListenerRule(
            self.child_name(f"{name}-rule"),
            clb_id=self._clb.id,
            listener_id=listener.listener_id,
            domain=self._args.domain,
            url="/",
            scheduler="WRR",
            # The plain listener only redirects: it has no targets to check.
            health_check_switch=secure,
            health_check_type="HTTP" if secure else None,
            health_check_http_method="GET" if secure else None,
            health_check_http_path="/healthz" if secure else None,
            health_check_http_domain=self._args.domain if secure else None,
            health_check_http_code=_ONLY_2XX if secure else None,
            health_check_interval_time=5 if secure else None,
            health_check_time_out=2 if secure else None,
            health_check_health_num=2 if secure else None,
            health_check_unhealth_num=2 if secure else None,
            opts=self.child(delete_first=True),
        )
        return listener, rule


def first_vip(vips: Sequence[str] | None) -> str:
    """The balancer's address; a CLB with a dynamic VIP has only a name, and the CDN needs an address."""
    if not vips:
        raise ValueError(
            "the CLB has no VIP: the account makes CLBs by domain name only; ask for one with a static VIP"
        )
    return vips[0]
