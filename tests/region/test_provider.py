"""The provider as the engine meets it: over gRPC, with real hosts behind."""

from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from region.balancing import LISTENER
from region.hosts import list_hosts
from region.provider import serve, to_plain, to_struct
from region.records import Record
from region.resources.clb import Balancer, Listener
from region.resources.instance import Instance
from region.resources.security_group import SecurityGroup
from region.resources.subnet import Subnet
from tests.region.conftest import NET, NET_1, Lab

pytestmark = [pytest.mark.region, pytest.mark.slow]


@pytest.fixture(scope="module")
def provider(lab: Lab) -> Iterator[Any]:
    with serve(lab.region.settings) as port, grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield provider_pb2_grpc.ResourceProviderStub(channel)


def urn(type_: str, name: str) -> str:
    return f"urn:pulumi:rtest::shop::shop:index:Network${type_}::{name}"


def check(provider: Any, type_: str, inputs: dict[str, Any]) -> dict[str, str]:
    request = provider_pb2.CheckRequest(urn=urn(type_, "a"), news=to_struct(inputs))
    return {failure.property: failure.reason for failure in provider.Check(request).failures}


def create(provider: Any, type_: str, name: str, inputs: dict[str, Any]) -> Any:
    return provider.Create(provider_pb2.CreateRequest(urn=urn(type_, name), properties=to_struct(inputs)))


def diff(provider: Any, type_: str, old: dict[str, Any], **new: Any) -> tuple[list[str], list[str]]:
    request = provider_pb2.DiffRequest(
        id="x",
        urn=urn(type_, "a"),
        olds=to_struct(old),
        old_inputs=to_struct(old),
        news=to_struct({**old, **new}),
    )
    answer = provider.Diff(request)
    assert (answer.changes == provider_pb2.DiffResponse.DIFF_SOME) == bool(answer.diffs)
    return list(answer.diffs), list(answer.replaces)


def test_a_failed_check_names_the_property(provider: Any, lab: Lab) -> None:
    subnet = {"name": "a", "cidrBlock": f"{NET}.12.0/24", "vpcId": lab.network["vpcId"]}
    assert check(provider, Subnet.type, subnet) == {"availabilityZone": "availabilityZone is required"}
    subnet["availabilityZone"] = "ap-guangzhou-3"
    assert check(provider, Subnet.type, subnet) == {}
    found = check(provider, Subnet.type, {**subnet, "cidrBlock": f"{NET_1}.0.0/24"})
    assert list(found) == ["cidrBlock"]
    assert f"{NET_1}.0.0/24 is not within the VPC's {NET}.0.0/18" in found["cidrBlock"]
    assert "flavour" in check(provider, Subnet.type, {**subnet, "flavour": "sweet"})
    listener = {"clbId": "lb-1", "listenerName": "x", "protocol": "HTTPS", "port": 443}
    assert list(check(provider, LISTENER, listener)) == ["certificateId"]


def test_an_unknown_type_is_refused_with_the_reason(provider: Any) -> None:
    (reason,) = check(provider, "tencentcloud:Tke/cluster:Cluster", {}).values()
    assert "tencentcloud:Tke/cluster:Cluster is not realised by the local region" in reason


def test_a_creation_that_a_killed_run_has_made_is_taken_up(provider: Any, lab: Lab) -> None:
    inputs = lab.instance_inputs("twice")
    first = create(provider, Instance.type, "twice", inputs)
    leader = lab.region.host(first.id).leader()
    second = create(provider, Instance.type, "twice", inputs)
    assert second.id == first.id
    assert to_plain(second.properties) == to_plain(first.properties)
    assert [host.id for host in list_hosts(lab.region.name) if host.name == "twice"] == [first.id]
    assert lab.region.host(first.id).leader() == leader, "it was not booted again"
    other = create(provider, Instance.type, "other", lab.instance_inputs("other"))
    assert other.id != first.id
    for made, name in ((first, "twice"), (other, "other")):
        gone = provider_pb2.DeleteRequest(
            id=made.id, urn=urn(Instance.type, name), properties=made.properties
        )
        provider.Delete(gone)
        provider.Delete(gone)
    assert not {"twice", "other"} & {host.name for host in list_hosts(lab.region.name)}


