"""Where a rehearsal takes place on the ops host, and the commands that make the place and remove it: argument lists.

Everything runs in one slice and lies in one folder, so that nothing is left when the slice has stopped and the folder
is gone. The database listens on a socket of the folder only; containers have no network at all, so that whatever the
shop tries, it reaches nobody. Images are in a storage of their own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

FOLDER = "/var/lib/containers/shop-rehearsal"
"""On a disk of the host, not on an overlay; roles/rehearsal removes it at boot."""
RUNTIME = "/run/shop-rehearsal"
SLICE = "shop-rehearsal.slice"
SERVER = "shop-rehearsal-mysql"
SHOP = "shop-rehearsal-shop"
LIMIT = "4h"
"""After so long everything ends by itself, also when nobody is left who could end it."""

DATA = f"{FOLDER}/mysql"
SOCKETS = f"{FOLDER}/sockets"
SETTINGS = f"{FOLDER}/shop.env"
ENGINE = f"{FOLDER}/containers.conf"
ACCESS = f"{FOLDER}/registry.json"
INSIDE = "/run/rehearsal"
"""`SOCKETS`, as containers see it."""
MYSQL, HTTP, STOP = "mysql.sock", "shop.sock", "stop"

USER, PASSWORD = "rehearsal", "rehearsal"
"""Of the shop on trial. Who may open the socket needs no secret, but the shop will not go without one."""
SYSTEM_USER = "nobody"
SHOP_USER = "10001"
"""Whom the shop's image runs as (app/Containerfile)."""

Argv = tuple[str, ...]

SERVERS_PROGRAM: Argv = ("test", "-x", "/usr/sbin/mariadbd")
ROOM: Argv = ("df", "--output=avail,size", "--block-size=1", "/var/lib/containers")
MEMORY: Argv = ("free", "--bytes")
UNITS: Argv = ("systemctl", "list-units", "--all", "--plain", "--no-legend", "shop-rehearsal*")
LEFT: Argv = ("ls", "-d", FOLDER)
FOLDERS: tuple[Argv, ...] = (
    ("install", "--directory", "--mode=0711", FOLDER, RUNTIME),
    ("install", "--directory", "--mode=0770", f"--owner={SYSTEM_USER}", f"--group={SHOP_USER}", SOCKETS),
    ("install", "--directory", "--mode=0700", f"--owner={SYSTEM_USER}", DATA),
)
END: tuple[Argv, ...] = (
    ("systemctl", "kill", "--signal=KILL", SLICE),
    ("systemctl", "stop", SLICE),
    ("systemctl", "reset-failed", "shop-rehearsal*"),
)
"""Each says no where there is nothing; that is as good."""
MOUNTS: Argv = ("cat", "/proc/mounts")
REMOVE: Argv = ("rm", "--recursive", "--force", "--one-file-system", FOLDER, RUNTIME)


def unmount(said: str) -> Argv | None:
    """Of `MOUNTS`' output: takes away what containers left mounted in the folders, the innermost first."""
    targets = [line.split()[1] for line in said.splitlines()]
    ours = [target for target in targets if target.startswith((f"{FOLDER}/", f"{RUNTIME}/"))]
    return ("umount", "--lazy", *reversed(ours)) if ours else None


def started(unit: str, argv: Sequence[str], *, memory_bytes: int | None = None) -> Argv:
    """Runs on in the background."""
    limits = (f"--property=MemoryMax={memory_bytes}",) if memory_bytes else ()
    return ("systemd-run", "--quiet", f"--unit={unit}", *_properties(), *limits, *argv)


def run(argv: Sequence[str]) -> Argv:
    """Runs to its end, with its input and output."""
    return ("systemd-run", "--quiet", "--collect", "--wait", "--pipe", *_properties(), *argv)


def _properties() -> Argv:
    # What serves, or watches, comes first on this host; the last one counts where control groups cannot be made.
    return (
        f"--slice={SLICE}",
        f"--property=RuntimeMaxSec={LIMIT}",
        "--property=CPUWeight=20",
        "--property=IOWeight=20",
        "--property=Nice=10",
        f"--setenv=CONTAINERS_CONF_OVERRIDE={ENGINE}",
    )


def made() -> Argv:
    """An empty database server's files."""
    return (
        *("mariadb-install-db", "--no-defaults", f"--datadir={DATA}", f"--user={SYSTEM_USER}"),
        *("--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"),
    )


def server(pool_bytes: int) -> Argv:
    """The database server. It copies tables as MySQL 8.0 does, while nobody writes (shopctl/migrations/locks.py says
    more): else MariaDB would be kinder than the database that the migrations are for."""
    return (
        *("/usr/sbin/mariadbd", "--no-defaults", f"--datadir={DATA}", f"--user={SYSTEM_USER}"),
        *("--skip-networking", f"--socket={SOCKETS}/{MYSQL}", "--skip-log-bin", "--skip-name-resolve"),
        *("--old-mode=LOCK_ALTER_TABLE_COPY", "--transaction-isolation=READ-COMMITTED"),
        *("--character-set-server=utf8mb4", "--collation-server=utf8mb4_unicode_ci"),
        *("--max-connections=100", f"--innodb-buffer-pool-size={pool_bytes}", "--innodb-log-file-size=128M"),
        "--innodb-flush-log-at-trx-commit=2",
    )


ACCOUNT = (
    f"GRANT ALL ON *.* TO '{USER}'@'localhost' IDENTIFIED BY '{PASSWORD}';"
    " CREATE DATABASE `{0}` CHARACTER SET utf8mb4"
)
"""The shop's account there, and its database."""


def client(database: str = "") -> Argv:
    """Speaks to that server."""
    return (
        "mariadb",
        "--no-defaults",
        f"--socket={SOCKETS}/{MYSQL}",
        "--user=root",
        *filter(None, [database]),
    )


def podman(*words: str) -> Argv:
    """The container engine, on the rehearsal's own storage."""
    return ("podman", f"--root={FOLDER}/images", f"--runroot={RUNTIME}", "--log-level=error", *words)


def container(image: str, command: Sequence[str], *, name: str = "", inputs: bool = False) -> Argv:
    """A container of the shop with no way out, and with the rehearsal's database."""
    return podman(
        *("run", "--rm", "--network=none", "--cgroups=disabled", "--pull=never", "--read-only"),
        *("--tmpfs=/tmp", "--cap-drop=all", "--security-opt=no-new-privileges"),
        *(("--interactive",) if inputs else ()),
        *((f"--name={name}", "--replace") if name else ()),
        *(f"--env-file={SETTINGS}", f"--volume={SOCKETS}:{INSIDE}"),
        *(image, *command),
    )


def inside(*argv: str) -> Argv:
    """In the container of the shop that serves."""
    return podman("exec", "--interactive", SHOP, *argv)


def engine() -> str:
    """The engine's settings: a host that shares its kernel may not set what podman sets by default."""
    return "[containers]\ndefault_sysctls = []\n"


def environment(variables: Mapping[str, str]) -> str:
    """A file of variables as podman reads it."""
    return "".join(f"{name}={value}\n" for name, value in sorted(variables.items()))


def piped(
    commands: Sequence[Sequence[str]],
    environment: Mapping[str, str],
    text: str = "",
    into: Sequence[str] = (),
) -> str:
    """What inside/pipe.py reads."""
    asked = {"commands": [list(argv) for argv in commands], "environment": dict(environment)}
    return json.dumps({**asked, "input": text, "into": list(into)})
