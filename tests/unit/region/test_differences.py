"""What Diff answers, as the real provider's SDK and the bridge above it do."""

from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from region import schema, traits
from region.checked import checked
from region.differences import differences
from region.provider import serve
from region.wire import Properties, to_plain, to_struct
from tests.unit.region.examples import minimal, other, with_one
from tests.unit.region.provider_calls import check, diff, kinds, of_kind, urn

VPC, REDIS, MYSQL = of_kind("Vpc/instance"), of_kind("Redis/instance"), of_kind("Mysql/instance")
INSTANCE, RULES = of_kind("Instance/instance"), of_kind("Security/groupRuleSet")
ATTACHMENT, BUCKET = of_kind("Clb/attachment"), of_kind("Cos/bucket")


@pytest.fixture(scope="module")
def provider() -> Iterator[Any]:
    with serve(None) as port, grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield provider_pb2_grpc.ResourceProviderStub(channel)


def found(type_: str, old: Properties, new: Properties) -> dict[str, str]:
    return {
        difference.path: difference.kind + ("_REPLACE" if difference.replaces else "")
        for difference in differences(type_, old, new)
    }


@pytest.mark.parametrize("type_", sorted(schema.types()))
def test_each_input_updates_or_replaces_as_the_fact_table_says(type_: str) -> None:
    for name, field in schema.fields(type_).items():
        old = with_one(type_, name)
        new = {**old, name: other(type_, name, field["type"], old[name])}
        answer = differences(type_, old, new)
        assert {difference.top for difference in answer} == {name}
        assert {difference.replaces for difference in answer} == {name in traits.replaces(type_)}, name


@pytest.mark.parametrize("type_", sorted(schema.types()))
def test_what_check_answered_does_not_differ_from_itself(type_: str) -> None:
    for name in schema.fields(type_):
        inputs = checked(type_, "thing", b"", {}, with_one(type_, name))
        assert differences(type_, inputs, inputs) == []


@pytest.mark.parametrize("type_", sorted(schema.types()))
def test_an_input_that_is_taken_away_is_left_alone_where_the_cloud_decides_it(type_: str) -> None:
    required = minimal(type_)
    for name in schema.fields(type_).keys() - required.keys():
        old = {**required, name: with_one(type_, name)[name]}
        expected = {} if traits.is_computed(type_, name) else {name}
        assert {difference.top for difference in differences(type_, old, required)} == set(expected), name


def test_the_footnotes_of_the_fact_table() -> None:
    assert "policyTags" not in traits.replaces(of_kind("Monitor/alarmPolicy"))
    assert not {"databases", "tables"} & traits.replaces(of_kind("Mysql/rollback"))
    inputs = {"instanceName": "a", "memSize": 1000, "volumeSize": 25}
    old = checked(MYSQL, "x", b"", {}, inputs)
    new = checked(MYSQL, "x", b"", old, {**inputs, "period": 1})
    assert found(MYSQL, old, new)["chargeType"] == "DELETE_REPLACE", "period replaces, by way of chargeType"


SAME: list[tuple[str, Properties, Properties]] = [
    (VPC, {"name": "a", "tags": {}}, {"name": "a"}),
    (VPC, {"name": "a"}, {"name": "a", "tags": {}}),
    (REDIS, {"paramsTemplateId": ""}, {}),
    (REDIS, {"port": "6379"}, {"port": 6379}),
    (REDIS, {"securityGroups": ["a", "b"]}, {"securityGroups": ["b", "a"]}),
    (REDIS, {"securityGroups": []}, {}),
    (REDIS, {"ip": "10.0.0.5", "status": "online"}, {}),
    (VPC, {"isMulticast": True}, {"isMulticast": "true"}),
    (of_kind("Cos/bucketPolicy"), {"policy": '{"a": 1, "b": 2}'}, {"policy": '{"b":2,"a":1}'}),
    (
        RULES,
        {"ingresses": [{"action": "ACCEPT", "port": "22", "description": ""}]},
        {"ingresses": [{"action": "ACCEPT", "port": 22, "__defaults": []}]},
    ),
]
UNLIKE: list[tuple[str, Properties, Properties, dict[str, str]]] = [
    (VPC, {"tags": {"a": "1"}}, {"tags": {"a": "2", "b": "1"}}, {"tags.a": "UPDATE", "tags.b": "ADD"}),
    (VPC, {"tags": {"a.b": "1"}}, {"tags": {}}, {"tags": "DELETE"}),
    (VPC, {"tags": {"a.b": "1", "c": "1"}}, {"tags": {"c": "1"}}, {'tags["a.b"]': "DELETE"}),
    (VPC, {}, {"tags": {"a": "1"}}, {"tags": "ADD"}),
    (VPC, {"cidrBlock": "10.0.0.0/16"}, {"cidrBlock": "10.1.0.0/16"}, {"cidrBlock": "UPDATE_REPLACE"}),
    (VPC, {"cidrBlock": "10.0.0.0/16"}, {"cidrBlock": schema.UNKNOWN}, {"cidrBlock": "UPDATE_REPLACE"}),
    (REDIS, {"noAuth": False}, {}, {"noAuth": "DELETE"}),
    (REDIS, {}, {"noAuth": False}, {"noAuth": "ADD"}),
    (
        RULES,
        {"ingresses": [{"action": "ACCEPT", "port": "22"}]},
        {"ingresses": [{"action": "ACCEPT", "port": "80"}, {"action": "DROP"}]},
        {"ingresses[0].port": "UPDATE", "ingresses[1]": "ADD"},
    ),
    (
        RULES,
        {"ingresses": [{"action": "ACCEPT"}, {"action": "DROP"}]},
        {"ingresses": [{"action": "ACCEPT"}]},
        {"ingresses[1]": "DELETE"},
    ),
    (
        INSTANCE,
        {"orderlySecurityGroups": ["a", "b"]},
        {"orderlySecurityGroups": ["b", "a"]},
        {"orderlySecurityGroups[0]": "UPDATE", "orderlySecurityGroups[1]": "UPDATE"},
    ),
    (
        ATTACHMENT,
        {"targets": [{"port": 80, "weight": 10}, {"port": 81, "weight": 10}]},
        {"targets": [{"port": 81, "weight": 10}, {"port": 80, "weight": 5}]},
        {"targets[0]": "DELETE", "targets[1]": "ADD"},
    ),
    (
        BUCKET,
        {"corsRules": [{"allowedOrigins": ["a"], "allowedMethods": ["GET"], "allowedHeaders": ["*"]}]},
        {"corsRules": [{"allowedOrigins": ["b"], "allowedMethods": ["GET"], "allowedHeaders": ["*"]}]},
        {"corsRules[0].allowedOrigins[0]": "UPDATE"},
    ),
]


