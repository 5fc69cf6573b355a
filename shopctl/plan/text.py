"""A plan as lines for a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from shopctl.plan.model import SIGNS, Change, Difference, Plan, short_type

Line = tuple[str, str]
"""A line and its style; '' is plain."""

_DRIFT = {"create": ("+", "new"), "update": ("~", "changed"), "delete": ("-", "gone")}
_NOTHING = "-"


def counts_text(counts: dict[str, int], unchanged: int) -> str:
    """For example: 3 to create, 1 to replace, 40 unchanged."""
    parts = [f"{number} to {name}" for name, number in counts.items()]
    if unchanged:
        parts.append(f"{unchanged} unchanged")
    return ", ".join(parts) or "nothing to change"


def lines(plan: Plan, *, everything: bool = False) -> list[Line]:
    """The plan as lines. `everything`: the properties of new resources as well."""
    result: list[Line] = [(f"Plan: {plan.operation} {plan.environment}", "bold")]
    looking = plan.operation == "refresh"
    if plan.refused:
        names = ", ".join(f"{short_type(c.type)} {c.name}" for c in plan.refused)
        result.append((f"  ! PROTECTED, will not be deleted: {names}", "bold red"))
    if plan.drift:
        result.append(("  found changed by other means:", "bold"))
        result.extend(_block(plan.drift, drift=True, everything=everything))
        result.append(("  to do:", "bold"))
    result.extend(_block(plan.changes, drift=looking, everything=everything))
    result.extend((f"  > {step}", "") for step in plan.steps)
    result.extend((f"  ! {warning}", "red") for warning in plan.warnings)
    if plan.empty:
        result.append((f"  nothing to change: {plan.reason}", "green"))
    result.append((f"  {_sum(plan, looking)}", "bold"))
    return result


def text(plan: Plan, *, everything: bool = False) -> str:
    """The plan without colours."""
    return "\n".join(line for line, _ in lines(plan, everything=everything))


def _sum(plan: Plan, looking: bool) -> str:
    if not looking:
        return counts_text(plan.counts(), plan.unchanged)
    return f"{len(plan.changes)} differ, {plan.unchanged} as on record"


def _block(changes: Iterable[Change], *, drift: bool, everything: bool) -> Iterator[Line]:
    ordered = _ordered(changes)
    width = max((len(short_type(c.type)) for c in ordered), default=0)
    for change in ordered:
        sign, style = SIGNS[change.operation]
        verb: str = change.operation
        if drift:
            sign, verb = _DRIFT.get(change.operation, (sign, verb))
            style = "yellow" if verb == "changed" else "red"
        head = f"  {sign} {verb:<8}{short_type(change.type):<{width}}  {change.name}"
        if change.properties and not change.differences:
            head += f"  [{', '.join(change.properties)}]"
        yield head, style
        if change.loses and not drift:
            yield f"      LOST WITH IT: {change.loses}", "bold red"
        if change.operation != "create" or everything:
            yield from (_property(d, change.operation, drift) for d in change.differences)


def _property(difference: Difference, operation: str, drift: bool) -> Line:
    old, new = difference.old, difference.new
    if operation in {"create", "delete"}:
        return f"      {difference.path}: {new if operation == 'create' else old}", "dim"
    value = f"{_NOTHING if old is None else old} → {_NOTHING if new is None else new}"
    if drift:
        value = f"was {_NOTHING if old is None else old}, is {_NOTHING if new is None else new}"
    mark = "   (forces the replacement)" if difference.forces else ""
    return f"      {difference.path}: {value}{mark}", "red" if difference.forces else ""


def _ordered(changes: Iterable[Change]) -> list[Change]:
    order = list(SIGNS)
    return sorted(changes, key=lambda c: (order.index(c.operation), short_type(c.type), c.name))
