"""MariaDB's configuration as text. Pure.

A program asks for MySQL 8.0; MariaDB stands for it here. `parameters` of the resource are MySQL's: a name
that MariaDB doesn't know is passed over, by the `loose_` prefix that both servers understand.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import Literal

from region.errors import RegionError

Role = Literal["primary", "standby", "readonly"]

CONFIG = "/etc/mysql/mariadb.conf.d/90-region.cnf"
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
    binlog_seconds: int = 432000
    """How long the server keeps its log: five days, as TencentDB does unless told otherwise."""
    binlog_bytes: int = 0
    """How much of its disk the log may take; 0 for as much as there is."""


def defaults(settings: Settings) -> dict[str, str]:
    """What the resource's `parameters` may override. Sizes follow the memory, cut to what one machine can bear."""
    memory_mb = settings.memory_mb
    return {
        "innodb_buffer_pool_size": f"{min(128, max(24, memory_mb // 16))}M",
        "max_connections": str(min(2000, max(100, memory_mb // 5))),
        "character_set_server": "utf8mb4",
        "collation_server": "utf8mb4_general_ci",
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
        # How far the pool may grow while the server runs: addresses, not memory.
        "innodb_buffer_pool_size_max": "1G",
        "key_buffer_size": "1M",
        "aria_pagecache_buffer_size": "4M",
        "innodb_log_buffer_size": "4M",
        "innodb_log_file_size": "32M",
        "innodb_flush_log_at_trx_commit": "1",
        "log_bin": "/var/lib/mysql/binlog",
        "binlog_format": "ROW",
        "sync_binlog": "1",
        "binlog_expire_logs_seconds": str(settings.binlog_seconds),
        "max_binlog_total_size": str(settings.binlog_bytes),
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


def wanted(settings: Settings) -> dict[str, str]:
    """Every variable that the settings decide; one that MariaDB doesn't know is among them."""
    return defaults(settings) | dialect(settings.parameters) | fixed(settings)


def config(settings: Settings) -> str:
    """The text of `CONFIG`."""
    asked = dialect(settings.parameters)
    own = fixed(settings)
    chosen = {name: value for name, value in (defaults(settings) | asked).items() if name not in own}
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
