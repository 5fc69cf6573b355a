"""Plain data to the engine's messages and back: structs, whole numbers, secrets, what Check adds."""

from typing import Any

from google.protobuf import json_format, struct_pb2

Properties = dict[str, Any]

DEFAULTS = "__defaults"
"""Which properties of an object Check filled in; each object that passed Check has such a list."""

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"
"""How a secret is written in a struct (pulumi sdk, resource/properties.go: SigKey, SecretSig)."""


def to_plain(struct: struct_pb2.Struct) -> Properties:
    """A gRPC struct as plain data; whole numbers become ints, as JSON has them, and secrets what they hide."""
    plain: Properties = _plain(json_format.MessageToDict(struct))
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        if value.get(SIGNATURE) == SECRET:
            return _plain(value.get("value"))
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def to_struct(properties: Properties) -> struct_pb2.Struct:
    """Plain data as a gRPC struct."""
    struct = struct_pb2.Struct()
    struct.update(properties)
    return struct


def secret(value: Any) -> Properties:
    """A value, marked so that the engine encrypts it in its state and hides it in what it prints."""
    return {SIGNATURE: SECRET, "value": value}


def bare(value: Any) -> Any:
    """Inputs as the program meant them: without nulls and without the lists of what Check filled in."""
    if isinstance(value, dict):
        return {key: bare(item) for key, item in value.items() if key != DEFAULTS and item is not None}
    return [bare(item) for item in value] if isinstance(value, list) else value


def as_given(before: Any, now: Any) -> Any:
    """`now`, in the form of `before` where both say the same: a read then answers what Check had answered."""
    if bare(before) == bare(now):
        return before
    if isinstance(before, dict) and isinstance(now, dict):
        kept = {DEFAULTS: before[DEFAULTS]} if DEFAULTS in before else {}
        return {**{key: as_given(before.get(key), item) for key, item in now.items()}, **kept}
    return now
