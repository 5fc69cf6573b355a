"""What Diff answers: which properties differ between a resource's state and its new inputs, and which replace it.

The state is what the resource's last read or change answered. The rules are those of the provider's SDK (Terraform's,
version 2) and of the bridge above it: what the cloud decides is left alone when the program no longer says it; an empty
text or list is the same as none; the order of a set says nothing.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from region import schema, traits
from region.checked import scalar
from region.wire import DEFAULTS, Properties, bare

ADD, DELETE, UPDATE = "ADD", "DELETE", "UPDATE"


@dataclass(frozen=True)
class Difference:
    """One property that differs: its path, what happens to it, and whether the resource is made anew for it."""

    path: str
    kind: str
    replaces: bool

    @property
    def top(self) -> str:
        """The input that the property is part of."""
        return self.path.split(".")[0].split("[")[0]


def differences(type_: str, state: Properties, inputs: Properties) -> list[Difference]:
    """Every difference, in the order of the inputs' names."""
    old, new = bare(state), bare(inputs)
    found = []
    for name, field in sorted(schema.fields(type_).items()):
        before, after = (_normal(type_, name, field["type"], side.get(name)) for side in (old, new))
        if after is None and traits.is_computed(type_, name):
            continue
        made_anew = name in traits.replaces(type_)
        found += [
            Difference(path, kind, made_anew)
            for path, kind in _compare(type_, name, name, field["type"], before, after)
        ]
    return found


def replaced_first(type_: str, inputs: Mapping[str, Any]) -> bool:
    """Whether a replacement begins with the deletion: two can't have the same name, unless the name was made up."""
    filled = inputs.get(DEFAULTS)
    return (
        isinstance(filled, list) and traits.is_autonamed(type_) and "name" in inputs and "name" not in filled
    )


def _compare(type_: str, path: str, where: str, wanted: Any, old: Any, new: Any) -> Iterator[tuple[str, str]]:
    if old == new:
        return
    if old is None or new is None or new == schema.UNKNOWN:
        yield path, ADD if old is None else DELETE if new is None else UPDATE
    elif isinstance(wanted, list) and isinstance(old, list) and isinstance(new, list):
        if traits.is_set(type_, where):
            yield from _compare_sets(path, old, new)
            return
        for index in range(max(len(old), len(new))):
            sides = [side[index] if index < len(side) else None for side in (old, new)]
            yield from _compare(type_, f"{path}[{index}]", f"{where}[]", wanted[0], *sides)
    elif isinstance(wanted, dict) and isinstance(old, dict) and isinstance(new, dict):
        inner = {name.rstrip("?"): kind for name, kind in wanted.items()}
        for name in sorted(old.keys() | new.keys()):
            kind = wanted["*"] if "*" in wanted else inner.get(name)
            yield from _compare(
                type_, _below(path, name), f"{where}.{name}", kind, old.get(name), new.get(name)
            )
    else:
        yield path, UPDATE


def _compare_sets(path: str, old: list[Any], new: list[Any]) -> Iterator[tuple[str, str]]:
    left = list(new)
    gone = []
    for index, item in enumerate(old):
        if item in left:
            left.remove(item)
        else:
            gone.append(index)
    come = []
    for index, item in enumerate(new):
        if item in left:
            left.remove(item)
            come.append(index)
    for index in sorted({*gone, *come}):
        yield (
            f"{path}[{index}]",
            UPDATE if index in gone and index in come else ADD if index in come else DELETE,
        )


def _below(path: str, name: str) -> str:
    """The path of a key: quoted where it would read as more than one (pulumi sdk, resource/property_path.go)."""
    if any(character in name for character in '."[]'):
        escaped = name.replace('"', '\\"')
        return f'{path}["{escaped}"]'
    return f"{path}.{name}"


def _normal(type_: str, path: str, wanted: Any, value: Any, nested: bool = False) -> Any:
    """A value as it is compared: in its type, and None where it says nothing."""
    if value is None or value == schema.UNKNOWN:
        return value
    if isinstance(wanted, list):
        if not isinstance(value, list):
            return value
        return [_normal(type_, f"{path}[]", wanted[0], item, True) for item in value] or None
    if isinstance(wanted, dict) and isinstance(value, dict):
        inner = {name.rstrip("?"): kind for name, kind in wanted.items()}
        found = {
            name: _normal(type_, f"{path}.{name}", wanted.get("*", inner.get(name)), item, "*" not in wanted)
            for name, item in value.items()
        }
        # An empty map is none, while an empty object is one that says nothing (Terraform counts it).
        if "*" in wanted:
            return found or None
        return {name: item for name, item in found.items() if item is not None}
    plain = scalar(wanted, value)
    if wanted == "string":
        return _text(type_, path, plain) if plain or path.endswith("[]") else None
    # Inside an object nothing and zero are the same to the SDK; at the top they aren't.
    return None if nested and plain in (0, False) and not path.endswith("[]") else plain


def _text(type_: str, path: str, text: Any) -> Any:
    if traits.is_document(type_, path):
        try:
            return json.dumps(json.loads(text), sort_keys=True)
        except ValueError:
            return text
    return text
