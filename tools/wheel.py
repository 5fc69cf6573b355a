"""Toolchains that come as Python wheels: installed from a lock into a folder of the cache."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import venv
from pathlib import Path

from tools.errors import ToolError, failed_command
from tools.locking import exclusive
from tools.paths import ROOT, cache_dir


def installed(name: str, what: str, instead: str) -> Path:
    """The virtualenv with exactly what `requirements/<name>.lock` says; made once for each content of the lock.

    `what` names the toolchain and `instead` says what else would do, both for the message of a ToolError.
    """
    lock = ROOT / "requirements" / f"{name}.lock"
    home = cache_dir() / name / f"toolchain-{hashlib.sha256(lock.read_bytes()).hexdigest()[:12]}"
    with exclusive(cache_dir() / name / "toolchain.lock"):
        if not (home / "complete").exists():
            _install(home, lock, what, instead)
            (home / "complete").touch()
    return home


def _install(home: Path, lock: Path, what: str, instead: str) -> None:
    shutil.rmtree(home, ignore_errors=True)
    try:
        venv.create(home, with_pip=True)
    except (OSError, subprocess.CalledProcessError) as error:
        message = f"no {what} on PATH, and no virtualenv for its wheel: {error}"
        raise ToolError(f"{message}\n  Next: apt-get install python3-venv") from error
    command = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", "--require-hashes"]
    command += ["-r", str(lock)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise failed_command(
            f"Installing the {what} toolchain's wheel",
            command,
            result.returncode,
            result.stdout + result.stderr,
            f"check the way to the package index, or install {instead}",
        )
