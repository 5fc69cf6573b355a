"""SQL text. Pure; every name and value that goes into a statement passes here."""

from region.errors import RegionError

HOSTS = "%"
"""The host part of an account that may come from anywhere."""


def _plain(value: str) -> str:
    if "\0" in value:
        raise RegionError("a name or value of SQL holds a NUL character")
    return value


def identifier(name: str) -> str:
    """A name of a database, table or column."""
    return f"`{_plain(name).replace('`', '``')}`"


def pattern(name: str) -> str:
    """A database's name in GRANT, where `_` and `%` would stand for other characters."""
    return identifier(name.replace("\\", "\\\\").replace("_", "\\_").replace("%", "\\%"))


def text(value: str) -> str:
    """A string; right unless sql_mode has NO_BACKSLASH_ESCAPES, which the region's sessions don't."""
    return f"'{_plain(value).replace(chr(92), chr(92) * 2).replace(chr(39), chr(39) * 2)}'"


def account(name: str, host: str) -> str:
    """An account: a user's name and where it may come from."""
    return f"{text(name)}@{text(host)}"


def is_account(name: str, host: str) -> str:
    """The condition on a row of mysql.global_priv that it is that account."""
    return f"User = {text(name)} AND Host = {text(host)}"


def create_database(name: str, character_set: str) -> str:
    return f"CREATE DATABASE IF NOT EXISTS {identifier(name)} CHARACTER SET {text(character_set)};"


def alter_database(name: str, character_set: str) -> str:
    return f"ALTER DATABASE {identifier(name)} CHARACTER SET {text(character_set)};"


def drop_database(name: str) -> str:
    return f"DROP DATABASE IF EXISTS {identifier(name)};"


def put_account(name: str, host: str, password: str, connections: int = 0) -> list[str]:
    """Have an account with that password and at most so many connections at once (0: no limit)."""
    who = account(name, host)
    return [
        f"CREATE USER IF NOT EXISTS {who};",
        f"ALTER USER {who} IDENTIFIED BY {text(password)} "
        f"WITH MAX_USER_CONNECTIONS {int(connections)} ACCOUNT UNLOCK;",
    ]


def drop_account(name: str, host: str) -> str:
    return f"DROP USER IF EXISTS {account(name, host)};"


def follow(
    address: str, port: int, user: str, password: str, delay: int = 0, *, demoted: bool = False
) -> list[str]:
    """Replicate from a primary, from the position that is set, `delay` seconds behind it, and look again each second
    when it is away. What a demoted primary wrote itself counts as replicated."""
    return [
        "STOP SLAVE;",
        f"CHANGE MASTER TO MASTER_HOST={text(address)}, MASTER_PORT={int(port)}, MASTER_USER={text(user)}, "
        f"MASTER_PASSWORD={text(password)}, MASTER_USE_GTID=slave_pos, "
        f"MASTER_CONNECT_RETRY=1, MASTER_HEARTBEAT_PERIOD=2, MASTER_DELAY={int(delay)}, "
        f"{'MASTER_DEMOTE_TO_SLAVE=1, ' if demoted else ''}"
        # An instance may take nothing but TLS. The link never leaves the machine, and a primary that took over holds
        # no certificate for the virtual address: nobody to tell apart by one.
        "MASTER_SSL=1, MASTER_SSL_VERIFY_SERVER_CERT=0;",
        "START SLAVE;",
    ]
