"""Security groups and their rules: chains of nftables in the router of the VPC whose hosts are in the group."""

from collections.abc import Iterator

from region import firewall_read, schema
from region.errors import RegionError
from region.firewall import Policy
from region.firewall_read import Table
from region.groups import ATTACHED, RULE_SET, SIDES, SINGLE_RULE, grouped, policies
from region.resources.base import Properties, Resource, computed

GROUPS = 50
"""Groups per account and region, and rules of one direction in a group
(https://www.tencentcloud.com/document/product/213/15379, "Security group limits")."""
RULES = 100


class SecurityGroup(Resource):
    """A security group: a name for its members' addresses, and for the rules that each of them gets in its router.

    Equal: name, description and tags change; a group that something is in can't be deleted; 50 groups are the quota.

    Differs: there are no projects; `projectId` is kept on record.
    """

    type = "tencentcloud:Security/group:Group"
    prefix = "sg"

    def create(self, id_: str, inputs: Properties) -> Properties:
        others = [record for record in self.region.records.all(self.type) if record.id != id_]
        if len(others) >= GROUPS:
            raise RegionError(
                f"security group {inputs.get('name', id_)}: the region has {GROUPS}, which is the quota; "
                "delete one that nothing is in"
            )
        return {}

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        return {}

    def delete(self, id_: str, outputs: Properties) -> None:
        members = [host.name for host in grouped(self.region) if id_ in (host.groups or ())]
        if members:
            raise RegionError(f"security group {id_} is still used by: {', '.join(members)}")


class _Rules(Resource):
    def _group(self, inputs: Properties) -> None:
        self.region.get(SecurityGroup.type, inputs["securityGroupId"])

    def settled(self, outputs: Properties) -> None:
        for router in {host.router for host in grouped(self.region) if host.groups is not None}:
            self.region.refresh_firewall(router)

    def delete(self, id_: str, outputs: Properties) -> None:
        """Nothing of its own; the firewall is laid anew without it once it is off the record."""

    def _routers(self, group: str) -> Iterator[tuple[list[Policy], Table]]:
        """For each router with members of the group: their policies as asked for, and what the router holds."""
        members = {host.id: host.router for host in grouped(self.region) if group in (host.groups or ())}
        for router in sorted(set(members.values())):
            asked = [policy for policy in policies(self.region, router) if policy.link in members]
            yield asked, firewall_read.look(self.region.network.namespace(router))


class RuleSet(_Rules):
    """A group's rules: for each member a chain in its VPC's router for what it receives, and one for what it sends.

    Equal: the first rule that matches decides, in both directions, statefully; what no rule matches is dropped; a rule
    may name a CIDR or another group; changes are in force at once for hosts that run. 100 rules of one direction are
    the quota. Read looks at the router: a rule that a member lacks is missing, one that was added or changed by hand
    shows as it is, marked "by hand".

    Differs: no IPv6, and no address or service templates: a rule with one is refused.
    """

    type = RULE_SET
    prefix = "sgrs"

    def make_id(self, urn: str, generation: int, inputs: Properties) -> str:
        # The provider's id of a rule set is the group's: a group has just one.
        return str(inputs["securityGroupId"])

    def id_for(self, urn: str, inputs: Properties) -> str:
        return self.make_id(urn, 0, inputs)

    def check(self, inputs: Properties) -> list[schema.Failure]:
        failures: list[schema.Failure] = []
        for field in SIDES.values():
            rules = inputs.get(field)
            if not isinstance(rules, list):
                continue
            if len(rules) > RULES:
                failures.append((field, f"has {len(rules)} rules; the quota is {RULES} in one direction"))
            for index, rule in enumerate(rules):
                failures += _unrealised(f"{field}[{index}]", rule)
        return failures

    def create(self, id_: str, inputs: Properties) -> Properties:
        self._group(inputs)
        return {"version": "1"}

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        # What the router's labels count is the record's; the engine's state may hold an older drift.
        record = self.region.get(self.type, id_).inputs
        rules = {field: record.get(field) or [] for field in SIDES.values() if field in record}
        found: Properties = {}
        for asked, table in self._routers(id_):
            for side, field in SIDES.items():
                drift = firewall_read.drift(rules.get(field, []), f"{id_}/{side}/", side, asked, table)
                if drift is not None:
                    found.setdefault(field, drift)
        return {**outputs, **rules, **found}

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        return {"version": str(int(computed(old, "version").get("version", 0)) + 1)}


