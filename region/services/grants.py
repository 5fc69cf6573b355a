"""MySQL privileges: what is asked for, what is there, and the statements between the two. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from region.errors import RegionError
from region.services import sql

MANAGED_ROOT = (
    "SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "RELOAD", "PROCESS", "REFERENCES", "INDEX",
    "ALTER", "SHOW DATABASES", "CREATE TEMPORARY TABLES", "LOCK TABLES", "EXECUTE", "REPLICATION SLAVE",
    "REPLICATION CLIENT", "CREATE VIEW", "SHOW VIEW", "CREATE ROUTINE", "ALTER ROUTINE",
    "CREATE USER", "EVENT", "TRIGGER",
)  # fmt: skip
"""What a managed instance gives its root and lets it give on: no SUPER, FILE, SHUTDOWN or the like."""

GLOBAL = (
    "SELECT", "RELOAD", "PROCESS", "SHOW DATABASES", "REPLICATION SLAVE", "REPLICATION CLIENT", "SHOW VIEW",
    "CREATE USER",
)  # fmt: skip
"""Those of them that root has everywhere: what only looks, and what belongs to no database."""

_HERE = {"REPLICATION CLIENT": ("BINLOG MONITOR", "SLAVE MONITOR")}
"""MySQL's privileges that are several ones in MariaDB."""
_ASKED = {here: mysql for mysql, several in _HERE.items() for here in several}

Grant = tuple[str, str]
"""Scope and privilege, as both stand in a GRANT statement."""

Asked = dict[str, list[Any]]
"""`globals`, `databases`, `tables` and `columns` as the privilege resource has them."""


def _words(privileges: Iterable[str]) -> list[str]:
    found: list[str] = []
    for privilege in privileges:
        word = " ".join(privilege.upper().split())
        if word not in MANAGED_ROOT:
            raise RegionError(f"privilege {privilege!r} cannot be given on a managed instance")
        found += _HERE.get(word, (word,))
    return found


def wanted(inputs: Mapping[str, Any]) -> set[Grant]:
    """What a privilege resource asks for."""
    grants: set[Grant] = {("*.*", word) for word in _words(inputs.get("globals") or ())}
    for entry in inputs.get("databases") or ():
        grants |= {(f"{sql.pattern(entry['databaseName'])}.*", word) for word in _words(entry["privileges"])}
    for entry in inputs.get("tables") or ():
        grants |= {(_table(entry), word) for word in _words(entry["privileges"])}
    for entry in inputs.get("columns") or ():
        column = sql.identifier(entry["columnName"])
        grants |= {(_table(entry), f"{word} ({column})") for word in _words(entry["privileges"])}
    return grants


def _table(entry: Mapping[str, Any]) -> str:
    return f"{sql.identifier(entry['databaseName'])}.{sql.identifier(entry['tableName'])}"


def query(name: str, host: str) -> str:
    """The statement that `observed` reads the rows of: database pattern, table, column, privilege."""
    # GRANTEE is the account quoted by plain apostrophes, whatever is in its name.
    grantee = sql.text(f"'{name}'@'{host}'")
    where = f"WHERE GRANTEE = {grantee} AND PRIVILEGE_TYPE <> 'USAGE'"
    tables = {
        "USER_PRIVILEGES": "'', '', ''",
        "SCHEMA_PRIVILEGES": "TABLE_SCHEMA, '', ''",
        "TABLE_PRIVILEGES": "TABLE_SCHEMA, TABLE_NAME, ''",
        "COLUMN_PRIVILEGES": "TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME",
    }
    parts = [
        f"SELECT {names}, PRIVILEGE_TYPE FROM information_schema.{table} {where}"  # noqa: S608
        for table, names in tables.items()
    ]
    return " UNION ALL ".join(parts) + ";"


def observed(rows: Iterable[list[str]]) -> set[Grant]:
    """The grants in the rows of `query`."""
    found: set[Grant] = set()
    for row in rows:
        database, table, column, privilege = row
        if column:
            found.add(
                (
                    f"{sql.identifier(database)}.{sql.identifier(table)}",
                    f"{privilege} ({sql.identifier(column)})",
                )
            )
        elif table:
            found.add((f"{sql.identifier(database)}.{sql.identifier(table)}", privilege))
        else:
            found.add((f"{sql.identifier(database)}.*" if database else "*.*", privilege))
    return found


def change(name: str, host: str, now: set[Grant], then: set[Grant]) -> list[str]:
    """The statements from what is to what shall be; what is given comes first: nobody is without a right
    that stays in another form."""
    who = sql.account(name, host)
    given = [f"GRANT {', '.join(words)} ON {scope} TO {who};" for scope, words in _by_scope(then - now)]
    return given + [
        f"REVOKE {', '.join(words)} ON {scope} FROM {who};" for scope, words in _by_scope(now - then)
    ]


def _by_scope(grants: set[Grant]) -> list[tuple[str, list[str]]]:
    scopes: dict[str, list[str]] = {}
    for scope, word in sorted(grants):
        scopes.setdefault(scope, []).append(word)
    return sorted(scopes.items())


def root_grants() -> list[str]:
    """Everything that the root of a managed instance may do.

    What writes is given by a pattern of databases, and `mysql` apart from it: of two patterns the server takes the
    narrower one. Else root could write its own privileges, or the name of a plugin, into the system's tables.
    """
    who = sql.account("root", sql.HOSTS)
    everywhere = _words(word for word in MANAGED_ROOT if word in GLOBAL)
    inside = _words(word for word in MANAGED_ROOT if word not in GLOBAL)
    return [
        f"REVOKE {', '.join(inside)} ON *.* FROM {who};",
        f"GRANT {', '.join(everywhere)} ON *.* TO {who} WITH GRANT OPTION;",
        f"GRANT SELECT, {', '.join(inside)} ON `%`.* TO {who} WITH GRANT OPTION;",
        f"GRANT SELECT ON `mysql`.* TO {who};",
    ]


def asked(rows: Iterable[list[str]]) -> Asked:
    """The rows of `query` in the form of the privilege resource's inputs."""
    found: dict[tuple[str, ...], set[str]] = {}
    for database, table, column, privilege in rows:
        plain = database if table else database.replace("\\_", "_").replace("\\%", "%").replace("\\\\", "\\")
        found.setdefault((plain, table, column), set()).add(_ASKED.get(privilege, privilege))
    result: Asked = {
        "globals": sorted(found.pop(("", "", ""), ())),
        "databases": [],
        "tables": [],
        "columns": [],
    }
    for (database, table, column), words in sorted(found.items()):
        entry: dict[str, Any] = {"databaseName": database, "privileges": sorted(words)}
        if column:
            result["columns"].append({**entry, "tableName": table, "columnName": column})
        elif table:
            result["tables"].append({**entry, "tableName": table})
        else:
            result["databases"].append(entry)
    return result
