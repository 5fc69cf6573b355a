"""What differs between two sets of a resource's properties, as short text without secrets.

The engine's events give both sets with secrets masked, and name the properties that differ (`diffs`) and those
that force a replacement (`keys`); a property whose secret changed is equal in both sets, and told by its name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any

from shopctl.plan.model import Difference

MASK = "***"
LATER = "(known later)"
WIDTH = 64
_SECRET_MARK = "4dabf18193072939515e22adb298388d"
_MASKED = "[secret]"
# What stands in a preview for a value that only the creation of another resource will tell.
_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_SECRET_NAME = re.compile(r"(?i)passw(or)?d|secret|token|private_?key|passphrase|credential")


# Providers note here, at every depth, which values nobody asked for.
_DEFAULTS = "__defaults"


class _Absent:
    """No value at all; None is one."""


_ABSENT = _Absent()


def between(
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    *,
    names: Collection[str] | None = None,
    forcing: Collection[str] = (),
) -> tuple[Difference, ...]:
    """The differences, by path. `names`: what the engine says has changed; None: whatever differs."""
    old, new = _own(old), _own(new)
    tops = {_top(name) for name in names} if names is not None else set(old) | set(new)
    forcing = {_top(name) for name in forcing}
    found: list[Difference] = []
    for name in sorted(tops - {_DEFAULTS}):
        before, after = old.get(name, _ABSENT), new.get(name, _ABSENT)
        inner = list(_inner(name, before, after))
        if not inner and names is not None:
            # The engine says that it changed: then what changed is hidden, a secret.
            inner = [(name, MASK, MASK)]
        found += [Difference(path, a, b, name in forcing) for path, a, b in inner]
    return tuple(found)


def properties(values: Mapping[str, Any]) -> tuple[Difference, ...]:
    """The properties of a resource that is new."""
    return tuple(Difference(name, None, shown(name, value)) for name, value in sorted(_own(values).items()))


def shown(name: str, value: Any) -> str:
    """A value as one short line."""
    if _is_secret(value) or (_SECRET_NAME.search(name) and isinstance(value, str)):
        return MASK
    if value == _UNKNOWN:
        return LATER
    text = json.dumps(_plain(value), ensure_ascii=False)
    if len(text) <= WIDTH:
        return text
    keep = (WIDTH - 1) // 2
    return f"{text[:keep]}…{text[-keep:]}"


Found = tuple[str, str | None, str | None]


def _inner(path: str, old: Any, new: Any) -> Iterator[Found]:
    if old == new:
        return
    name = re.split(r"[.\[]", path)[-1]
    if isinstance(old, str) and isinstance(new, str):
        # Policies are JSON in a string: what differs is one word of forty lines.
        old_json, new_json = _document(old), _document(new)
        if old_json is not None and new_json is not None:
            yield from _inner(path, old_json, new_json)
            return
    if _is_secret(old) or _is_secret(new) or _SECRET_NAME.search(name):
        yield path, _text(path, old), _text(path, new)
    elif isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(set(old) | set(new)):
            yield from _inner(f"{path}.{key}", old.get(key, _ABSENT), new.get(key, _ABSENT))
    elif isinstance(old, list) and isinstance(new, list):
        yield from _lists(path, old, new)
    else:
        yield path, _text(path, old), _text(path, new)


def _lists(path: str, old: list[Any], new: list[Any]) -> Iterator[Found]:
    before, after = ([json.dumps(item, sort_keys=True) for item in items] for items in (old, new))
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "replace" and b - a == d - c:
            for i, j in zip(range(a, b), range(c, d), strict=True):
                yield from _inner(f"{path}[{j}]", old[i], new[j])
        elif kind != "equal":
            for i in range(a, b):
                yield f"{path}[{i}]", _text(path, old[i]), None
            for j in range(c, d):
                yield f"{path}[{j}]", None, _text(path, new[j])


def _text(path: str, value: Any) -> str | None:
    return None if value is _ABSENT else shown(path.split(".")[-1], value)


def _top(path: str) -> str:
    return re.split(r"[.\[]", path)[0]


def _is_secret(value: Any) -> bool:
    return value == _MASKED or (isinstance(value, dict) and _SECRET_MARK in value)


def _plain(value: Any) -> Any:
    if _is_secret(value):
        return MASK
    if isinstance(value, dict):
        return {k: MASK if _SECRET_NAME.search(k) else _plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return LATER if value == _UNKNOWN else value


def _own(value: Any) -> Any:
    """Without the providers' notes."""
    if isinstance(value, dict):
        return {key: _own(item) for key, item in value.items() if key != _DEFAULTS}
    return [_own(item) for item in value] if isinstance(value, list) else value


def _document(text: str) -> Any:
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None
