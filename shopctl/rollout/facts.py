"""What each web host runs: commands, and pure readers of what they say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

IMAGE = "localhost/shop"
WORKER = "shop-worker"
DRAINED_FILE = "/run/shop-drained"

RUNNING = ("podman", "ps", "--format", '{{.Names}} {{.Image}} {{index .Labels "shop.settings"}}')
IMAGES = ("podman", "images", "--filter", f"reference={IMAGE}", "--sort=created", "--format", "{{.Tag}}")
DRAINED = ("ls", DRAINED_FILE)
RESTARTS = ("systemctl", "show", "--property=Id,NRestarts", "shop-*.service")
# As the account that may see the table of migrations; in a container of the release that runs.
MIGRATIONS = (
    *("podman", "exec", "--env-file=/etc/shop/migrator.env", "shop-trade"),
    *("python", "manage.py", "showmigrations", "--plan"),
)


@dataclass(frozen=True)
class Container:
    """A running container: the release that it was started from, and the digest of its settings."""

    release: str
    settings: str


@dataclass(frozen=True)
class HostFacts:
    """One web host: its running containers by name, the releases whose images it has (newest first), and whether it
    was taken out of the balancer."""

    host: str
    containers: Mapping[str, Container] = field(default_factory=dict[str, Container])
    images: tuple[str, ...] = ()
    drained: bool = False

    @property
    def releases(self) -> tuple[str, ...]:
        """Those that run here: one, when all is well."""
        return tuple(sorted({container.release for container in self.containers.values()}))


def containers(said: str) -> dict[str, Container]:
    """Of `RUNNING`'s output; what is not the shop's is left out."""
    found: dict[str, Container] = {}
    for line in said.splitlines():
        name, image, settings = (*line.split(" "), "", "")[:3]
        if name.startswith("shop-") and image.startswith(f"{IMAGE}:"):
            found[name] = Container(image.rpartition(":")[2], settings)
    return found


def images(said: str) -> tuple[str, ...]:
    """Of `IMAGES`' output, newest first."""
    return tuple(line for line in said.split() if line != "<none>")


def applied(said: str) -> tuple[str, ...]:
    """Of `MIGRATIONS`' output: those that the database has."""
    lines = [line.split() for line in said.splitlines()]
    return tuple(line[-1] for line in lines if line[:1] == ["[X]"])


def restarting(said: str) -> list[str]:
    """Of `RESTARTS`' output: the units that end again and again, the worst first."""
    counts: dict[str, int] = {}
    for block in said.split("\n\n"):
        values = dict(line.partition("=")[::2] for line in block.splitlines())
        if values.get("NRestarts", "0") != "0":
            counts[values.get("Id", "")] = int(values["NRestarts"])
    return sorted(counts, key=lambda unit: -counts[unit])


_ENGINE = re.compile(r"container (create|init|start|died|remove|cleanup)|^conmon |^[0-9a-f]{64}$")


def telling(lines: Iterable[str]) -> list[str]:
    """A container's log without what the engine says of its own work, and without requests that went well."""
    own = (line for line in lines if line.strip() and not _ENGINE.search(line))
    return [told for line in own if (told := _short(line))]


def _short(line: str) -> str:
    """A line of the shop's JSON log as a person reads it; empty when it is of no interest. Other lines stay."""
    try:
        said = json.loads(line)
        level, message = said["level"], said["message"]
    except (ValueError, KeyError, TypeError):
        return line
    if level in {"debug", "info"}:
        return ""
    cause = str(said.get("exception", "")).splitlines()[-1:]
    return ": ".join([f"{level}: {message}", *filter(None, [said.get("path", "")]), *cause])


def surplus(host: HostFacts, *, keep: int, needed: Sequence[str]) -> tuple[str, ...]:
    """The images that may go from a host: all but the newest, those that run and the needed."""
    spared = {*host.images[:keep], *host.releases, *needed}
    return tuple(image for image in host.images if image not in spared)
