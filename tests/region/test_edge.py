"""What the program itself asks for at its edge, through the provider: made, read back equal, nothing to change."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from region.authority import issue
from region.provider import serve, to_plain, to_struct
from tests.region.conftest import Lab
from tests.unit.infra.recorder import Registered, record, uin

pytestmark = [pytest.mark.region, pytest.mark.slow]

KINDS = (
    "Cos/bucket",
    "Cam/user",
    "Cam/accessKey",
    "Cos/bucketPolicy",
    "Ssl/certificate",
    "Clb/instance",
    "Clb/listener",
    "Clb/listenerRule",
    "Clb/attachment",
    "Clb/redirection",
    "Cdn/domain",
    "Cdn/urlPurge",
)
"""In an order in which each finds what it names."""


@pytest.fixture
def provider(lab: Lab) -> Iterator[Any]:
    with serve(lab.region.settings) as port, grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield provider_pb2_grpc.ResourceProviderStub(channel)


def urn(resource: Registered) -> str:
    return f"urn:pulumi:rtest::shop::{resource.type}::{resource.name}"


def checked(provider: Any, resource: Registered, known: dict[str, str]) -> dict[str, Any]:
    """The inputs as Check answers them, with what the recorder made up replaced by what is really there."""
    text = json.dumps(resource.inputs)
    for made_up in sorted(known, key=len, reverse=True):
        text = text.replace(made_up, known[made_up])
    answer = provider.Check(
        provider_pb2.CheckRequest(urn=urn(resource), news=to_struct(json.loads(text)), randomSeed=b"seed")
    )
    assert {failure.property: failure.reason for failure in answer.failures} == {}
    return to_plain(answer.inputs)


def diff(provider: Any, resource: Registered, before: Any, news: dict[str, Any]) -> list[str]:
    answer = provider.Diff(
        provider_pb2.DiffRequest(
            id=before.id,
            urn=urn(resource),
            olds=before.properties,
            old_inputs=before.inputs,
            news=to_struct(news),
        )
    )
    return list(answer.diffs)


def test_what_the_program_asks_for_reads_back_as_it_was_asked(lab: Lab, provider: Any) -> None:
    stack = record("test", {"cdn": {"purge": ["/static/app.js"]}})
    certificate = dict(zip(("cert", "key"), issue(lab.region.name, ["shop.test.test"]), strict=True))
    known = {"id-network-vpc": lab.network["vpcId"], "id-firewall-balancer": lab.network["securityGroups"][0]}
    for host in ("compute-web-1", "compute-web-2"):
        known[f"id-{host}"] = lab.instance(host)[0]
    made: list[tuple[Registered, dict[str, Any], Any]] = []
    for asked in (one for kind in KINDS for one in stack.of(kind)):
        resource = asked
        if resource.noun == "Ssl/certificate":
            resource = replace(resource, inputs={**resource.inputs, **certificate})
        inputs = checked(provider, resource, known)
        answer = provider.Create(provider_pb2.CreateRequest(urn=urn(resource), properties=to_struct(inputs)))
        made.append((resource, inputs, answer))
        outputs = to_plain(answer.properties)
        known[f"id-{resource.name}"] = answer.id
        if resource.type.startswith("tencentcloud:Clb/"):
            part = resource.name
            known |= {f"lbl-{part}": answer.id, f"loc-{part}": answer.id}
        if "uin" in outputs:
            known[str(uin(resource.name))] = str(outputs["uin"])
        if outputs.get("clbVips"):
            known[stack.outputs["loadBalancer"]["vip"]] = outputs["clbVips"][0]
    for resource, inputs, answer in made:
        found = provider.Read(
            provider_pb2.ReadRequest(id=answer.id, urn=urn(resource), properties=answer.properties)
        )
        assert to_plain(found.properties) == to_plain(answer.properties), resource.name
        assert diff(provider, resource, found, inputs) == [], resource.name
