"""Redis' configuration and commands as text. Pure."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from region.errors import RegionError

ADMIN = "region-admin"
"""The region's own user: it may change the instance's password whatever that is at the moment."""
DEFAULT = "default"
SEPARATOR = "-- users --"

REFUSED = (
    "acl", "bgrewriteaof", "bgsave", "cluster", "config", "debug", "failover", "lastsave", "latency", "migrate",
    "module", "monitor", "psync", "replconf", "replicaof", "role", "save", "shutdown", "slaveof", "swapdb", "sync",
)  # fmt: skip
"""What a managed instance keeps for itself: persistence, replication, modules, configuration
(https://cloud.tencent.com/document/product/239, command compatibility)."""
ALLOWED = ("config|get",)
"""Parts of refused commands that only look."""


@dataclass(frozen=True)
class Account:
    """Who may come in: without a password, anybody. `writes` tells apart the cloud's `rw` and `r`."""

    name: str
    password: str | None
    writes: bool = True

    @property
    def rules(self) -> frozenset[str]:
        """Its rules, as ACL LIST shows them."""
        key = f"#{_hash(self.password)}" if self.password else "nopass"
        refused = (*(() if self.writes else ("@write",)), *REFUSED)
        return frozenset(
            (
                "on",
                key,
                "~*",
                "&*",
                "+@all",
                *(f"-{each}" for each in refused),
                *(f"+{each}" for each in ALLOWED),
            )
        )

    @property
    def line(self) -> str:
        """What has a user be so, in redis.conf and after ACL SETUSER."""
        key = f"#{_hash(self.password)}" if self.password else "nopass"
        given = ["+@all", *([] if self.writes else ["-@write"]), *(f"-{each}" for each in REFUSED)]
        return " ".join(["on", key, "~*", "&*", *given, *(f"+{each}" for each in ALLOWED)])


@dataclass(frozen=True)
class Settings:
    """What a server is configured by. Without a password everybody is let in."""

    memory_mb: int
    port: int
    password: str | None
    admin_secret: str
    accounts: tuple[Account, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def users(self) -> tuple[Account, ...]:
        """The instance's own account and those beside it."""
        return (Account(DEFAULT, self.password), *self.accounts)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def config(settings: Settings) -> str:
    """The text of /etc/redis/redis.conf."""
    lines = [
        "bind 0.0.0.0",
        # Passwords and security groups guard it; protected mode refuses all when there is no password.
        "protected-mode no",
        f"port {settings.port}",
        "daemonize no",
        'logfile ""',
        "dir /var/lib/redis",
        # The cloud keeps a copy on a replica; here the disk has to keep it.
        "appendonly yes",
        "appendfsync everysec",
        f"maxmemory {settings.memory_mb}mb",
        # TencentDB's own default: sessions are kept here; a full server has to say so, not drop them.
        "maxmemory-policy noeviction",
        *(f"{name} {quoted(value)}" for name, value in sorted(settings.parameters.items())),
        f"user {ADMIN} on #{_hash(settings.admin_secret)} ~* &* +@all",
        *(f"user {account.name} {account.line}" for account in settings.users),
    ]
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    """An argument, as redis-cli and redis.conf read it between double quotes."""
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character.isprintable():
        return character
    return "".join(f"\\x{byte:02x}" for byte in character.encode())


@dataclass(frozen=True)
class Seen:
    """A running server: its parameters, and of each user the rules."""

    parameters: dict[str, str]
    users: dict[str, frozenset[str]]


def look(secret: str) -> str:
    """The commands whose answers `seen` reads, for redis-cli's standard input."""
    return "\n".join([login(secret), "CONFIG GET *", f"ECHO {quoted(SEPARATOR)}", "ACL LIST", ""])


def login(secret: str) -> str:
    return f"AUTH {ADMIN} {quoted(secret)}"


def seen(output: str) -> Seen:
    """The server in the answers to `look`."""
    ok, _, rest = output.partition("\n")
    if ok != "OK":
        raise RegionError(f"Redis answered: {output.strip()}")
    config_lines, found, users = rest.partition(f"{SEPARATOR}\n")
    if not found:
        raise RegionError(f"Redis answered: {rest.strip()[-400:]}")
    words = config_lines.split("\n")
    rules = [line.split() for line in users.splitlines() if line.startswith("user ")]
    return Seen(
        dict(zip(words[::2], words[1::2], strict=False)),
        {line[1]: frozenset(line[2:]) - {"sanitize-payload"} for line in rules},
    )


def strays(there: Mapping[str, str], made: Mapping[str, str]) -> dict[str, str]:
    """The parameters that are not as they were made, with their values."""
    return {name: value for name, value in there.items() if made.get(name, value) != value}


def live(settings: Settings, there: Seen, base: Mapping[str, str]) -> str:
    """The commands that bring a running server to its settings, for redis-cli's standard input.

    `base` has each parameter's value on a server that nobody asked anything of.
    """
    asked = {"maxmemory": f"{settings.memory_mb}mb", "port": str(settings.port), **settings.parameters}
    back = {name: base[name] for name in strays(there.parameters, base) if name not in asked}
    names = {account.name for account in settings.users} | {ADMIN}
    return "\n".join(
        [
            login(settings.admin_secret),
            *(f"CONFIG SET {name} {quoted(value)}" for name, value in sorted((back | asked).items())),
            *(f"ACL SETUSER {account.name} reset {account.line}" for account in settings.users),
            *(f"ACL DELUSER {quoted(name)}" for name in sorted(there.users.keys() - names)),
            "",
        ]
    )


def known(parameters: Mapping[str, str], base: Iterable[str]) -> dict[str, str]:
    """The parameters that Redis knows, without the quotes in which the cloud's console shows empty ones."""
    names = set(base)
    return {name: "" if value == '""' else value for name, value in parameters.items() if name in names}


def refused(output: str) -> None:
    """Raise when redis-cli's answers hold anything but OK or a number; its exit code says nothing."""
    answers = [line for line in output.splitlines() if line]
    if any(answer != "OK" and not answer.isdigit() for answer in answers):
        raise RegionError(f"Redis answered: {'; '.join(answers)}")