@pytest.mark.parametrize(("type_", "old", "new"), SAME)
def test_what_says_the_same_is_no_difference(type_: str, old: Properties, new: Properties) -> None:
    assert found(type_, old, new) == {}


@pytest.mark.parametrize(("type_", "old", "new", "expected"), UNLIKE)
def test_differences_name_the_property(
    type_: str, old: Properties, new: Properties, expected: dict[str, str]
) -> None:
    assert found(type_, old, new) == expected


def test_the_engine_is_told_what_replaces_what_is_stable_and_whether_to_delete_first(provider: Any) -> None:
    given = {"name": "main", "cidrBlock": "10.0.0.0/16", "tags": {"a": "1"}}
    old, _ = check(provider, VPC, given)
    new, _ = check(provider, VPC, {**given, "cidrBlock": "10.1.0.0/16", "tags": {"a": "2"}}, old)
    answer = diff(provider, VPC, old, new)
    assert list(answer.diffs) == ["cidrBlock", "tags"]
    assert list(answer.replaces) == ["cidrBlock"]
    assert answer.deleteBeforeReplace, "two can't have the name that the program gives"
    assert kinds(answer) == {"cidrBlock": "UPDATE_REPLACE", "tags.a": "UPDATE"}
    unchanged = diff(provider, VPC, old, old)
    assert unchanged.changes == provider_pb2.DiffResponse.DIFF_NONE
    assert list(unchanged.stables) == ["cidrBlock"]


def test_a_made_up_name_lets_the_new_one_be_made_before_the_old_one_goes(provider: Any) -> None:
    old, _ = check(provider, VPC, {"cidrBlock": "10.0.0.0/16"})
    new, _ = check(provider, VPC, {"cidrBlock": "10.1.0.0/16"}, old)
    answer = diff(provider, VPC, old, new)
    assert list(answer.replaces) == ["cidrBlock"]
    assert not answer.deleteBeforeReplace


def test_changes_that_the_program_ignores_are_not_told(provider: Any) -> None:
    request = provider_pb2.DiffRequest(
        id="x",
        urn=urn(VPC),
        olds=to_struct({"name": "a", "tags": {"a": "1"}}),
        news=to_struct({"name": "b", "tags": {"a": "2"}}),
        ignoreChanges=["name", "tags.a"],
    )
    assert provider.Diff(request).changes == provider_pb2.DiffResponse.DIFF_NONE


def test_a_secret_differs_by_what_it_hides(provider: Any) -> None:
    given = {"instanceName": "a", "memSize": 1000, "volumeSize": 25, "rootPassword": "Letters-1"}
    request = provider_pb2.CheckRequest(urn=urn(MYSQL), news=to_struct(given))
    answered = provider.Check(request).inputs
    assert "1b47061264138c4ac30d75fd1eb44270" in str(answered)
    same = provider_pb2.DiffRequest(id="x", urn=urn(MYSQL), olds=to_struct(to_plain(answered)), news=answered)
    assert provider.Diff(same).changes == provider_pb2.DiffResponse.DIFF_NONE
