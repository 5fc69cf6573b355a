"""Placement group: hosts that shall not share hardware."""

import time

from region.errors import RegionError
from region.resources.base import Properties, Resource, computed
from region.resources.instance_checks import GROUP
from region.resources.placement_quota import MEMBERS, members

GROUPS = 10
"""Placement groups of one account in a region (cloud.tencent.com/document/api/213/17811)."""


class PlacementGroup(Resource):
    """A spread placement group: its instances stand on different machines (HOST), switches (SW) or racks (RACK).

    Equal: a group of machines takes 50 instances, one of switches 20, one of racks 30, and there are ten groups; a
    group that has instances is not deleted; an instance joins and leaves it while it runs.

    Differs: a region is one machine, so that nothing is spread, and `affinity` (how many of a group may share one) is
    kept on record only. `currentNum` is the number at the last creation or change of the group.
    """

    type = GROUP
    prefix = "ps"

    def create(self, id_: str, inputs: Properties) -> Properties:
        if len(self.region.records.all(self.type)) >= GROUPS:
            raise RegionError(f"region {self.region.name} has {GROUPS} placement groups, which is its quota")
        created = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
        return {"createTime": created, "currentNum": 0, "cvmQuotaTotal": MEMBERS[inputs["type"]]}

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        return {
            **computed(old, "createTime", "cvmQuotaTotal"),
            "currentNum": len(members(self.region, id_)),
        }

    def delete(self, id_: str, outputs: Properties) -> None:
        if inside := members(self.region, id_):
            raise RegionError(f"placement group {id_} still has instances: {', '.join(inside)}")


RESOURCES = (PlacementGroup,)
