"""MariaDB's configuration as text. Pure.

A program asks for MySQL 8.0; MariaDB stands for it here. `parameters` of the resource are MySQL's: a name
that MariaDB doesn't know is passed over, by the `loose_` prefix that both servers understand.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import Literal

from region.errors import RegionError
from region.services import sql

Role = Literal["primary", "standby", "readonly"]

CERTIFICATE, KEY = "/etc/mysql/server.pem", "/etc/mysql/server.key"

SEEDED = ("global_priv", "db", "tables_priv", "columns_priv", "procs_priv", "proxies_priv", "roles_mapping")
"""The system tables that a replica takes from its primary; the others are the same on every new server."""

DROP_IN = """\
[Service]
# No Galera, and no look at every table at each start.
ExecStartPre=
ExecStartPost=
Restart=on-failure
RestartSec=1
"""


@dataclass(frozen=True)
class Settings:
    """What one server is configured by. `memory_mb` is what the instance is sold with; here it takes less."""

    address: str
    role: Role
    memory_mb: int
    port: int = 3306
    semi_sync: bool = False
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])


def defaults(memory_mb: int) -> dict[str, str]:
    """What the resource's `parameters` may override."""
    return {
        "innodb_buffer_pool_size": f"{min(128, max(24, memory_mb // 16))}M",
        "max_connections": str(min(2000, max(100, memory_mb // 5))),
        "character_set_server": "utf8mb4",
        "collation_server": "utf8mb4_general_ci",
        # Five days, as TencentDB keeps them unless told otherwise.
        "binlog_expire_logs_seconds": "432000",
        "slow_query_log": "ON",
        "long_query_time": "10",
    }


def fixed(settings: Settings) -> dict[str, str]:
    """What makes the server what it is."""
    follower = settings.role != "primary"
    return {
        "server_id": str(int(IPv4Address(settings.address))),
        "bind_address": "0.0.0.0",
        "port": str(settings.port),
        "skip_name_resolve": "ON",
        "local_infile": "OFF",
        # A key of its own would be made at the first start, which takes seconds.
        "ssl_cert": CERTIFICATE,
        "ssl_key": KEY,
        "performance_schema": "OFF",
        "key_buffer_size": "1M",
        "aria_pagecache_buffer_size": "4M",
        "innodb_log_buffer_size": "4M",
        "innodb_log_file_size": "32M",
        "innodb_flush_log_at_trx_commit": "1",
        "log_bin": "/var/lib/mysql/binlog",
        "binlog_format": "ROW",
        "sync_binlog": "1",
        "log_slave_updates": "ON",
        "gtid_strict_mode": "ON",
        "slave_net_timeout": "10",
        "relay_log": "/var/lib/mysql/relay",
        "relay_log_recovery": "ON",
        "read_only": "ON" if follower else "OFF",
        "rpl_semi_sync_master_enabled": "ON" if settings.semi_sync and not follower else "OFF",
        "rpl_semi_sync_master_wait_point": "AFTER_SYNC",
        "rpl_semi_sync_slave_enabled": "ON" if settings.semi_sync and settings.role == "standby" else "OFF",
    }


def dialect(parameters: Mapping[str, str]) -> dict[str, str]:
    """MySQL 8.0's parameters in MariaDB's words."""
    words = {name.replace("-", "_").lower(): str(value) for name, value in parameters.items()}
    if "character_set_server" in words and "collation_server" not in words:
        # The default collation is that of the character set, in both servers; ours must not outlive it.
        words["collation_server"] = f"{words['character_set_server']}_general_ci"
    return words


def config(settings: Settings) -> str:
    """The text of /etc/mysql/mariadb.conf.d/90-region.cnf."""
    asked = dialect(settings.parameters)
    own = fixed(settings)
    chosen = {
        name: value for name, value in (defaults(settings.memory_mb) | asked).items() if name not in own
    }
    lines = ["[mariadbd]", *_lines(own, "")]
    lines += _lines({name: value for name, value in chosen.items() if name not in asked}, "")
    lines += _lines({name: value for name, value in chosen.items() if name in asked}, "loose_")
    return "\n".join(lines) + "\n"


def _lines(options: Mapping[str, str], prefix: str) -> Iterable[str]:
    for name, value in sorted(options.items()):
        if not name.replace("_", "").isalnum() or any(ord(character) < 32 for character in value):
            raise RegionError(f"MySQL parameter {name!r} cannot be set to {value!r}")
        escaped = value.replace("\\", "\\\\")
        yield f'{prefix}{name} = "{escaped}"'


@dataclass(frozen=True)
class Variable:
    """A variable of the running server: whether it can be set while it runs, and holds a number."""

    name: str
    dynamic: bool
    number: bool


def live(old: Settings, new: Settings, variables: Mapping[str, Variable]) -> tuple[list[str], bool]:
    """What to do on a running server whose configuration changes: statements, and whether it has to restart.

    A parameter that is no longer asked for goes back to the server's default, which takes a restart.
    """
    before, after = (defaults(s.memory_mb) | dialect(s.parameters) | fixed(s) for s in (old, new))
    statements: list[str] = []
    restart = bool(before.keys() - after.keys())
    for name in sorted(name for name, value in after.items() if before.get(name) != value):
        variable = variables.get(name)
        if variable is None:
            continue
        if not variable.dynamic:
            restart = True
        else:
            statements.append(f"SET GLOBAL {name} = {_value(after[name], variable)};")
    return statements, restart


def _value(value: str, variable: Variable) -> str:
    if not variable.number:
        return sql.text(value)
    unit = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}.get(value[-1:].upper())
    digits = value[:-1] if unit else value
    if not digits.replace(".", "", 1).isdigit():
        raise RegionError(f"MySQL parameter {variable.name!r} has to be a number, not {value!r}")
    return str(int(digits) * unit) if unit else digits


def replica_status(vertical: str) -> dict[str, str]:
    """The fields of SHOW SLAVE STATUS, from the client's vertical output."""
    pairs = (line.partition(":") for line in vertical.splitlines() if ":" in line)
    return {name.strip(): value.strip() for name, _, value in pairs}


def dump(result: str, databases: Iterable[str], system_tables: Iterable[str]) -> list[str]:
    """The command that dumps a primary for a new replica: accounts, and all that its users made."""
    argv = [
        "mariadb-dump",
        "--single-transaction",
        "--gtid",
        "--master-data=1",
        "--routines",
        "--events",
        "--triggers",
    ]
    argv += ["--hex-blob", "--default-character-set=utf8mb4", f"--result-file={result}"]
    argv += [f"--ignore-table=mysql.{table}" for table in sorted(set(system_tables) - set(SEEDED))]
    return [*argv, "--databases", "mysql", *sorted(databases)]
