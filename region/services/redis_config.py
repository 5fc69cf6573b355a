"""Redis' configuration and commands as text. Pure."""

import hashlib
from dataclasses import dataclass

from region.errors import RegionError

ADMIN = "region-admin"
"""The region's own user: it may change the instance's password whatever that is at the moment."""


@dataclass(frozen=True)
class Settings:
    """What a server is configured by. Without a password everybody is let in."""

    memory_mb: int
    port: int
    password: str | None
    admin_secret: str


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
        f"user {ADMIN} on #{hashlib.sha256(settings.admin_secret.encode()).hexdigest()} ~* &* +@all",
    ]
    if settings.password:
        lines.append(f"requirepass {quoted(settings.password)}")
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


def live(settings: Settings) -> str:
    """The commands that bring a running server to its settings, for redis-cli's standard input."""
    return "\n".join(
        [
            f"AUTH {ADMIN} {quoted(settings.admin_secret)}",
            f"CONFIG SET maxmemory {settings.memory_mb}mb",
            # An empty password lets everybody in.
            f"CONFIG SET requirepass {quoted(settings.password or '')}",
            "",
        ]
    )


def refused(output: str) -> None:
    """Raise when redis-cli's answers hold anything but OK; its exit code says nothing."""
    answers = [line for line in output.splitlines() if line]
    if any(answer != "OK" for answer in answers):
        raise RegionError(f"Redis answered: {'; '.join(answers)}")
