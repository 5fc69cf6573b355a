"""What is no reason to refuse a migration, but to look at it again. Pure.

What django-migration-linter warns of (https://github.com/3YOURMIND/django-migration-linter/blob/main/docs/incompatibilities.md),
and what a database without transactions over DDL adds to it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from shopctl.migrations.rules import Said
from shopctl.migrations.text import Migration, argument, kind

REVERSE = {"RunPython": ("reverse_code", 1), "RunSQL": ("reverse_sql", 1)}


def warnings(migration: Migration) -> Iterator[Said]:
    """Of one pending migration."""
    kinds = [kind(call) for call in migration.operations]
    for call in migration.operations:
        yield from _own(call)
    data = [name for name in kinds if name in REVERSE]
    if data and len(data) < len(kinds):
        yield Said(
            data[0],
            "it stands beside changes of tables, which MySQL cannot take back when it fails",
            "give it a migration of its own",
        )
    if migration.models and "RunPython" in kinds:
        yield Said(
            "RunPython",
            f"it may use models of today ({', '.join(migration.models)}), which later releases change",
            "take them from apps.get_model()",
        )


def _own(call: ast.Call) -> Iterator[Said]:
    name = kind(call)
    if name in REVERSE and argument(call, *REVERSE[name]) is None:
        noop = f"migrations.{name}.noop"
        yield Said(
            name,
            "it has no way back; after the deploy, no release from before it can come back either",
            f"give it {REVERSE[name][0]}, {noop} where going back needs nothing",
        )
