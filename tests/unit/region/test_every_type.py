"""Check over both fact tables, for every type that the real provider has there, whether or not it is realised here."""

from typing import Any

import pytest

from region import relations, schema
from region.traits import kind_of
from tests.unit.region.examples import (
    good,
    minimal,
    place,
    settable,
    together,
    with_one,
    with_value,
    wrong_values,
)

TYPES = sorted(schema.types())
every_type = pytest.mark.parametrize("type_", TYPES, ids=kind_of)


def fields_of(failures: list[schema.Failure]) -> set[str]:
    return {field for field, _ in failures}


@every_type
def test_what_is_required_will_do_and_each_of_it_is_needed(type_: str) -> None:
    inputs = minimal(type_)
    assert schema.check(type_, inputs) == []
    for name in inputs:
        without = {other: value for other, value in inputs.items() if other != name}
        assert any(
            field == name and why.startswith("is required") for field, why in schema.check(type_, without)
        )


@every_type
def test_each_input_is_taken_with_a_right_value_and_as_unknown(type_: str) -> None:
    for name in schema.fields(type_):
        if settable(type_, name):
            assert schema.check(type_, with_one(type_, name)) == [], name
        if not together(type_, name):
            assert schema.check(type_, {**with_one(type_, name), name: schema.UNKNOWN}) == [], name


WRONG: dict[str, list[Any]] = {
    "string": [["a list"], {"an": "object"}],
    "integer": ["many", 1.5, True, ["a list"]],
    "number": ["many", True, {"an": "object"}],
    "boolean": ["perhaps", 2, ["a list"]],
}


def wrongly_typed(wanted: Any) -> list[Any]:
    if isinstance(wanted, list):
        return ["text", {"an": "object"}]
    return ["text", ["a list"]] if isinstance(wanted, dict) else WRONG[wanted]


@every_type
def test_each_input_of_a_wrong_type_is_refused(type_: str) -> None:
    for name, field in schema.fields(type_).items():
        for value in wrongly_typed(field["type"]):
            failures = schema.check(type_, {**with_one(type_, name), name: value})
            assert any(found.startswith(name) for found in fields_of(failures)), (name, value)


@every_type
def test_inputs_that_exclude_each_other_are_refused_together(type_: str) -> None:
    for name in schema.fields(type_):
        for other in relations.conflicts(kind_of(type_), name):
            both = {**with_one(type_, other), **with_one(type_, name)}
            reasons = [why for field, why in schema.check(type_, both) if field == name]
            assert any(why.startswith("conflicts with") and other in why for why in reasons)


@every_type
def test_what_is_no_property_is_refused(type_: str) -> None:
    failures = schema.check(type_, {**minimal(type_), "flavour": "sweet"})
    assert failures == [("flavour", f"is not a property of {type_}")]


@every_type
def test_inside_objects_too_the_missing_and_the_unknown_are_refused(type_: str) -> None:
    for name, field in schema.fields(type_).items():
        wanted = field["type"][0] if isinstance(field["type"], list) else field["type"]
        if not isinstance(wanted, dict) or "*" in wanted:
            continue
        here = f"{name}[0]" if isinstance(field["type"], list) else name
        right = good(type_, f"{name}[]" if isinstance(field["type"], list) else name, wanted)
        for inner in right:
            broken = {key: value for key, value in right.items() if key != inner}
            given = [broken] if isinstance(field["type"], list) else broken
            assert (f"{here}.{inner}", "is required") in schema.check(
                type_, {**with_one(type_, name), name: given}
            )
        more = {**right, "flavour": "sweet"}
        given_more = [more] if isinstance(field["type"], list) else more
        failures = schema.check(type_, {**with_one(type_, name), name: given_more})
        assert (f"{here}.flavour", "is not a property") in failures


RULES = [(type_, path, rule) for type_ in TYPES for path, rule in sorted(schema.rules(type_).items())]


@pytest.mark.parametrize(("type_", "path", "rule"), RULES, ids=lambda part: str(part)[:60])
def test_each_row_of_the_checks_table_is_kept(type_: str, path: str, rule: dict[str, Any]) -> None:
    for value in wrong_values(type_, path, rule):
        failures = schema.check(type_, with_value(type_, path, value))
        assert place(path) in fields_of(failures), value
    for value in rule.get("one_of", ()):
        assert place(path) not in fields_of(schema.check(type_, with_value(type_, path, value))), value
    for bound in ("min", "max"):
        if bound in rule:
            assert schema.check(type_, with_value(type_, path, rule[bound])) == []
    if "needs_all" in rule:
        alone = {**minimal(type_), path: with_one(type_, path)[path]}
        assert any(found == path and "together" in why for found, why in schema.check(type_, alone))
    if rule.get("computed_only"):
        failures = schema.check(type_, with_value(type_, path, "x"))
        assert place(path) in fields_of(failures)
