"""A measured figure, its limit and its parts; how they are printed."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One measurement. A ratio below 1 keeps the limit."""

    name: str
    value: float
    limit: float
    unit: str
    parts: dict[str, float] = field(default_factory=dict[str, float])
    problem: str | None = None
    """What was wrong besides the value."""
    each: dict[str, float] = field(default_factory=dict[str, float])
    """What one of the measured things cost, by its unit."""

    @property
    def ratio(self) -> float:
        return self.value / self.limit

    @property
    def kept(self) -> bool:
        """Whether the figure is within its limit and nothing else was wrong."""
        return self.ratio <= 1 and self.problem is None

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {**asdict(self), "ratio": round(self.ratio, 3), "kept": self.kept}

    def lines(self) -> list[str]:
        """For a person: the figure, then each part's share, the greatest first and the unexplained last."""
        verdict = "ok" if self.kept else self.problem or "over its limit"
        measured = f"{self.value:.1f} of {self.limit:g} {self.unit}"
        lines = [f"{self.name:<24} {measured:<24} ratio {self.ratio:.2f}  {verdict}"]
        rest = self.value - sum(self.parts.values())
        shown = sorted(self.parts.items(), key=lambda part: -part[1])
        for name, value in [*shown, ("other", rest)] if self.parts else []:
            lines.append(f"    {name:<20} {value:8.1f} {self.unit:<4} {100 * value / self.value:5.1f} %")
        lines += [f"    each {value:.2f} {unit}" for unit, value in self.each.items()]
        return lines
