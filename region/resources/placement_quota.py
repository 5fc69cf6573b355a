"""Who is in a placement group, and whether there is room for one more."""

from region.errors import RegionError
from region.region import Region
from region.resources.instance_checks import GROUP

MEMBERS = {"HOST": 50, "SW": 20, "RACK": 30}
"""Instances of one group, by its type (DescribeDisasterRecoverGroupQuota,
cloud.tencent.com/document/api/213/17811).
"""
INSTANCE = "tencentcloud:Instance/instance:Instance"


def members(region: Region, group: str) -> list[str]:
    """The instances of a placement group."""
    return [
        record.id for record in region.records.all(INSTANCE) if record.inputs.get("placementGroupId") == group
    ]


def join(region: Region, instance: str, group: str | None) -> None:
    """Raise `RegionError` when a group has no room for an instance that isn't in it yet."""
    if not group:
        return
    kind = region.get(GROUP, group).inputs["type"]
    others = [other for other in members(region, group) if other != instance]
    if len(others) >= MEMBERS[kind]:
        raise RegionError(
            f"placement group {group} ({kind}) has {len(others)} instances, which is its quota: "
            f"put {instance} into another one"
        )
