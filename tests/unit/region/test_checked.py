"""What Check answers for inputs that will do: their types, what was filled in, and made-up names."""

import re

import pytest

from region import schema, schema_from_sdk, traits
from region.checked import checked, hidden
from region.wire import as_given, bare, secret
from tests.unit.region.examples import minimal
from tests.unit.region.provider_calls import of_kind

ATTACHMENT = of_kind("Clb/attachment")
VPC = of_kind("Vpc/instance")
MYSQL = of_kind("Mysql/instance")


@pytest.mark.parametrize("type_", sorted(schema.types()))
def test_what_is_answered_is_accepted_again_and_does_not_grow(type_: str) -> None:
    first = checked(type_, "thing", b"seed", {}, minimal(type_))
    assert schema.check(type_, bare(first)) == []
    again = checked(type_, "thing", b"another seed", first, minimal(type_))
    assert again == first


def test_what_is_given_stays_and_what_is_not_is_filled_in() -> None:
    inputs = {"mysqlId": "cdb-1", "retentionPeriod": 30}
    assert checked(of_kind("Mysql/backupPolicy"), "x", b"", {}, inputs) == {
        **inputs,
        "backupModel": "physical",
        "backupTime": "02:00-06:00",
        "enableBinlogStandby": "off",
        "__defaults": ["backupModel", "backupTime", "enableBinlogStandby"],
    }


@pytest.mark.parametrize("type_", sorted(schema.types()))
def test_only_optional_inputs_that_the_cloud_leaves_alone_have_defaults(type_: str) -> None:
    for path in traits.defaults(type_):
        top = path.split(".")[0].removesuffix("[]")
        assert top in schema.fields(type_), path
        assert not traits.is_computed(type_, path), path
        assert "." in path or not schema.fields(type_)[top].get("required"), path


def test_objects_inside_get_their_own() -> None:
    nothing = {"eniIp": "", "instanceId": ""}
    inputs = {"clbId": "lb-1", "listenerId": "lbl-1", "targets": [{"port": "80"}, {"port": 81, "weight": 0}]}
    assert checked(ATTACHMENT, "x", b"", {}, inputs)["targets"] == [
        {"port": 80, **nothing, "weight": 10, "__defaults": ["eniIp", "instanceId", "weight"]},
        {"port": 81, **nothing, "weight": 0, "__defaults": ["eniIp", "instanceId"]},
    ]


def test_values_take_the_type_that_is_wanted() -> None:
    given = {"name": 5, "cidrBlock": "10.0.0.0/16", "isMulticast": "false", "tags": {"a": 1, "b": True}}
    answer = checked(VPC, "x", b"", {}, given)
    assert (answer["name"], answer["isMulticast"], answer["tags"]) == ("5", False, {"a": "1", "b": "true"})


def test_unknown_values_stay_unknown() -> None:
    given = {"name": schema.UNKNOWN, "cidrBlock": schema.UNKNOWN, "tags": schema.UNKNOWN}
    assert {**given, "isMulticast": True, "__defaults": ["isMulticast"]} == checked(VPC, "x", b"", {}, given)


def test_a_default_that_conflicts_with_what_is_given_is_left_out() -> None:
    inputs = {"instanceName": "a", "memSize": 1000, "volumeSize": 25}
    assert checked(MYSQL, "x", b"", {}, inputs)["chargeType"] == "POSTPAID"
    old = checked(MYSQL, "x", b"", {}, {**inputs, "period": 1})
    assert not {"chargeType", "prepaidPeriod"} & old.keys()


def test_a_name_is_made_up_once_and_kept() -> None:
    inputs = {"cidrBlock": "10.0.0.0/16"}
    made = checked(VPC, "main", b"one", {}, inputs)
    assert re.fullmatch(r"main-[0-9a-f]{7}", made["name"])
    assert "name" in made["__defaults"]
    assert checked(VPC, "main", b"two", made, inputs)["name"] == made["name"]
    assert checked(VPC, "main", b"two", {}, inputs)["name"] != made["name"]
    given = {**made, "name": "mine", "__defaults": []}
    assert checked(VPC, "main", b"two", given, inputs)["name"] != "mine", "the program took its own name away"


def test_secrets_are_marked() -> None:
    inputs = {"rootPassword": "Letters-1", "instanceName": "a"}
    assert hidden(MYSQL, inputs) == {"rootPassword": secret("Letters-1"), "instanceName": "a"}
    assert hidden(MYSQL, {"rootPassword": schema.UNKNOWN}) == {"rootPassword": schema.UNKNOWN}


def test_a_read_answers_in_the_form_that_was_asked() -> None:
    asked = {"targets": [{"port": 80, "weight": 10, "__defaults": ["weight"]}], "__defaults": []}
    there = {"targets": [{"port": 80, "weight": 10}]}
    assert as_given(asked, there) == asked
    changed = {"targets": [{"port": 80, "weight": 5}]}
    assert as_given(asked, changed) == {**changed, "__defaults": []}


def test_the_table_of_computed_inputs_is_the_sdks() -> None:
    assert schema_from_sdk.TARGET.read_text() == schema_from_sdk.text()
