"""Update against replace: every field that the program sets (`pytest -s` shows the table), against the fact table."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2_grpc

from region import schema
from region.provider import serve
from region.traits import kind_of
from tests.unit.infra.recorder import record
from tests.unit.region.examples import other
from tests.unit.region.provider_calls import check, diff

FOOTNOTES = {
    ("Monitor/alarmPolicy", "policyTags"),
    ("Mysql/rollback", "databases"),
    ("Mysql/rollback", "tables"),
}
"""Marked as replacing in the fact table, and updated all the same by the real provider."""


@dataclass(frozen=True)
class Row:
    """One field of a type, what Diff answers to its change, and what the fact table says."""

    type: str
    field: str
    resource: str
    answer: str
    fact: str

    @property
    def line(self) -> str:
        mark = "" if self.answer == self.fact else "   <- DIFFERS"
        name = f"{kind_of(self.type)}.{self.field}"
        return f"{name:<56} {self.answer:<8} {self.fact:<8} {self.resource}{mark}"


@pytest.fixture(scope="module")
def provider() -> Iterator[Any]:
    with serve(None) as port, grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield provider_pb2_grpc.ResourceProviderStub(channel)


def rows(provider: Any) -> list[Row]:
    """A row for each field that the program sets in any environment, CDN tasks included."""
    found: dict[tuple[str, str], Row] = {}
    tasks = {"cdn": {"purge": ["/old.jpg"], "push": ["/new.jpg"], "redo": 1}}
    for environment in ("local", "production", "staging"):
        for resource in record(environment, tasks).custom:
            fields = schema.fields(resource.type)
            old, failures = check(provider, resource.type, dict(resource.inputs), name=resource.name)
            assert failures == {}, resource.name
            for name in resource.inputs:
                if (resource.type, name) in found or resource.inputs[name] in (None, [], {}):
                    continue
                changed = {
                    **resource.inputs,
                    name: other(resource.type, name, fields[name]["type"], old[name]),
                }
                new, _ = check(provider, resource.type, changed, old, resource.name)
                answer = diff(provider, resource.type, old, new)
                assert list(answer.diffs) == [name], (resource.name, name)
                replaces = fields[name].get("replaces") and (kind_of(resource.type), name) not in FOOTNOTES
                found[resource.type, name] = Row(
                    resource.type,
                    name,
                    resource.name,
                    "replace" if name in answer.replaces else "update",
                    "replace" if replaces else "update",
                )
    return sorted(found.values(), key=lambda row: (row.type, row.field))


def test_every_field_that_the_program_sets_updates_or_replaces_as_the_fact_table_says(provider: Any) -> None:
    table = rows(provider)
    print(f"\n{'field':<56} {'answer':<8} {'fact':<8} tried on")
    print("\n".join(row.line for row in table))
    print(f"{len(table)} fields, {sum(row.answer == 'replace' for row in table)} of them replace")
    assert {row.type for row in table} == {
        resource.type for environment in ("local", "production") for resource in record(environment).custom
    } | {"tencentcloud:Cdn/urlPurge:UrlPurge", "tencentcloud:Cdn/urlPush:UrlPush"}
    assert len(table) > 150
    assert [row.line for row in table if row.answer != row.fact] == []
