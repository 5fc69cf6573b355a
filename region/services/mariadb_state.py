"""What a running MariaDB says of itself, and what has to be done to bring it to its settings. Pure.

The server tells of each variable where its value comes from: a value that somebody set by hand (origin `SQL`) shows
even when nobody asked for that variable.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from region.errors import RegionError
from region.services import sql
from region.services.mariadb_config import CONFIG, Settings, wanted

UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
TRUTH = {"1": "ON", "TRUE": "ON", "YES": "ON", "0": "OFF", "FALSE": "OFF", "NO": "OFF"}
SWITCHES = ("BOOLEAN", "ENUM", "SET", "FLAGSET")
MODES = frozenset(("ANSI", "TRADITIONAL", "ORACLE", "MSSQL", "DB2", "MAXDB", "POSTGRESQL"))
"""Values of sql_mode that the server adds their parts to."""
MOVING = ("gtid_", "tx_")
"""Variables that say where replication stands, and old names of others: a value of theirs is no setting."""

Origin = Literal["config", "sql", "other"]


@dataclass(frozen=True)
class Variable:
    """A variable of the running server. `number` has `low`, `high` and the `block` that values are cut to."""

    name: str
    value: str
    default: str = ""
    kind: str = "VARCHAR"
    dynamic: bool = True
    origin: Origin = "other"
    low: float = float("-inf")
    high: float = float("inf")
    block: int = 0

    @property
    def number(self) -> bool:
        return "INT" in self.kind or self.kind == "DOUBLE"


@dataclass(frozen=True)
class Login:
    """An account as the server keeps it: of its password only the hash."""

    password_hash: str
    connections: int
    locked: bool

    def opens(self, password: str) -> bool:
        """Whether that password lets somebody in."""
        return not self.locked and self.password_hash == password_hash(password)


@dataclass(frozen=True)
class Replication:
    """The two halves of replication, in the server's words, and the source that it follows."""

    receiving: str
    applying: str
    delay: int = 0

    @property
    def works(self) -> bool:
        return self.receiving == self.applying == "Yes"


@dataclass(frozen=True)
class Seen:
    """One server as it is just now."""

    variables: dict[str, Variable]
    replication: Replication | None
    root: Login | None


def password_hash(password: str) -> str:
    """What mysql_native_password keeps of a password."""
    # The protocol's own choice; nothing else of the region is guarded by it.
    inner = hashlib.sha1(password.encode(), usedforsecurity=False).digest()
    return "*" + hashlib.sha1(inner, usedforsecurity=False).hexdigest().upper()


def queries(settings: Settings) -> list[str]:
    """The statements whose rows `seen` reads: the first column says which one a row is of."""
    names = ", ".join(sql.text(name.upper()) for name in sorted(wanted(settings)))
    path = sql.text(CONFIG)
    return [
        "SELECT 'variable', LOWER(VARIABLE_NAME), GLOBAL_VALUE, DEFAULT_VALUE, VARIABLE_TYPE, READ_ONLY, "  # noqa: S608
        "GLOBAL_VALUE_ORIGIN, GLOBAL_VALUE_PATH, NUMERIC_MIN_VALUE, NUMERIC_MAX_VALUE, NUMERIC_BLOCK_SIZE "
        "FROM information_schema.SYSTEM_VARIABLES "
        f"WHERE VARIABLE_NAME IN ({names}) OR GLOBAL_VALUE_ORIGIN = 'SQL' OR GLOBAL_VALUE_PATH = {path};",
        "SELECT 'replication', Slave_IO_Running, Slave_SQL_Running, SQL_Delay FROM information_schema.SLAVE_STATUS;",
        "SELECT 'root', " + login_query("root", sql.HOSTS),
    ]


def login_query(name: str, host: str) -> str:
    """The columns that `login` reads of one account, and the rest of that SELECT."""
    return (
        "JSON_VALUE(Priv, '$.authentication_string'), JSON_VALUE(Priv, '$.max_user_connections'), "
        "JSON_VALUE(Priv, '$.account_locked') FROM mysql.global_priv "
        f"WHERE {sql.is_account(name, host)};"
    )


