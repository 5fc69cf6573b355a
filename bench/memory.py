"""How much memory the hosts of a local region use: the proportional set size of all their processes."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

PROC = Path("/proc")


def by_host(hosts: Path) -> dict[str, int]:
    """Bytes for each host, by name: the process in its pid file with all its descendants."""
    children = _children()
    used: dict[str, int] = {}
    for file in sorted(hosts.glob("*/pid")):
        pid = file.read_text().split()[0]
        name = json.loads((file.parent / "host.json").read_text())["name"]
        used[name] = sum(_pss(member) for member in _tree(int(pid), children))
    return used


def _children() -> dict[int, list[int]]:
    children: dict[int, list[int]] = defaultdict(list)
    for folder in PROC.iterdir():
        if folder.name.isdigit() and (parent := _parent(folder)) is not None:
            children[parent].append(int(folder.name))
    return children


def _parent(folder: Path) -> int | None:
    try:
        return int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return None  # it ended while we looked


def _tree(pid: int, children: dict[int, list[int]]) -> list[int]:
    members = [pid]
    for member in members:  # grows while it is walked
        members.extend(children[member])
    return members


def _pss(pid: int) -> int:
    try:
        text = (PROC / str(pid) / "smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Pss:"))
