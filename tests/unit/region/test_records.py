"""Records and ids: what makes a killed creation find its own things again."""

from pathlib import Path
from typing import Any

import pytest

from region.names import resource_id
from region.records import Record, Records
from region.region import Region
from region.resources.base import Properties, Resource
from region.settings import RegionSettings

TYPE = "tencentcloud:Key/pair:Pair"


class Thing(Resource):
    type = TYPE
    prefix = "skey"

    def create(self, id_: str, inputs: Properties) -> Properties:
        return {}


@pytest.fixture
def thing(tmp_path: Path) -> Thing:
    region = Region(RegionSettings("unit", "10.1.0.0/16", "10.1.240.0/20", "10.1.255.1"))
    region.records = Records(tmp_path)
    return Thing(region)


def keep(thing: Thing, urn: str, inputs: dict[str, Any]) -> str:
    id_ = thing.id_for(urn, inputs)
    thing.region.records.put(Record(id_, TYPE, urn, inputs, inputs))
    return id_


def test_a_record_comes_back_and_is_private(tmp_path: Path) -> None:
    records = Records(tmp_path)
    record = Record("a/b", TYPE, "urn", {"password": "x"}, {})
    records.put(record)
    assert records.get(TYPE, "a/b") == record
    assert [file.stat().st_mode & 0o777 for file in tmp_path.rglob("*.json")] == [0o600]
    records.drop(TYPE, "a/b")
    assert records.all() == []


def test_a_creation_repeated_after_a_kill_gets_the_same_id(thing: Thing) -> None:
    assert (
        keep(thing, "urn:a", {"x": 1}) == thing.id_for("urn:a", {"x": 1}) == resource_id("skey", "urn:a", 0)
    )


def test_a_replacement_beside_the_old_one_gets_another_id(thing: Thing) -> None:
    old = keep(thing, "urn:a", {"x": 1})
    assert keep(thing, "urn:a", {"x": 2}) != old


def test_a_region_refuses_addresses_outside_its_range() -> None:
    with pytest.raises(ValueError, match="not inside the region's"):
        RegionSettings("unit", "10.1.0.0/16", "10.2.0.0/20", "10.1.255.1")
