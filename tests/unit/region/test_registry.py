"""A container registry's files as text, what is refused, and what a change does."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2_grpc

from region import schema
from region.errors import RegionError
from region.provider import serve
from region.records import Record, Records
from region.region import Region
from region.resources.tcr import Instance
from region.resources.tcr_objects import Namespace, Repository, Token
from region.services import registry, registry_config
from region.services.registry_config import Door
from region.settings import RegionSettings
from tests.unit.region.provider_calls import check, diff, kinds

NGINX = registry_config.nginx(Door("shop.tencentcloudcr.com", ("10.0.0.1/32", "10.1.0.0/16")))
SALT = b"12345678"
INSIDE = {"instanceId": "tcr-1"}


@pytest.fixture(scope="module")
def provider() -> Iterator[Any]:
    settings = RegionSettings("fast", "10.66.0.0/16", "10.66.240.0/20", "10.66.255.1")
    with serve(settings, fast=True) as port, grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield provider_pb2_grpc.ResourceProviderStub(channel)


@pytest.fixture
def region(tmp_path: Path) -> Region:
    made = Region(RegionSettings("unit", "10.66.0.0/16", "10.66.240.0/20", "10.66.255.1"))
    made.records = Records(tmp_path)
    return made


def put(region: Region, type_: str, id_: str, **inputs: Any) -> None:
    region.records.put(Record(id_, type_, id_, inputs, inputs))


def test_nobody_else_is_let_in() -> None:
    allowed = [line.strip() for line in NGINX.splitlines() if "allow " in line or "deny " in line]
    assert allowed == ["allow 127.0.0.1;", "allow 10.0.0.1/32;", "allow 10.1.0.0/16;", "deny all;"]
    assert registry_config.found_allowed(NGINX) == ("10.0.0.1/32", "10.1.0.0/16")
    assert registry_config.found_allowed(registry_config.nginx(Door("shop.tencentcloudcr.com"))) == ()


def test_the_files_say_what_was_written_into_them() -> None:
    spaces = {"shop": False, "a.b-c_d": True}
    assert registry_config.found_namespaces(registry_config.namespaces(spaces)) == spaces
    assert registry_config.namespaces(spaces) == '"a.b-c_d" public;\n"shop" private;\n'
    names = {"shop/shop", "shop/shop/more"}
    assert registry_config.found_repositories(registry_config.repositories(names)) == names


def test_a_token_opens_what_was_made_of_it_and_nothing_else() -> None:
    line = registry_config.hashed("right", SALT)
    assert registry_config.opens(line, "right")
    assert not any(
        registry_config.opens(other, "right") for other in ("", "right", "{SSHA}", "{SSHA}!", line[:-4])
    )
    assert not registry_config.opens(line, "wrong")


def test_users_are_laid_anew_and_who_is_right_stays_as_he_is() -> None:
    first = registry_config.users({"a": "one", "b": "two"}, "", SALT)
    assert registry_config.users({"a": "one", "b": "two"}, first, b"other") == first
    changed = registry_config.found_users(registry_config.users({"a": "one", "b": "new"}, first, b"other"))
    assert changed["a"] == registry_config.found_users(first)["a"]
    assert registry_config.opens(changed["b"], "new")
    strays = first + "stray:" + registry_config.hashed("mine", SALT) + "\n"
    assert registry_config.users({"a": "one"}, strays, SALT).splitlines() == first.splitlines()[:1]


ACCEPTED = ("shop", "shop-production-1250000000", "a1-b2-c3", "x" * 63)
REFUSED = ("", "x" * 64, "Shop-1", "shop_1", "shop.1", "-shop1", "shop1-", "shop--1")


@pytest.mark.parametrize("name", [*ACCEPTED, *REFUSED])
def test_the_names_of_instances(region: Region, name: str) -> None:
    failures = Instance(region).check({"name": name, "instanceType": "basic"})
    assert [field for field, _ in failures] == ([] if name in ACCEPTED else ["name"])


@pytest.mark.parametrize(
    ("kind", "given", "field"),
    [
        (Instance, {"name": "shop-1", "instanceType": "huge"}, "instanceType"),
        (Instance, {"name": "shop-1", "instanceType": "basic", "securityPolicies": [{}]}, "securityPolicies"),
        (Namespace, {**INSIDE, "name": "a"}, "name"),
        (Namespace, {**INSIDE, "name": "Shop"}, "name"),
        (Namespace, {**INSIDE, "name": "shop/shop"}, "name"),
        (Namespace, {**INSIDE, "name": "shop..shop"}, "name"),
        (Namespace, {**INSIDE, "name": "x" * 31}, "name"),
        (Namespace, {**INSIDE, "name": "shop", "severity": "dreadful"}, "severity"),
        (Repository, {**INSIDE, "namespaceName": "shop", "name": "/shop"}, "name"),
        (Repository, {**INSIDE, "namespaceName": "shop", "name": "shop/"}, "name"),
        (Repository, {**INSIDE, "namespaceName": "shop", "name": "a//b"}, "name"),
        (Repository, {**INSIDE, "namespaceName": "shop", "name": "x" * 201}, "name"),
        (Token, {**INSIDE, "description": "x" * 256}, "description"),
    ],
)
def test_what_the_cloud_would_refuse(region: Region, kind: Any, given: dict[str, Any], field: str) -> None:
    assert [found for found, _ in kind(region).check(given)] == [field]


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (Instance, {"name": schema.UNKNOWN, "instanceType": schema.UNKNOWN}),
        (Namespace, {**INSIDE, "name": "my_shop.one-2", "severity": "low"}),
        (Repository, {**INSIDE, "namespaceName": "shop", "name": "sub1/sub2/repo"}),
        (Token, INSIDE),
    ],
)
def test_what_it_would_take(region: Region, kind: Any, given: dict[str, Any]) -> None:
    assert kind(region).check(given) == []


CHANGES = [
    (Instance, {"name": "shop-1", "instanceType": "basic"}, {"name": "shop-2"}, "UPDATE_REPLACE"),
    (Instance, {"name": "shop-1", "instanceType": "basic"}, {"instanceType": "premium"}, "UPDATE"),
    (Instance, {"name": "shop-1", "instanceType": "basic"}, {"openPublicOperation": True}, "UPDATE"),
    (Namespace, {**INSIDE, "name": "shop"}, {"name": "other"}, "UPDATE_REPLACE"),
    (Namespace, {**INSIDE, "name": "shop"}, {"isPublic": True}, "UPDATE"),
    (Repository, {**INSIDE, "namespaceName": "shop", "name": "shop"}, {"briefDesc": "new"}, "ADD"),
    (Repository, {**INSIDE, "namespaceName": "shop", "name": "shop"}, {"name": "shop2"}, "UPDATE_REPLACE"),
    (Token, INSIDE, {"enable": False}, "UPDATE"),
    (Token, INSIDE, {"description": "another"}, "ADD_REPLACE"),
]


@pytest.mark.parametrize(("kind", "before", "change", "answer"), CHANGES, ids=str)
def test_what_a_change_does(
    provider: Any, kind: Any, before: dict[str, Any], change: dict[str, Any], answer: str
) -> None:
    old, failures = check(provider, kind.type, before)
    assert failures == {}
    new, _ = check(provider, kind.type, {**before, **change}, old)
    assert kinds(diff(provider, kind.type, old, new)) == {next(iter(change)): answer}


def test_the_order_of_policies_says_nothing(provider: Any) -> None:
    policies = [{"cidrBlock": "10.0.0.1/32"}, {"cidrBlock": "10.0.0.2/32"}]
    one = {
        "name": "shop-1",
        "instanceType": "basic",
        "openPublicOperation": True,
        "securityPolicies": policies,
    }
    old, _ = check(provider, Instance.type, one)
    new, _ = check(provider, Instance.type, {**one, "securityPolicies": policies[::-1]}, old)
    assert kinds(diff(provider, Instance.type, old, new)) == {}


def test_what_stands_inside_needs_what_it_stands_in(region: Region) -> None:
    wanted = {**INSIDE, "namespaceName": "shop", "name": "shop"}
    with pytest.raises(RegionError, match="Tcr/instance 'tcr-1' does not exist"):
        Namespace(region).create("x", {**INSIDE, "name": "shop"})
    with pytest.raises(RegionError, match="Tcr/instance 'tcr-1' does not exist"):
        Token(region).create("tcr-1#token-1", INSIDE)
    put(region, registry.INSTANCE, "tcr-1", name="shop-1", instanceType="basic")
    with pytest.raises(RegionError, match="Tcr/namespace 'tcr-1#shop' does not exist"):
        Repository(region).create("x", wanted)
    put(region, registry.NAMESPACE, "tcr-1#shop", **INSIDE, name="shop")
    made = Repository(region).create("x", wanted)
    assert (made["url"], made["isPublic"]) == ("shop-1.tencentcloudcr.com/shop/shop", False)


def test_ids_are_the_real_providers() -> None:
    given = {**INSIDE, "namespaceName": "shop", "name": "sub/repo"}
    nothing: Any = None
    assert Namespace(nothing).make_id("urn", 0, {**INSIDE, "name": "shop"}) == "tcr-1#shop"
    assert Repository(nothing).make_id("urn", 0, given) == "tcr-1#shop#sub/repo"
    first, second = (Token(nothing).make_id("urn", number, INSIDE) for number in (0, 1))
    assert first.startswith("tcr-1#token-")
    assert first != second
