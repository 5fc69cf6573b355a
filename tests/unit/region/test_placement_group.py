"""The quotas of placement groups."""

from pathlib import Path

import pytest

from region.errors import RegionError
from region.records import Record
from region.region import Region
from region.resources.placement_group import GROUPS, PlacementGroup
from region.resources.placement_quota import INSTANCE, MEMBERS, join, members
from region.settings import RegionSettings


@pytest.fixture
def region(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Region:
    monkeypatch.setattr("region.settings.REGIONS_ROOT", tmp_path)
    return Region(RegionSettings("r", "10.92.0.0/16", "10.92.240.0/20", "10.92.255.1"))


def group(region: Region, id_: str, kind: str = "HOST") -> str:
    inputs = {"name": id_, "type": kind}
    outputs = PlacementGroup(region).create(id_, inputs)
    region.records.put(Record(id_, PlacementGroup.type, f"urn:{id_}", inputs, {**inputs, **outputs}))
    return id_


def instance(region: Region, number: int, group: str) -> None:
    inputs = {"placementGroupId": group}
    region.records.put(Record(f"ins-{number}", INSTANCE, f"urn:{number}", inputs, inputs))


@pytest.mark.parametrize("kind", ["HOST", "SW", "RACK"])
def test_a_full_group_takes_no_more_but_keeps_its_own(region: Region, kind: str) -> None:
    full = group(region, "ps-1", kind)
    for number in range(MEMBERS[kind]):
        join(region, f"ins-{number}", full)
        instance(region, number, full)
    with pytest.raises(RegionError, match=rf"ps-1 \({kind}\) has {MEMBERS[kind]} instances"):
        join(region, "ins-new", full)
    join(region, "ins-0", full)
    join(region, "ins-new", group(region, "ps-2", kind))


def test_a_group_that_has_instances_is_not_deleted(region: Region) -> None:
    id_ = group(region, "ps-1")
    instance(region, 1, id_)
    assert members(region, id_) == ["ins-1"]
    with pytest.raises(RegionError, match="still has instances: ins-1"):
        PlacementGroup(region).delete(id_, {})
    region.records.drop(INSTANCE, "ins-1")
    PlacementGroup(region).delete(id_, {})


def test_there_are_only_so_many_groups(region: Region) -> None:
    for number in range(GROUPS):
        group(region, f"ps-{number}")
    with pytest.raises(RegionError, match="quota"):
        group(region, "ps-more")
