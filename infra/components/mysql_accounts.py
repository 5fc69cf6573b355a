"""Who has an account on the database, and the least that each needs."""

from dataclasses import dataclass
from typing import Literal, get_args

from infra.settings import MysqlSettings

GroupName = Literal["catalogue", "trade", "user", "service", "admin", "worker"]
GROUPS: tuple[GroupName, ...] = get_args(GroupName)
"""The shop's process groups. What each may do with which table is the shop's own to say (`app/shop/rights.py`): tables
come with its migrations, after the accounts, and a deploy grants the rights."""

MIGRATOR, MONITOR, BACKUP = "migrator", "monitor", "backup"


def account_of(group: GroupName) -> str:
    """The name of a process group's account."""
    return f"shop_{group}"


@dataclass(frozen=True)
class Grants:
    """One account: what it is for, how often it may be logged in at once on each server, and what it may do."""

    description: str
    connections: int
    everywhere: tuple[str, ...] = ()
    on_database: tuple[str, ...] = ()


ROWS = ("SELECT", "INSERT", "UPDATE", "DELETE")


def accounts(settings: MysqlSettings) -> dict[str, Grants]:
    """The accounts by their names."""
    return {
        **{
            account_of(group): Grants(f"The shop's {group} processes", settings.app_connections)
            for group in GROUPS
        },
        # One at a time, from one host; the others are for a second try while the first one's connection ends.
        MIGRATOR: Grants(
            "Migrations of a deploy",
            5,
            on_database=(*ROWS, "CREATE", "DROP", "ALTER", "INDEX", "REFERENCES"),
        ),
        MONITOR: Grants("Exporters and checks", 5, everywhere=("PROCESS", "REPLICATION CLIENT")),
        # A dump of one moment with its position, and the log from there on. PROCESS: a dump from MySQL 8 asks for
        # tablespaces; RELOAD: the moment.
        BACKUP: Grants(
            "Dumps and the log's archive",
            8,
            everywhere=("PROCESS", "RELOAD", "REPLICATION CLIENT", "REPLICATION SLAVE"),
            on_database=("SELECT", "SHOW VIEW", "TRIGGER", "EVENT", "LOCK TABLES"),
        ),
    }
