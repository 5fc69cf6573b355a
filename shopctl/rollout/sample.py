"""What a host is asked while a new version is watched: commands, and pure readers of what they say."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from shopctl.rollout import commands
from shopctl.rollout.gates import Unit

NOW = ("date", "+%s.%N")
ANSWER_SECONDS = 3
# systemd counts no memory where containers run without control groups of their own; the kernel does, by process. What
# several processes share counts for each of them.
MEMORY = ("ps", "-e", "-o", "rss=,unit=")
_UNIT = re.compile(r"shop-(?P<group>[a-z]+)-(?P<version>[0-9a-z-]+)\.service")


def serves_since(groups: Sequence[str]) -> tuple[str, ...]:
    """Asks when the links to what serves were made, by the host's own clock."""
    return ("stat", "--format=%.Y", *(commands.link(group) for group in groups))


def units(version: str) -> tuple[str, ...]:
    """Asks for the state of a version's units."""
    return ("systemctl", "show", "--property=Id,NRestarts,ActiveState", f"shop-*-{version}.service")


def readiness(version: str, groups: Sequence[str]) -> tuple[str, ...]:
    """Asks each group whether it is ready by itself; the worker, whether it is alive."""
    argv = ["curl"]
    for number, group in enumerate(groups):
        argv += ["--next"] if number else []
        argv += ["--silent", "--max-time", str(ANSWER_SECONDS), "--output", "/dev/null"]
        argv += ["--write-out", f"{group} %{{http_code}}\\n"]
        argv += ["--unix-socket", commands.socket(group, version), commands.readiness(group)]
    return tuple(argv)


def moments(said: str) -> tuple[float, ...]:
    """Of `serves_since`' or `NOW`'s output. Raises ValueError."""
    return tuple(float(line) for line in said.split())


def memory_of(said: str, version: str) -> dict[str, float]:
    """Of `MEMORY`'s output: MB by group of one version."""
    found: defaultdict[str, float] = defaultdict(float)
    for line in said.splitlines():
        kilobytes, _, unit = line.strip().partition(" ")
        if (named := _UNIT.fullmatch(unit.strip())) and named["version"] == version:
            found[named["group"]] += int(kilobytes) / 1024
    return dict(found)


def units_of(said: str) -> dict[str, Unit]:
    """Of `units`' output: by group."""
    found: dict[str, Unit] = {}
    for block in said.split("\n\n"):
        values: Mapping[str, str] = dict(line.partition("=")[::2] for line in block.splitlines())
        if named := _UNIT.fullmatch(values.get("Id", "")):
            found[named["group"]] = Unit(int(values.get("NRestarts", "0")), values.get("ActiveState", ""))
    return found


def answers_of(said: str) -> dict[str, int]:
    """Of `readiness`' output: HTTP statuses by group, 0 for no answer."""
    pairs = (line.split() for line in said.splitlines())
    return {group: int(code) for group, code in (pair for pair in pairs if len(pair) == 2)}
