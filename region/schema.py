"""The real provider's tables, and what Check refuses by them. What Diff answers is in `differences.py`.

`schema/tencentcloud-0.2.3.json` has each type's inputs, required fields and which of them replace the resource;
`schema/tencentcloud-0.2.3-checks.json` has the values, ranges and lengths that the provider refuses before it asks the
cloud. Both were read off the provider itself.
"""

import functools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from region import formats, relations

HERE = Path(__file__).parent / "schema"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What the engine sends for a value that isn't known before apply (pulumi sdk, resource/plugin/rpc.go)."""

Failure = tuple[str, str]
"""Field and reason."""


@functools.cache
def _tables() -> tuple[dict[str, Any], dict[str, Any]]:
    load = [json.loads((HERE / f"tencentcloud-0.2.3{part}.json").read_text()) for part in ("", "-checks")]
    return load[0], load[1]


def types() -> frozenset[str]:
    """Every type token that the tables know."""
    return frozenset(_tables()[0])


def fields(type_: str) -> dict[str, Any]:
    """The inputs of a type: {name: {"type", "required"?, "replaces"?, "secret"?}}."""
    known: dict[str, Any] = _tables()[0][type_]["inputs"]
    return known


def computed(type_: str) -> dict[str, Any]:
    """What a type answers beyond its inputs: {name: type}."""
    known: dict[str, Any] = _tables()[0][type_]["computed"]
    return known


def replaces(type_: str) -> frozenset[str]:
    """The inputs whose change makes the resource anew."""
    return frozenset(name for name, field in fields(type_).items() if field.get("replaces"))


def rules(type_: str) -> dict[str, Any]:
    """What the checks table has of a type: {path: {"one_of"?, "min"?, ...}}."""
    known: dict[str, Any] = _tables()[1].get(type_, {})
    return known


def check(type_: str, inputs: Mapping[str, Any]) -> list[Failure]:
    """What is wrong with `inputs`, field by field; nothing when they will do."""
    known, checks = fields(type_), rules(type_)
    found = [
        (name, "is required")
        for name, field in known.items()
        if field.get("required") and inputs.get(name) is None
    ]
    for name, value in inputs.items():
        if name in ("__defaults",):
            continue
        if name not in known:
            found.append((name, f"is not a property of {type_}"))
        else:
            found += _typed(name, known[name]["type"], value)
    found += relations.refused(type_.split(":")[1], inputs)
    for path, rule in checks.items():
        for place, value in _values(path.split("."), inputs, ""):
            found += [(place, reason) for reason in _refusals(rule, value)]
            if (
                isinstance(value, str)
                and value != UNKNOWN
                and (reason := formats.refusal(type_, path, value))
            ):
                found.append((place, reason))
            missing = [
                name for name in rule.get("needs_all", ()) if inputs.get(camel(name)) in (None, "", [])
            ]
            if missing:
                found.append(
                    (place, f"needs {', '.join(rule['needs_all'])} together; missing: {', '.join(missing)}")
                )
            if rule.get("computed_only"):
                found.append((place, "is decided by the cloud and can't be set"))
    return found


def camel(name: str) -> str:
    """`replica_role` as `replicaRole`."""
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def _typed(place: str, wanted: Any, value: Any) -> Iterator[Failure]:
    if value is None or value == UNKNOWN:
        return
    if isinstance(wanted, list):
        if not isinstance(value, list):
            yield place, f"has to be a list, not {value!r}"
            return
        for index, item in enumerate(value):
            yield from _typed(f"{place}[{index}]", wanted[0], item)
    elif isinstance(wanted, dict):
        yield from _typed_object(place, wanted, value)
    elif not _SCALARS[wanted](value):
        yield place, f"has to be of type {wanted}, not {value!r}"


def _typed_object(place: str, wanted: dict[str, Any], value: Any) -> Iterator[Failure]:
    if not isinstance(value, dict):
        yield place, f"has to be an object, not {value!r}"
        return
    if "*" in wanted:
        for key, item in value.items():
            yield from _typed(f"{place}.{key}", wanted["*"], item)
        return
    names = {name.rstrip("?"): inner for name, inner in wanted.items()}
    for name in wanted:
        if not name.endswith("?") and value.get(name) is None:
            yield f"{place}.{name}", "is required"
    for name, item in value.items():
        if name == "__defaults":
            continue
        if name in names:
            yield from _typed(f"{place}.{name}", names[name], item)
        else:
            yield f"{place}.{name}", "is not a property"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_SCALARS = {
    "string": lambda value: isinstance(value, str | int | float | bool),
    "integer": lambda value: (
        (_is_number(value) and value == int(value))
        or (isinstance(value, str) and value.lstrip("-").isdigit())
    ),
    "number": _is_number,
    "boolean": lambda value: isinstance(value, bool) or value in ("true", "false"),
}
"""As the provider's own coercion has it: a number is taken where a string is wanted, and digits where a number is."""


def _values(path: list[str], value: Any, place: str) -> Iterator[tuple[str, Any]]:
    if not path:
        yield place, value
        return
    name, rest = path[0].removesuffix("[]"), path[1:]
    inner = value.get(name) if isinstance(value, dict) else None
    if inner is None:
        return
    here = f"{place}.{name}".lstrip(".")
    if path[0].endswith("[]") and isinstance(inner, list):
        for index, item in enumerate(inner):
            yield from _values(rest, item, f"{here}[{index}]")
    else:
        yield from _values(rest, inner, here)


def _refusals(rule: Mapping[str, Any], value: Any) -> Iterator[str]:
    if value == UNKNOWN:
        return
    if "one_of" in rule and value not in rule["one_of"]:
        yield f"has to be one of {', '.join(map(str, rule['one_of']))}, not {value!r}"
    if _is_number(value) and not rule.get("min", value) <= value <= rule.get("max", value):
        yield f"has to be between {rule.get('min', '-inf')} and {rule.get('max', 'inf')}, not {value}"
    if isinstance(value, str):
        length = len(value.encode())
        if not rule.get("min_length", length) <= length <= rule.get("max_length", length):
            yield f"has to be {rule.get('min_length', 0)} to {rule.get('max_length', 'any')} bytes long, not {length}"
