"""Which operations keep writers waiting while a table is copied. Pure.

InnoDB changes most things in place while others write. The rest it does by copying the table, and until the copy
is whole nobody writes. What is said here holds for MySQL 8.0, which is the stricter: MariaDB since 11.2 copies while
others write, unless `old_mode` has LOCK_ALTER_TABLE_COPY
(https://mariadb.com/docs/server/reference/sql-statements/data-definition/alter/alter-table/online-schema-change).
Sources: https://dev.mysql.com/doc/refman/8.0/en/innodb-online-ddl-operations.html for each operation;
https://bugs.mysql.com/bug.php?id=117450 for checks; https://dev.mysql.com/worklog/task/?id=6554 for longer texts.
tests/shop/test_migration_locks.py compares with the statements that Django makes, on a server.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping

from shopctl.migrations.rules import Said, about
from shopctl.migrations.tables import RELATIONS, Column, Tables, defined
from shopctl.migrations.text import Migration, argument, kind, model, named, text

MANY = 200_000
"""Rows. A copy moves some 100,000 in a second on a small instance, and 2 s is what a buyer waits without noticing."""

CHECKED = frozenset({"PositiveSmallIntegerField", "PositiveIntegerField", "PositiveBigIntegerField"})
"""Kinds that Django makes a CHECK for."""

BYTES = 4
"""Of a character in utf8mb4. A text's length takes one byte up to 255 bytes, two beyond."""

LOCKING = re.compile(
    r"\b(algorithm\s*=\s*copy|lock\s*=\s*(shared|exclusive)|lock\s+tables?)\b", re.IGNORECASE
)
"""In SQL: what asks for a lock by itself. Which table it is about is not read from it."""

INSTEAD = "let it be done at a quiet hour by a tool that copies bit by bit (gh-ost, pt-online-schema-change)"
OWN_INDEX = "give it db_constraint=False, as between domains; its index is made while others write"
NO_CHECK = "take a kind without a check (IntegerField, BigIntegerField) and keep to it in the code"


def locks(migration: Migration, call: ast.Call, tables: Tables) -> Iterator[tuple[str, Said]]:
    """The table that an operation copies, with why and what to do instead."""
    key = (migration.app, model(call).lower())
    if key in tables.new or kind(call) == "CreateModel":
        return
    for reason, instead in _reasons(migration, call, tables):
        yield tables.table(*key), Said(about(call), f"nobody writes to the table while {reason}", instead)


def _reasons(migration: Migration, call: ast.Call, tables: Tables) -> Iterator[tuple[str, str]]:
    match kind(call):
        case "AddField" if new := defined(call):
            if new.constrained:
                yield "it is copied for a foreign key", OWN_INDEX
            elif new.kind in CHECKED:
                yield "it is copied for a column with a check", NO_CHECK
            elif new.kind == "GeneratedField" and _stored(argument(call, "field", 2)):
                yield "it is copied for a stored column", "give it db_persist=False"
        case "AlterField" if new := defined(call):
            old = tables.columns.get((*_key(migration, call), text(call, "name", 1).lower()))
            if old and (why := _altered(old, new)):
                yield why, INSTEAD
        case "AddConstraint" if "CheckConstraint" in _constraint(call):
            yield "it is copied for a check", INSTEAD
        case "AddIndex" if "FullText" in ast.unparse(call):
            yield "the words are indexed", INSTEAD
        case "RunSQL":
            yield from _of_sql(ast.unparse(argument(call, "sql", 0) or call))


def _of_sql(sql: str) -> Iterator[tuple[str, str]]:
    if asked := LOCKING.search(sql):
        yield f"its SQL says {asked[0].upper()}", INSTEAD
    elif re.search(r"\bupdate\b", sql, re.IGNORECASE):
        yield "all of its rows are changed at once", "change them in batches, in a RunPython"


def _altered(old: Column, new: Column) -> str:
    if old.kind != new.kind and not (old.kind in RELATIONS and new.kind in RELATIONS):
        return f"it is copied for a column of another type ({new.kind} for {old.kind})"
    if old.length and new.length and new.length < old.length:
        return "it is copied for a shorter column"
    if old.length and new.length and old.length * BYTES <= 255 < new.length * BYTES:
        return f"it is copied for a text that may be longer than {255 // BYTES} characters for the first time"
    if new.constrained and not old.constrained:
        return "it is copied for a foreign key"
    return ""


def refused(rows: Mapping[str, int], table: str) -> bool:
    """Whether the table is known to be too large for a copy while buyers wait."""
    return rows.get(table, 0) >= MANY


def _key(migration: Migration, call: ast.Call) -> tuple[str, str]:
    return migration.app, model(call).lower()


def _constraint(call: ast.Call) -> str:
    node = argument(call, "constraint", 1)
    return named(node.func) if isinstance(node, ast.Call) else ""


def _stored(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Call) and any(
        word.arg == "db_persist" and isinstance(word.value, ast.Constant) and word.value.value is True
        for word in node.keywords
    )
