"""A plan as data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from shopctl.plan.losses import lost_with

Operation = Literal["create", "update", "replace", "delete", "same"]

SIGNS: dict[str, tuple[str, str]] = {
    "create": ("+", "green"),
    "update": ("~", "yellow"),
    "replace": ("±", "red"),
    "delete": ("-", "red"),
}


@dataclass(frozen=True)
class Difference:
    """One property, before and after, as text that holds no secret. None: it is not there.

    `forces`: the resource cannot change in this property, and is made anew.
    """

    path: str
    old: str | None
    new: str | None
    forces: bool = False


@dataclass(frozen=True)
class Change:
    """One resource that would change, and in which properties.

    `protected`: the stack guards it against deletion.
    """

    operation: Operation
    type: str
    name: str
    properties: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    protected: bool = False

    @property
    def loses(self) -> str | None:
        """The data that goes with it: what a resource of this kind holds, when it is deleted or replaced."""
        return lost_with(self.type) if self.operation in {"replace", "delete"} else None

    def as_json(self) -> dict[str, Any]:
        """The change for a machine."""
        return {
            "operation": self.operation,
            "type": self.type,
            "name": self.name,
            "properties": list(self.properties),
            "differences": [
                {"path": d.path, "old": d.old, "new": d.new, "forces": d.forces} for d in self.differences
            ],
            "protected": self.protected,
            "loses": self.loses,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Change:
        """What `as_json` made. Raises KeyError or TypeError for anything else."""
        differences = tuple(
            Difference(d["path"], d["old"], d["new"], bool(d["forces"])) for d in data["differences"]
        )
        return cls(
            data["operation"],
            data["type"],
            data["name"],
            tuple(data["properties"]),
            differences,
            bool(data["protected"]),
        )


@dataclass(frozen=True)
class Plan:
    """What an operation would do. When it is empty, `reason` says why.

    `drift` is what was changed by other means since the last run; `changes` put it right.
    """

    operation: str
    environment: str
    changes: tuple[Change, ...] = ()
    unchanged: int = 0
    steps: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    reason: str = ""
    facts: dict[str, Any] = field(default_factory=dict[str, Any])
    drift: tuple[Change, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing would change."""
        return not self.changes

    @property
    def refused(self) -> tuple[Change, ...]:
        """The changes that the stack's protection forbids."""
        return tuple(c for c in self.changes if c.protected and c.operation in {"replace", "delete"})

    def counts(self) -> dict[str, int]:
        """How many resources each kind of change touches."""
        counted = Counter[str](change.operation for change in self.changes)
        return {name: counted[name] for name in SIGNS if counted[name]}

    def as_json(self) -> dict[str, Any]:
        """The plan for a machine."""
        return {
            "operation": self.operation,
            "environment": self.environment,
            "empty": self.empty,
            "reason": self.reason,
            "counts": self.counts(),
            "unchanged": self.unchanged,
            "changes": [change.as_json() for change in self.changes],
            "drift": [change.as_json() for change in self.drift],
            "steps": list(self.steps),
            "warnings": list(self.warnings),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Plan:
        """What `as_json` made. Raises KeyError or TypeError for anything else."""
        return cls(
            operation=data["operation"],
            environment=data["environment"],
            changes=tuple(Change.from_json(change) for change in data["changes"]),
            unchanged=int(data["unchanged"]),
            steps=tuple(data["steps"]),
            warnings=tuple(data["warnings"]),
            reason=data["reason"],
            drift=tuple(Change.from_json(change) for change in data["drift"]),
        )


def short_type(type_: str) -> str:
    """`tencentcloud:Vpc/subnet:Subnet` is `Vpc.Subnet` to a reader."""
    parts = type_.split(":")
    if len(parts) != 3:
        return type_
    module, name = parts[1].split("/")[0], parts[2]
    if parts[0] == "pulumi" or module in {"index", name}:
        return name
    return f"{module}.{name}"