def login(row: list[str]) -> Login:
    """The account in a row of `login_query`."""
    kept, connections, locked = row
    return Login(kept, int(_number(connections)), _truth(locked) == "ON")


def seen(rows: Iterable[list[str]]) -> Seen:
    """The server in the rows of `queries`."""
    variables: dict[str, Variable] = {}
    replication, root = None, None
    for kind, *row in rows:
        if kind == "variable":
            variable = _variable(row)
            variables[variable.name] = variable
        elif kind == "replication":
            replication = Replication(row[0], row[1], int(_number(row[2])))
        else:
            root = login(row)
    return Seen(variables, replication, root)


def _variable(row: list[str]) -> Variable:
    name, value, default, kind, readonly, origin, path, low, high, block = row
    where: Origin = "sql" if origin == "SQL" else "config" if path == CONFIG else "other"
    bounds = (float(low), float(high)) if _is_number(low) and _is_number(high) else (0.0, float("inf"))
    return Variable(name, value, default, kind, readonly == "NO", where, *bounds, int(_number(block)))


def _number(text: str) -> float:
    return float(text) if _is_number(text) else 0


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdigit()


def drifted(settings: Settings, variables: Mapping[str, Variable]) -> dict[str, str]:
    """The variables that are not as the settings have them, with their values."""
    asked = wanted(settings)
    found: dict[str, str] = {}
    for name, variable in variables.items():
        if name in asked:
            if not same(variable, asked[name]):
                found[name] = variable.value
        elif _astray(variable) and not same(variable, variable.default):
            found[name] = variable.value
    return found


def _astray(variable: Variable) -> bool:
    """Whether a variable that nobody asks for was set all the same: by hand, or by settings of before."""
    return variable.origin in ("sql", "config") and not variable.name.startswith(MOVING)


def repair(settings: Settings, variables: Mapping[str, Variable]) -> tuple[list[str], bool]:
    """What to do on a running server that is to have these settings: statements, and whether it has to restart."""
    asked, statements, restart = wanted(settings), list[str](), False
    for name in sorted(drifted(settings, variables)):
        variable = variables[name]
        if not variable.dynamic:
            restart = True
        elif name in asked:
            statements.append(f"SET GLOBAL {name} = {literal(asked[name], variable)};")
        else:
            statements.append(f"SET GLOBAL {name} = DEFAULT;")
    return statements, restart


def same(variable: Variable, asked: str) -> bool:
    """Whether a variable's value is what the server makes of `asked`."""
    value = variable.value
    if variable.number:
        return _size(value) == _cut(_size(asked), variable)
    if variable.kind in ("SET", "FLAGSET"):
        there, wish = (frozenset(_truth(part) for part in text.split(",") if part) for text in (value, asked))
        return there == wish or bool(wish & MODES and wish <= there)
    if variable.kind == "BOOLEAN":
        # `log_bin` is switched on by the name of a file.
        return _truth(value) == _truth(asked) or (value == "ON" and asked.startswith("/"))
    return _truth(value) == _truth(asked) if variable.kind in SWITCHES else value.lower() == asked.lower()


def _truth(text: str) -> str:
    return TRUTH.get(text.strip().upper(), text.strip().upper())


def _size(text: str) -> float | None:
    unit = UNITS.get(text[-1:].upper())
    digits = text[:-1] if unit else text
    return float(digits) * (unit or 1) if _is_number(digits) else None


def _cut(asked: float | None, variable: Variable) -> float | None:
    if asked is None:
        return None
    cut = min(max(asked, variable.low), variable.high)
    return cut - cut % variable.block if variable.block > 1 else cut


def literal(value: str, variable: Variable) -> str:
    """A value in SET GLOBAL, which knows no units."""
    if not variable.number:
        return sql.text(value)
    size = _size(value)
    if size is None:
        raise RegionError(f"MySQL parameter {variable.name!r} has to be a number, not {value!r}")
    return str(int(size)) if size.is_integer() else str(size)
