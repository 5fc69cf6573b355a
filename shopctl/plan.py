"""A plan: what would change, as data, and as text."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

Operation = Literal["create", "update", "replace", "delete", "same"]

SIGNS: dict[str, tuple[str, str]] = {
    "create": ("+", "green"),
    "update": ("~", "yellow"),
    "replace": ("±", "red"),
    "delete": ("-", "red"),
}
_PAST: dict[str, str] = {"create": "create", "update": "update", "replace": "replace", "delete": "delete"}


@dataclass(frozen=True)
class Change:
    """One resource that would change, and in which properties."""

    operation: Operation
    type: str
    name: str
    properties: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What an operation would do. When it is empty, `reason` says why."""

    operation: str
    environment: str
    changes: tuple[Change, ...] = ()
    unchanged: int = 0
    steps: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    reason: str = ""
    facts: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def empty(self) -> bool:
        """Whether nothing would change."""
        return not self.changes

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
            "changes": [
                {"operation": c.operation, "type": c.type, "name": c.name, "properties": list(c.properties)}
                for c in self.changes
            ],
            "steps": list(self.steps),
            "warnings": list(self.warnings),
        }


def counts_text(counts: dict[str, int], unchanged: int) -> str:
    """For example: 3 to create, 1 to replace, 40 unchanged."""
    parts = [f"{number} to {_PAST[name]}" for name, number in counts.items()]
    if unchanged:
        parts.append(f"{unchanged} unchanged")
    return ", ".join(parts) or "nothing to change"


def lines(plan: Plan) -> list[tuple[str, str]]:
    """The plan as lines of text, each with its style ('' is plain)."""
    result: list[tuple[str, str]] = [(f"Plan: {plan.operation} {plan.environment}", "bold")]
    width = max((len(short_type(c.type)) for c in plan.changes), default=0)
    names = max((len(c.name) for c in plan.changes), default=0)
    for change in _ordered(plan.changes):
        sign, style = SIGNS[change.operation]
        text = f"  {sign} {change.operation:<8}{short_type(change.type):<{width}}  {change.name:<{names}}"
        if change.properties:
            text += f"  [{', '.join(change.properties)}]"
        result.append((text.rstrip(), style))
    result.extend((f"  > {step}", "") for step in plan.steps)
    result.extend((f"  ! {warning}", "red") for warning in plan.warnings)
    if plan.empty:
        result.append((f"  nothing to change: {plan.reason}", "green"))
    result.append((f"  {counts_text(plan.counts(), plan.unchanged)}", "bold"))
    return result


def text(plan: Plan) -> str:
    """The plan without colours."""
    return "\n".join(line for line, _ in lines(plan))


def short_type(type_: str) -> str:
    """`tencentcloud:Vpc/subnet:Subnet` is `Vpc.Subnet` to a reader."""
    parts = type_.split(":")
    if len(parts) != 3:
        return type_
    module, name = parts[1].split("/")[0], parts[2]
    if parts[0] == "pulumi" or module in {"index", name}:
        return name
    return f"{module}.{name}"


def _ordered(changes: Iterable[Change]) -> list[Change]:
    order = list(SIGNS)
    return sorted(changes, key=lambda c: (order.index(c.operation), short_type(c.type), c.name))
