"""What a creation or a change will answer, as far as that can be told before it is done. Pure.

What is known in a preview is what the engine plans the dependents with: a database that only gets more memory keeps its
address, so that no record that names it is planned to change.
"""

from collections.abc import Mapping
from typing import Any

from region import schema, traits

Properties = dict[str, Any]

FOLLOWS: dict[str, dict[str, tuple[str, ...]]] = {
    "tencentcloud:Instance/instance:Instance": {
        "subnetId": ("privateIp",),
        "vpcId": ("privateIp",),
        "instanceType": ("cpu", "memory"),
    },
}
"""By type and input: the outputs that change with it."""


def created(type_: str, inputs: Mapping[str, Any]) -> Properties:
    """The outputs of a thing to be made: its inputs, and all else unknown."""
    computed = {
        *schema.computed(type_),
        *(name for name in schema.fields(type_) if traits.is_computed(type_, name)),
    }
    return {**dict.fromkeys(computed, schema.UNKNOWN), **inputs}


def updated(type_: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Properties:
    """The outputs after a change in place: as they were, with the new inputs, and unknown what follows from those."""
    follows = FOLLOWS.get(type_, {})
    moved = {
        output for name, outputs in follows.items() if old.get(name) != new.get(name) for output in outputs
    }
    kept = {name: value for name, value in old.items() if name not in schema.fields(type_) or name in new}
    kept |= {
        name: value for name, value in old.items() if name not in new and traits.is_computed(type_, name)
    }
    return {**kept, **dict.fromkeys(moved - set(new), schema.UNKNOWN), **new}
