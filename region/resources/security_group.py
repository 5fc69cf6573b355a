"""Security groups and their rules: chains of nftables in the router of the VPC whose hosts are in the group."""

from region.errors import RegionError
from region.groups import RULE_SET, SINGLE_RULE
from region.hosts import all_hosts
from region.resources.base import Properties, Resource, computed


class SecurityGroup(Resource):
    type = "tencentcloud:Security/group:Group"
    prefix = "sg"

    def create(self, id_: str, inputs: Properties) -> Properties:
        return {}

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        return {}

    def delete(self, id_: str, outputs: Properties) -> None:
        members = [host.name for host in all_hosts(self.region.name) if id_ in (host.groups or ())]
        if members:
            raise RegionError(f"security group {id_} is still used by: {', '.join(members)}")


class _Rules(Resource):
    def _group(self, inputs: Properties) -> None:
        self.region.get(SecurityGroup.type, inputs["securityGroupId"])

    def settled(self, outputs: Properties) -> None:
        for router in {host.router for host in all_hosts(self.region.name) if host.groups is not None}:
            self.region.refresh_firewall(router)

    def delete(self, id_: str, outputs: Properties) -> None:
        """Nothing of its own; the firewall is laid anew without it once it is off the record."""


class RuleSet(_Rules):
    type = RULE_SET
    prefix = "sgrs"

    def make_id(self, urn: str, generation: int, inputs: Properties) -> str:
        # The provider's id of a rule set is the group's: a group has just one.
        return str(inputs["securityGroupId"])

    def id_for(self, urn: str, inputs: Properties) -> str:
        return self.make_id(urn, 0, inputs)

    def create(self, id_: str, inputs: Properties) -> Properties:
        self._group(inputs)
        return {"version": "1"}

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        return {"version": str(int(computed(old, "version").get("version", 0)) + 1)}


class SingleRule(_Rules):
    type = SINGLE_RULE
    prefix = "sgr"

    def create(self, id_: str, inputs: Properties) -> Properties:
        self._group(inputs)
        return {}


RESOURCES = (SecurityGroup, RuleSet, SingleRule)
