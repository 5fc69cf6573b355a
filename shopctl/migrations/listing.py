"""What `manage.py migrations --list` tells, in a container of the release that runs. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from shopctl.migrations.phases import Applied


@dataclass(frozen=True)
class Told:
    """The migrations that the database has, and about how many rows each of its tables."""

    applied: tuple[Applied, ...] = ()
    rows: Mapping[str, int] = field(default_factory=dict[str, int])

    @property
    def names(self) -> tuple[str, ...]:
        """Of the applied ones."""
        return tuple(migration.name for migration in self.applied)


def told(said: str) -> Told | None:
    """Of its output; None for something else, as releases from before it had none."""
    for line in said.splitlines():
        if line.startswith("{"):
            try:
                found = json.loads(line)
                known = found["migrations"]
                applied = tuple(Applied(one["name"], one["takes_away"]) for one in known if one["applied"])
                return Told(applied, {table: int(rows) for table, rows in found["rows"].items()})
            except (ValueError, KeyError, TypeError):
                return None
    return None