def _unrealised(where: str, rule: object) -> list[schema.Failure]:
    if not isinstance(rule, dict):
        return []
    names = (
        "ipv6CidrBlock",
        "addressTemplateId",
        "addressTemplateGroup",
        "serviceTemplateId",
        "serviceTemplateGroup",
    )
    return [
        (f"{where}.{name}", "is not realised by the local region: name a cidrBlock or a sourceSecurityId")
        for name in names
        if rule.get(name)
    ]


class SingleRule(_Rules):
    """One rule of a group, after those of its rule set; by `policyIndex` among its like.

    Equal: as a rule set's rule. One that a member's chain lacks, or that was changed there, is read as gone.

    Differs: no address or protocol templates.
    """

    type = SINGLE_RULE
    prefix = "sgr"

    def create(self, id_: str, inputs: Properties) -> Properties:
        self._group(inputs)
        return {}

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        for asked, table in self._routers(outputs["securityGroupId"]):
            if not all(firewall_read.holds(table, policy, outputs["type"], id_) for policy in asked):
                return None
        return outputs


class _Attachment(Resource):
    def make_id(self, urn: str, generation: int, inputs: Properties) -> str:
        # As the provider's: the group's id and the thing's.
        thing, group = (str(inputs[name]) for name in ATTACHED[self.type])
        return f"{group}#{thing}"

    def id_for(self, urn: str, inputs: Properties) -> str:
        return self.make_id(urn, 0, inputs)

    def create(self, id_: str, inputs: Properties) -> Properties:
        thing, group = (str(inputs[name]) for name in ATTACHED[self.type])
        self.region.get(SecurityGroup.type, group)
        self.region.host(thing)
        return {}

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        thing, group = (str(outputs[name]) for name in ATTACHED[self.type])
        known = self.region.records.get(SecurityGroup.type, group)
        return outputs if known and self.region.has_host(thing) else None

    def delete(self, id_: str, outputs: Properties) -> None:
        """Nothing of its own; the router is laid anew without it once it is off the record."""

    def settled(self, outputs: Properties) -> None:
        # Rules of other hosts may name the group. The attached one may have no group left.
        thing = str(outputs[ATTACHED[self.type][0]])
        routers = {
            host.router for host in grouped(self.region) if host.groups is not None or host.id == thing
        }
        for router in routers:
            self.region.refresh_firewall(router)


class BalancerAttachment(_Attachment):
    """A group that a load balancer is put into, apart from its own list of groups: use one of both.

    Equal: the rules of the group are in force for it at once, after those of the groups that it has, and no longer
    after the deletion; a group or instance that doesn't exist is refused.

    Differs: where the router lacks the group's rules, its rule set is read as drifted, and not the attachment.
    """

    type = "tencentcloud:Clb/securityGroupAttachment:SecurityGroupAttachment"
    prefix = "sga"


class MysqlAttachment(_Attachment):
    """A group that a MySQL instance and its standby are put into, apart from its own list of groups: use one of both.

    Equal: the rules of the group are in force for it at once, after those of the groups that it has, and no longer
    after the deletion; a group or instance that doesn't exist is refused.

    Differs: where the router lacks the group's rules, its rule set is read as drifted, and not the attachment.
    """

    type = "tencentcloud:Mysql/securityGroupsAttachment:SecurityGroupsAttachment"
    prefix = "sga"


class RedisAttachment(_Attachment):
    """A group that a Redis instance is put into, apart from its own list of groups: use one of both.

    Equal: the rules of the group are in force for it at once, after those of the groups that it has, and no longer
    after the deletion; a group or instance that doesn't exist is refused.

    Differs: where the router lacks the group's rules, its rule set is read as drifted, and not the attachment.
    """

    type = "tencentcloud:Redis/securityGroupAttachment:SecurityGroupAttachment"
    prefix = "sga"

    def make_id(self, urn: str, generation: int, inputs: Properties) -> str:
        return f"{inputs['instanceId']}#{inputs['securityGroupId']}"


RESOURCES = (SecurityGroup, RuleSet, SingleRule, BalancerAttachment, MysqlAttachment, RedisAttachment)
