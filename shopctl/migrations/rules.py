"""What code can live with: that of the release that runs before a deploy, that of the new one after it. Pure.

A pre-deploy migration has the old code on the new tables, while hosts are changed and again after a rollback. A
post-deploy one has the new code on the old tables until it runs. So the first may add, the second may take away, and
what either code would trip over is done by neither.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from shopctl.migrations.tables import Column, Tables, defined
from shopctl.migrations.text import Migration, argument, kind, model, text

LATER = "put it into a migration with post_deploy = True, once no code uses it"
TIGHTER = "first release code that keeps to it, then put it into a migration with post_deploy = True"
ANEW = "add a new {0}, write both, move the content, and remove the old one in a later release"
EARLIER = "take post_deploy = True from it: what adds comes before the code that needs it"

RENAMED = {"RenameField": "column", "RenameModel": "table", "AlterModelTable": "table"}
WIDER = frozenset(
    {
        ("SmallIntegerField", "IntegerField"),
        ("SmallIntegerField", "BigIntegerField"),
        ("IntegerField", "BigIntegerField"),
        ("PositiveSmallIntegerField", "PositiveIntegerField"),
        ("PositiveSmallIntegerField", "PositiveBigIntegerField"),
        ("PositiveIntegerField", "PositiveBigIntegerField"),
        ("AutoField", "BigAutoField"),
        ("ForeignKey", "OneToOneField"),
        ("OneToOneField", "ForeignKey"),
    }
)
"""Kinds of which the second holds all that the first does; uniqueness is judged by itself."""

TAKES_AWAY = re.compile(
    r"\b(drop|truncate|rename|delete\s+from|modify|change\s+column|add\s+(constraint|unique|check)"
    r"|(?<!is )not\s+null(?!\s+default))\b",
    re.IGNORECASE,
)
"""In SQL."""


@dataclass(frozen=True)
class Said:
    """A judgement of one operation: about what, why, and what to do instead."""

    operation: str
    reason: str
    instead: str


def judge(migration: Migration, call: ast.Call, tables: Tables) -> Iterator[Said]:
    """What is wrong with an operation of a migration that is pending."""
    if (migration.app, model(call).lower()) in tables.new and kind(call) != "CreateModel":
        return
    judged = _after(migration, call, tables) if migration.post_deploy else _before(migration, call, tables)
    yield from (Said(about(call), reason, instead) for reason, instead in judged)


def about(call: ast.Call) -> str:
    """`RemoveField order.remark`."""
    name = text(call, "name", 1) or text(call, "old_name", 1)
    what = f"{model(call)}.{name}" if "Field" in kind(call) else model(call)
    return f"{kind(call)} {what}".rstrip()


def _before(migration: Migration, call: ast.Call, tables: Tables) -> Iterator[tuple[str, str]]:
    match kind(call):
        case "RemoveField":
            yield "the release that runs still uses the column", LATER
        case "DeleteModel":
            yield "the release that runs still uses the table", LATER
        case "RenameField" | "RenameModel" | "AlterModelTable" if _renames(migration, call, tables):
            what = RENAMED[kind(call)]
            yield f"the release that runs knows the {what} by its old name", ANEW.format(what)
        case "AddField" if new := defined(call):
            yield from _added(new)
        case "AlterField" if new := defined(call):
            if old := _old(migration, call, tables):
                yield from _retyped(old, new)
                yield from _narrowed(old, new)
        case "AddConstraint":
            yield "the release that runs may write what it forbids", TIGHTER
        case "AlterUniqueTogether" if _any(argument(call, "unique_together", 1)):
            yield "the release that runs may write what it forbids", TIGHTER
        case "RemoveConstraint" | "AlterUniqueTogether":
            yield "the release that runs may rely on it to refuse what is there twice", LATER
        case "RemoveIndex":
            yield "the release that runs reads the whole table without it", LATER
        case "RunSQL" if TAKES_AWAY.search(ast.unparse(argument(call, "sql", 0) or call)):
            yield "its SQL takes something away, or narrows", LATER


def _after(migration: Migration, call: ast.Call, tables: Tables) -> Iterator[tuple[str, str]]:
    match kind(call):
        case "CreateModel" | "AddField":
            yield "the new release's code runs before it and needs it", EARLIER
        case "RenameField" | "RenameModel" | "AlterModelTable" if _renames(migration, call, tables):
            what = RENAMED[kind(call)]
            yield "the new release's code runs before it and knows only the new name", ANEW.format(what)
        case "RemoveField" if (old := _old(migration, call, tables)) and not old.filled:
            yield (
                "the new release's code runs before it and inserts rows without the column, which takes no NULL",
                "before it, in a migration without post_deploy, give the field null=True or db_default=...",
            )
        case "AlterField" if (new := defined(call)) and (old := _old(migration, call, tables)):
            yield from _retyped(old, new)
            if new.null and not old.null:
                yield "the new release's code runs before it and may write NULL there", EARLIER
            if new.db_default and not old.filled:
                yield "the new release's code runs before it and leaves the value to the database", EARLIER
            if _longer(old, new):
                yield "the new release's code runs before it and may write longer values", EARLIER


def _added(new: Column) -> Iterator[tuple[str, str]]:
    if not new.filled:
        yield (
            "the release that runs inserts rows without it (Django keeps no default in the database)",
            "give it null=True or db_default=...",
        )
    elif new.unique and not new.null:
        yield "every row would have the same value where no two may", "give it null=True and no default"


def _retyped(old: Column, new: Column) -> Iterator[tuple[str, str]]:
    if old.kind != new.kind and (old.kind, new.kind) not in WIDER:
        yield f"a {old.kind} becomes a {new.kind}", ANEW.format("field")
    if old.column != new.column:
        yield "the column gets another name in the database", ANEW.format("field")


def _narrowed(old: Column, new: Column) -> Iterator[tuple[str, str]]:
    if old.null and not new.filled:
        yield (
            "the release that runs writes NULL there",
            "first release code that always gives a value, then forbid NULL in a migration with "
            "post_deploy = True; or give it db_default=...",
        )
    elif old.db_default and not new.filled:
        yield "the release that runs leaves the value to the database", TIGHTER
    if old.kind == new.kind and _longer(new, old):
        yield f"it takes {new.length} characters where it took {old.length}", TIGHTER
    if new.unique and not old.unique:
        yield "the release that runs may write what it forbids", TIGHTER
    if old.unique and not new.unique:
        yield "the release that runs may rely on it to refuse what is there twice", LATER
    if new.constrained and not old.constrained:
        yield "the release that runs may write what the foreign key forbids", TIGHTER


def _longer(old: Column, new: Column) -> bool:
    return bool(old.length and new.length and new.length > old.length)


def _old(migration: Migration, call: ast.Call, tables: Tables) -> Column | None:
    return tables.columns.get((migration.app, model(call).lower(), text(call, "name", 1).lower()))


def _renames(migration: Migration, call: ast.Call, tables: Tables) -> bool:
    """Whether the database hears of it: a column or table with a name of its own keeps that."""
    key = (migration.app, model(call).lower())
    if kind(call) == "RenameField":
        old = tables.columns.get((*key, text(call, "old_name", 1).lower()))
        return not (old and old.column)
    if kind(call) == "AlterModelTable":
        return tables.table(*key) != text(call, "table", 1)
    return key not in tables.names


def _any(node: ast.expr | None) -> bool:
    return not (isinstance(node, ast.Set | ast.List | ast.Tuple) and not node.elts) and not (
        isinstance(node, ast.Call) and not node.args
    )
