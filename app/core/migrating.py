"""Migrations in two phases: before the hosts get a release, and after all of them have it.

A migration with the class attribute `post_deploy = True` waits for the second. Whoever migrates holds a lock of the
database, so that two who do it at once take turns; and a statement that waits for a table gives way after a moment
and tries again, because everybody who comes after it waits with it.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from django.core.management.sql import emit_post_migrate_signal, emit_pre_migrate_signal
from django.db import OperationalError, connection
from django.db.migrations import Migration, RunPython, RunSQL, operations
from django.db.migrations.executor import MigrationExecutor

Phase = Literal["pre", "post", "all"]
Say = Callable[[str], object]

ADDS = (operations.CreateModel, operations.AddField, operations.AddIndex, operations.RenameIndex)
LOCK = "shop-migrations-"
LOCK_SECONDS = 60
PATIENCE_SECONDS = 2
ATTEMPTS = 30
PAUSE_SECONDS = 1.0
LOCK_WAIT_TIMEOUT = 1205
FIRST = "shop_first_migrations"
"""A table that is there from the first migration of an empty database until its last, so that one that was killed
between them goes on as it began."""


class MigrationsError(Exception):
    """Migrations cannot run as they are; the message says which, and what to do."""


@dataclass(frozen=True)
class Known:
    """A migration of this release. `takes_away`: code from before it would miss something."""

    name: str
    applied: bool
    post_deploy: bool
    takes_away: bool


def listing() -> list[Known]:
    """Every migration of this release, in the order in which they would run."""
    executor = MigrationExecutor(connection)
    applied = set(executor.loader.applied_migrations)
    return [
        Known(_name(found), (found.app_label, found.name) in applied, _waits(found), _takes_away(found))
        for found in _ordered(executor)
    ]


def rows() -> dict[str, int]:
    """About how many rows each table has: the server's own estimate."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, table_rows FROM information_schema.tables "
            "WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' ORDER BY table_name"
        )
        return {name: int(count or 0) for name, count in cursor.fetchall()}


def pending(phase: Phase) -> list[str]:
    """What `apply` would do. Raises MigrationsError as it does."""
    return [_name(found) for found in _chosen(MigrationExecutor(connection), phase)]


def apply(phase: Phase, say: Say = print) -> int:
    """Applies the phase's pending migrations and returns how many there were; `say` hears of each, with its seconds.

    `all` is for where no code runs: a shop that is set up, or stopped. An empty database takes `pre` for that.

    Raises MigrationsError for a migration that would come before one that it builds on, when somebody else migrates
    for longer than a minute, and when a table stays in use.
    """
    with _unhurried(), _alone():
        executor = MigrationExecutor(connection, _teller(say))
        executor.loader.check_consistent_history(connection)
        chosen = _chosen(executor, phase)
        first = phase != "post" and _is_new(executor)
        if first:
            _execute(f"CREATE TABLE IF NOT EXISTS {FIRST} (id INT PRIMARY KEY)")
        if chosen:
            emit_pre_migrate_signal(0, False, connection.alias)
        with connection.execute_wrapper(_giving_way):
            executor.migrate(executor.loader.graph.leaf_nodes(), [(found, False) for found in chosen])
        if chosen or phase != "post":
            # Also when nothing was left to do: an earlier run may have been killed before it came to this.
            emit_post_migrate_signal(0, False, connection.alias)
        if first:
            _execute(f"DROP TABLE {FIRST}")
    return len(chosen)


def _chosen(executor: MigrationExecutor, phase: Phase) -> list[Migration]:
    plan = [found for found, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    if phase == "all" or (phase == "pre" and _is_new(executor)):
        return plan
    if phase == "pre":
        _refuse_disordered(executor, plan)
    return [found for found in plan if _waits(found) == (phase == "post")]


def _is_new(executor: MigrationExecutor) -> bool:
    return not executor.loader.applied_migrations or FIRST in connection.introspection.table_names()


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _refuse_disordered(executor: MigrationExecutor, plan: list[Migration]) -> None:
    waiting = {(found.app_label, found.name) for found in plan if _waits(found)}
    for found in plan:
        needed = waiting.intersection(executor.loader.graph.forwards_plan((found.app_label, found.name)))
        if needed and not _waits(found):
            first = ", ".join(".".join(key) for key in sorted(needed))
            raise MigrationsError(
                f"{_name(found)} builds on {first}, which runs after the deploy: deploy a release without "
                f"{_name(found)} first, or give it post_deploy = True, too; where no code runs, --phase all"
            )


def _ordered(executor: MigrationExecutor) -> list[Migration]:
    leaves = executor.loader.graph.leaf_nodes()
    return [found for found, _ in executor.migration_plan(leaves, clean_start=True)]


def _waits(migration: Migration) -> bool:
    return getattr(migration, "post_deploy", False) is True


def _takes_away(migration: Migration) -> bool:
    return _waits(migration) and not all(_keeps(operation) for operation in migration.operations)


def _keeps(operation: Any) -> bool:
    """Whether code from before it misses nothing. One that a person wrote says so by a way back that does nothing."""
    if isinstance(operation, RunPython):
        return operation.reverse_code is RunPython.noop
    if isinstance(operation, RunSQL):
        return operation.reverse_sql == RunSQL.noop
    return isinstance(operation, ADDS)


def _name(migration: Migration) -> str:
    return f"{migration.app_label}.{migration.name}"


def _teller(say: Say) -> Callable[..., None]:
    began = 0.0

    def told(action: str, migration: Migration | None = None, fake: bool = False) -> None:
        nonlocal began
        if action == "apply_start":
            began = time.monotonic()
        elif action == "apply_success" and migration is not None:
            say(f"{_name(migration)} {time.monotonic() - began:.2f} s")

    return told


@contextmanager
def _unhurried() -> Iterator[None]:
    """A connection that waits as long as a statement takes: the shop's own give up after 15 s, and the server would go
    on with the table for nobody."""
    before = connection.settings_dict
    options = {**before["OPTIONS"], "read_timeout": None, "write_timeout": None}
    options["init_command"] += f", lock_wait_timeout={PATIENCE_SECONDS}"
    connection.close()
    connection.settings_dict = {**before, "OPTIONS": options}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = before


@contextmanager
def _alone() -> Iterator[None]:
    """The lock goes with the connection, whatever becomes of this process."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT GET_LOCK(CONCAT(%s, DATABASE()), %s)", [LOCK, LOCK_SECONDS])
        if cursor.fetchone() != (1,):
            raise MigrationsError(f"somebody else has been migrating this database for {LOCK_SECONDS} s")
    yield


def _giving_way(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    for _ in range(ATTEMPTS):
        try:
            return execute(sql, params, many, context)
        except OperationalError as error:
            # Within a transaction what was done before may be gone: only the whole can be done again.
            if error.args[0] != LOCK_WAIT_TIMEOUT or context["connection"].in_atomic_block:
                raise
            time.sleep(PAUSE_SECONDS)
    waited = ATTEMPTS * (PATIENCE_SECONDS + PAUSE_SECONDS)
    raise MigrationsError(f"its table stayed in use for {waited:.0f} s, see SHOW PROCESSLIST: {sql[:200]}")
