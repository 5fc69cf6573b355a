"""The security groups and their rules."""

from dataclasses import dataclass

import pulumi
import tencentcloud_iac_pulumi as tencentcloud

from infra.components.component import Common, Component
from infra.components.rules import GROUPS, GroupName, Rule, ingress
from infra.settings import NetworkSettings, OperatorSettings

_ACCEPT_ALL = tencentcloud.security.GroupRuleSetEgressArgs(
    action="ACCEPT", cidr_block="0.0.0.0/0", protocol="ALL", port="ALL", description="anywhere"
)


@dataclass(frozen=True)
class FirewallArgs:
    """What the rules depend on."""

    common: Common
    network: NetworkSettings
    operator: OperatorSettings


class Firewall(Component):
    """One group for each role.

    TDMQ RabbitMQ takes no security group: its access point is open to the VPC, and its own users and
    permissions guard it."""

    def __init__(self, name: str, args: FirewallArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        # All groups first: rules name other groups, and groups name each other in circles.
        self._groups = {group: self._group(group, args.common) for group in GROUPS}
        for group in GROUPS:
            rules = ingress(
                group, vpc=args.network.vpc_cidr, operators=args.operator.cidrs, bastion=args.operator.bastion
            )
            tencentcloud.security.GroupRuleSet(
                self.child_name(f"{group}-rules"),
                security_group_id=self._groups[group].id,
                ingresses=[self._ingress(rule) for rule in rules],
                egresses=[_ACCEPT_ALL],
                opts=self.child(),
            )
        self.register_outputs({"groupIds": {group: self.id_of(group) for group in GROUPS}})

    def id_of(self, group: GroupName) -> pulumi.Output[str]:
        """The security group's ID."""
        group_id: pulumi.Output[str] = self._groups[group].id
        return group_id

    def _group(self, group: GroupName, common: Common) -> tencentcloud.security.Group:
        return tencentcloud.security.Group(
            self.child_name(group),
            name=common.named(group),
            description=f"The shop's {group} group ({common.environment})",
            tags=common.tags,
            opts=self.child(),
        )

    def _ingress(self, rule: Rule) -> tencentcloud.security.GroupRuleSetIngressArgs:
        from_group = isinstance(rule.source, str)
        return tencentcloud.security.GroupRuleSetIngressArgs(
            action="ACCEPT",
            source_security_id=self._groups[rule.source].id if isinstance(rule.source, str) else None,
            cidr_block=None if from_group else str(rule.source),
            protocol=rule.protocol,
            port=str(rule.port) if rule.port is not None else None,
            description=rule.reason,
        )