def test_a_creation_that_was_killed_before_it_was_laid_is_no_obstacle(provider: Any, lab: Lab) -> None:
    vpc = {"networkType": "OPEN", "vpcId": lab.network["vpcId"]}
    balancer, _ = lab.make(Balancer, "killed", {**vpc, "clbName": "killed"})
    inputs = {"clbId": balancer, "listenerName": "http", "protocol": "HTTP", "port": 80}
    listener = Listener(lab.region)
    name = urn(LISTENER, "killed")
    # What a kill leaves between writing a record down and laying the balancer's configuration from it.
    id_ = listener.id_for(name, inputs)
    lab.region.records.put(Record(id_, LISTENER, name, inputs, {**inputs, **listener.create(id_, inputs)}))
    made = create(provider, LISTENER, "killed", inputs)
    assert [record.id for record in lab.region.records.all(LISTENER)] == [made.id]
    assert listener.read(made.id, to_plain(made.properties)) == to_plain(made.properties)
    provider.Delete(provider_pb2.DeleteRequest(id=made.id, urn=name, properties=made.properties))


def test_changes_are_told_from_replacements(provider: Any, lab: Lab) -> None:
    instance = {**lab.instance_inputs("web"), "instanceName": "web"}
    assert diff(provider, Instance.type, instance) == ([], [])
    assert diff(provider, Instance.type, instance, orderlySecurityGroups=["sg-1"]) == (
        ["orderlySecurityGroups"],
        [],
    )
    zone = diff(provider, Instance.type, instance, availabilityZone="ap-guangzhou-4", instanceName="web-2")
    assert zone == (["availabilityZone", "instanceName"], ["availabilityZone"])
    subnet = {"name": "a", "cidrBlock": f"{NET}.12.0/24", "vpcId": "vpc-1", "availabilityZone": "z"}
    assert diff(provider, Subnet.type, subnet, name="b") == (["name"], [])
    assert diff(provider, Subnet.type, subnet, cidrBlock=f"{NET}.13.0/24") == (["cidrBlock"], ["cidrBlock"])


def test_a_vanished_host_is_read_as_gone(provider: Any, lab: Lab) -> None:
    made = create(provider, Instance.type, "vanishes", lab.instance_inputs("vanishes"))
    request = provider_pb2.ReadRequest(
        id=made.id, urn=urn(Instance.type, "vanishes"), properties=made.properties
    )
    there = provider.Read(request)
    assert there.id == made.id
    assert to_plain(there.properties)["instanceStatus"] == "RUNNING"
    assert to_plain(there.inputs) == lab.instance_inputs("vanishes")
    lab.region.remove_host(made.id)
    assert provider.Read(request).id == ""
    provider.Delete(provider_pb2.DeleteRequest(id=made.id, urn=request.urn, properties=made.properties))


def test_an_update_answers_what_is_now(provider: Any) -> None:
    made = create(provider, SecurityGroup.type, "group", {"name": "before"})
    request = provider_pb2.UpdateRequest(
        id=made.id,
        urn=urn(SecurityGroup.type, "group"),
        olds=made.properties,
        news=to_struct({"name": "after", "__defaults": []}),
    )
    assert to_plain(provider.Update(request).properties) == {"name": "after"}
    read = provider.Read(provider_pb2.ReadRequest(id=made.id, urn=request.urn))
    assert to_plain(read.properties) == {"name": "after"}


def test_a_failure_reaches_the_engine_with_what_failed(provider: Any, lab: Lab) -> None:
    inputs = {**lab.instance_inputs("nowhere"), "subnetId": "subnet-nowhere"}
    with pytest.raises(grpc.RpcError) as caught:
        create(provider, Instance.type, "nowhere", inputs)
    assert caught.value.code() == grpc.StatusCode.UNKNOWN
    assert "'subnet-nowhere' does not exist in region rtest" in caught.value.details()
