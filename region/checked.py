"""What Check answers: the inputs in their types, with what the provider fills in and a list of what that was."""

import hashlib
from collections.abc import Mapping
from typing import Any

from region import relations, schema, traits
from region.wire import DEFAULTS, Properties, bare, secret

SUFFIX = 7
"""Digits behind a name that is made up (pulumi-terraform-bridge, `SetAutonaming`)."""


def checked(type_: str, name: str, seed: bytes, old: Mapping[str, Any], given: Properties) -> Properties:
    """The inputs of a resource called `name` in the program; `old` are those that it had before."""
    fields = schema.fields(type_)
    inputs = {
        key: _coerced(type_, fields[key]["type"] if key in fields else None, value, key)
        for key, value in bare(given).items()
    }
    filled = _fill(type_, "", inputs)
    if "name" not in inputs and traits.is_autonamed(type_):
        kept = old.get("name") if "name" in old.get(DEFAULTS, ["name"]) else None
        digits = hashlib.sha256(seed or name.encode()).hexdigest()[:SUFFIX]
        inputs["name"] = kept or f"{name}-{digits}"
        filled.append("name")
    return {**inputs, DEFAULTS: sorted(filled)}


def hidden(type_: str, inputs: Properties) -> Properties:
    """The inputs with what the schema has as secret marked so."""
    fields = schema.fields(type_)
    return {
        name: secret(value)
        if fields.get(name, {}).get("secret") and value not in (None, schema.UNKNOWN)
        else value
        for name, value in inputs.items()
    }


def _fill(type_: str, prefix: str, inputs: Properties) -> list[str]:
    """Fill in what belongs right below `prefix`, and answer its names."""
    filled = []
    fields = schema.fields(type_)
    for path, value in traits.defaults(type_).items():
        if not path.startswith(prefix) or "." in (name := path.removeprefix(prefix)):
            continue
        known = bool(prefix) or (name in fields and not fields[name].get("deprecated"))
        excluded = not prefix and any(
            other in inputs for other in relations.conflicts(traits.kind_of(type_), name)
        )
        if known and not excluded and name not in inputs:
            inputs[name] = value
            filled.append(name)
    return filled


def _coerced(type_: str, wanted: Any, value: Any, path: str) -> Any:
    """A value in the type that the schema has for it, as far as it can be turned into that."""
    if value == schema.UNKNOWN or value is None:
        return value
    if isinstance(wanted, list) and isinstance(value, list):
        return [_coerced(type_, wanted[0], item, f"{path}[]") for item in value]
    if isinstance(wanted, dict) and isinstance(value, dict):
        if "*" in wanted:
            return {key: _coerced(type_, wanted["*"], item, f"{path}.*") for key, item in value.items()}
        inner = {name.rstrip("?"): kind for name, kind in wanted.items()}
        found = {
            name: _coerced(type_, inner.get(name), item, f"{path}.{name}") for name, item in value.items()
        }
        filled = sorted(_fill(type_, f"{path}.", found))
        return {**found, DEFAULTS: filled}
    return scalar(wanted, value)


def scalar(wanted: Any, value: Any) -> Any:
    """`"80"` as 80 where an integer is wanted, 80 as `"80"` where a text is, `"true"` as true."""
    if wanted == "string" and isinstance(value, bool):
        return "true" if value else "false"
    if wanted == "string" and isinstance(value, int | float):
        return str(value)
    if wanted == "boolean" and value in ("true", "false"):
        return value == "true"
    if wanted in ("integer", "number") and isinstance(value, str):
        try:
            return int(value) if wanted == "integer" else float(value)
        except ValueError:
            return value
    return value
