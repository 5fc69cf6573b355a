"""Calls to a provider as the engine makes them."""

from typing import Any

from pulumi.runtime.proto import provider_pb2

from region import schema
from region.wire import Properties, to_plain, to_struct

KINDS = provider_pb2.PropertyDiff.Kind


def urn(type_: str, name: str = "thing") -> str:
    return f"urn:pulumi:test::shop::shop:index:Part${type_}::{name}"


def check(
    provider: Any, type_: str, inputs: Properties, olds: Properties | None = None, name: str = "thing"
) -> tuple[Properties, dict[str, str]]:
    """The inputs that Check answers, and its failures by field."""
    request = provider_pb2.CheckRequest(
        urn=urn(type_, name), news=to_struct(inputs), olds=to_struct(olds or {}), randomSeed=b"seed"
    )
    answer = provider.Check(request)
    return to_plain(answer.inputs), {failure.property: failure.reason for failure in answer.failures}


def diff(provider: Any, type_: str, olds: Properties, news: Properties) -> Any:
    """What Diff answers."""
    return provider.Diff(
        provider_pb2.DiffRequest(
            id="x", urn=urn(type_), olds=to_struct(olds), old_inputs=to_struct(olds), news=to_struct(news)
        )
    )


def kinds(answer: Any) -> dict[str, str]:
    """The detailed diff, by path."""
    return {path: KINDS.Name(found.kind) for path, found in answer.detailedDiff.items()}


def of_kind(kind: str) -> str:
    """The type token of `Mysql/instance`."""
    (found,) = (type_ for type_ in schema.types() if type_.split(":")[1] == kind)
    return found
