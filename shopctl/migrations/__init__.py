"""Which migrations a deploy may run, and when: read as text, never imported. Pure but for the reading.

`text` reads a migration, `tables` keeps what the tables look like, `rules` says what code can live with, `locks` what
keeps writers waiting, `phases` what runs when; `listing` reads what a running release tells of its database.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from shopctl.errors import BadInputError
from shopctl.migrations import locks, phases, rules, warned
from shopctl.migrations.listing import Told, told
from shopctl.migrations.phases import Applied, Phases, blocking
from shopctl.migrations.rules import Said
from shopctl.migrations.tables import Tables
from shopctl.migrations.text import Migration, parse

__all__ = [
    "Applied",
    "Phases",
    "Refusal",
    "Told",
    "blocking",
    "read",
    "refusals",
    "split",
    "told",
    "warnings",
]


@dataclass(frozen=True)
class Refusal:
    """What is wrong with an operation of a migration, and how to do it instead."""

    migration: str
    operation: str
    reason: str
    instead: str

    def __str__(self) -> str:
        return f"{self.migration}: {self.operation}: {self.reason}; {self.instead}"


def read(source: Path) -> dict[str, str]:
    """The texts of a project's migrations, by `app.name`; sorted, that is their order within an app."""
    return {f"{file.parent.parent.name}.{file.stem}": file.read_text() for file in sorted(_files(source))}


def split(texts: Mapping[str, str], applied: Iterable[str]) -> Phases:
    """The migrations that the database lacks, by when they run."""
    return phases.split(phases.pending(_parsed(texts), applied))


def refusals(
    texts: Mapping[str, str], applied: Iterable[str], rows: Mapping[str, int] | None = None
) -> list[Refusal]:
    """What no deploy does of the migrations that are not `applied` yet. `rows`: about how many each table has; where
    that is known, large tables are not copied while buyers wait."""
    known, parsed = rows or {}, _parsed(texts)
    pending = phases.pending(parsed, applied)
    # An empty database has no old code: everything runs before the first release.
    turns = phases.disordered(pending) if len(pending) < len(parsed) else []
    found = [Refusal(name, *_of(said)) for name, said in turns]
    for migration, judged, locked in _walk(parsed, pending):
        if not migration.assured:
            found += [Refusal(migration.name, *_of(said)) for said in judged]
            found += [
                _large(migration, table, said, known) for table, said in locked if locks.refused(known, table)
            ]
    return found


def warnings(
    texts: Mapping[str, str], applied: Iterable[str], rows: Mapping[str, int] | None = None
) -> list[str]:
    """What a person should know before the pending migrations run."""
    known, parsed, found = rows or {}, _parsed(texts), list[str]()
    pending = phases.pending(parsed, applied)
    for migration, judged, locked in _walk(parsed, pending):
        if migration.assured and (judged or locked):
            found.append(f"{migration.name}: let through, as it says: {migration.assured}")
        else:
            small = [said for table, said in locked if not locks.refused(known, table)]
            found += [str(Refusal(migration.name, *_of(said))) for said in small]
        found += [str(Refusal(migration.name, *_of(said))) for said in warned.warnings(migration)]
    return found


_Judged = tuple[Migration, list[Said], list[tuple[str, Said]]]


def _walk(parsed: Iterable[Migration], pending: Iterable[Migration]) -> Iterator[_Judged]:
    """The pending ones, each with what is judged of it and which tables it copies."""
    new, tables = {migration.name for migration in pending}, Tables()
    for migration in parsed:
        judged, locked = list[Said](), list[tuple[str, Said]]()
        for call in migration.operations:
            if migration.name in new:
                judged += rules.judge(migration, call, tables)
                locked += locks.locks(migration, call, tables)
            tables.note(migration, call, new=migration.name in new)
        if migration.name in new:
            yield migration, judged, locked


def _parsed(texts: Mapping[str, str]) -> list[Migration]:
    found = list[Migration]()
    for name in sorted(texts):
        try:
            found.append(parse(name, texts[name]))
        except SyntaxError as error:
            raise BadInputError(f"the migration {name} is no Python: {error}") from error
    return found


def _of(said: Said) -> tuple[str, str, str]:
    return said.operation, said.reason, said.instead


def _large(migration: Migration, table: str, said: Said, rows: Mapping[str, int]) -> Refusal:
    return Refusal(
        migration.name, said.operation, f"{said.reason}, and {table} has {rows[table]:,} rows", said.instead
    )


def _files(source: Path) -> Iterator[Path]:
    return (file for file in source.glob("*/migrations/*.py") if file.stem != "__init__")
