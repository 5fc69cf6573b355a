"""Where the data of a rehearsal comes from. Today the database itself, from its replica where there is one.

What writes SQL to its standard output on the ops host is a source: a restored backup can take this one's place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from infra.outputs import StackOutputs

Argv = tuple[str, ...]

MEASURE = (
    "SELECT COALESCE(SUM(data_length + index_length), 0), COALESCE(MAX(data_length + index_length), 0) "
    "FROM information_schema.tables WHERE table_schema = DATABASE()"
)
"""Bytes of the database, and of its largest table."""

APPLIED = "SELECT CONCAT(app, '.', name) FROM django_migrations"
"""Django's own account, as `showmigrations` reads it."""


@dataclass(frozen=True)
class Stream:
    """Processes on the ops host, each reading what the one before writes; the last one writes what is wanted. `text` is
    what the first one reads, `environment` what they are told in secret."""

    commands: tuple[Argv, ...]
    environment: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    text: str = ""


class Source(Protocol):
    """A copy of the database as SQL."""

    @property
    def label(self) -> str:
        """What it is, for a person."""
        ...

    def measure(self) -> Stream:
        """Writes two numbers: bytes in all, and of the largest table."""
        ...

    def applied(self) -> Stream:
        """Writes the migrations that the copy will have, `app.name` a line."""
        ...

    def copy(self) -> Stream:
        """Writes the SQL that makes the copy."""
        ...


@dataclass(frozen=True)
class Dump:
    """A dump of one moment, which holds up nobody. The account is the one that backups are made with."""

    label: str
    host: str
    port: int
    database: str
    user: str
    password: str = field(repr=False)

    def measure(self) -> Stream:
        """Asks the server for its estimates."""
        return self._asked(MEASURE)

    def applied(self) -> Stream:
        """Asks the server."""
        return self._asked(APPLIED)

    def copy(self) -> Stream:
        """`mariadb-dump` writes while it reads, table by table."""
        options = ("--single-transaction", "--quick", "--skip-lock-tables", "--no-tablespaces", "--hex-blob")
        return Stream((("mariadb-dump", *self._where(), *options, self.database),), self._secret())

    def _asked(self, question: str) -> Stream:
        argv = ("mariadb", *self._where(), "--batch", "--skip-column-names", self.database)
        return Stream((argv,), self._secret(), question)

    def _where(self) -> Argv:
        return ("--no-defaults", f"--host={self.host}", f"--port={self.port}", f"--user={self.user}")

    def _secret(self) -> dict[str, str]:
        return {"MYSQL_PWD": self.password}


def of_stack(outputs: StackOutputs) -> Dump:
    """The stack's database."""
    mysql = outputs.mysql
    replica = mysql.replica
    return Dump(
        label="the replica" if replica else "the primary (there is no replica)",
        host=replica.host if replica else mysql.host,
        port=replica.port if replica else mysql.port,
        database=mysql.database,
        user=mysql.backup.user,
        password=mysql.backup.password.get_secret_value(),
    )
