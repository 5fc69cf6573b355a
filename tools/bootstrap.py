"""Makes this machine ready to run shopctl: system packages and the locked virtualenv.

Quick when nothing is missing.

`python3 -m tools.bootstrap [--tests]`: also what only the tests need.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Sequence
from pathlib import Path

from tools import system
from tools.errors import ToolError, failed_command
from tools.locking import exclusive
from tools.paths import ROOT, cache_dir

LOCKS = ROOT / "requirements"
MINIMUM = (3, 11)


def main(words: Sequence[str]) -> int:
    """Do what is missing, and say what was done."""
    packages = (*system.PACKAGES, *system.FOR_TESTS) if "--tests" in words else system.PACKAGES
    try:
        if sys.version_info < MINIMUM:
            raise ToolError(
                f"Python {sys.version.split()[0]} is too old\n  Next: make PYTHON=python3.11 (or newer)"
            )
        if lacking := system.missing(packages):
            system.install(lacking)
        prepare_virtualenv()
    except ToolError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def prepare_virtualenv() -> None:
    """Have .venv point to a virtualenv with exactly the locked packages and this checkout's commands."""
    link = ROOT / ".venv"
    if link.is_dir() and not link.is_symlink():
        # Somebody's own virtualenv: never taken away, only told about this checkout.
        print(
            "bootstrap: keeping .venv, a folder of your own; remove it to get the locked one", file=sys.stderr
        )
        add_entry_points(link)
        return
    home = cache_dir() / f"venv-{fingerprint()}"
    complete = home / "complete"
    if not complete.exists():
        with exclusive(cache_dir() / "venv.lock"):
            if not complete.exists():
                create(home)
                complete.touch()
    if not link.is_symlink() or link.readlink() != home:
        fresh = ROOT / f".venv.{os.getpid()}"
        fresh.symlink_to(home)
        fresh.replace(link)


def fingerprint() -> str:
    """What the virtualenv depends on: the lock, the interpreter and the checkout that its commands run."""
    digest = hashlib.sha256()
    for lock in ("build.lock", "dev.lock"):
        digest.update((LOCKS / lock).read_bytes())
    for part in (sys.version, sys.base_prefix, str(ROOT)):
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()[:12]


def create(home: Path) -> None:
    """Make the virtualenv and install the locked packages into it."""
    started = time.monotonic()
    print(f"virtualenv: installing the locked packages into {home}", file=sys.stderr, flush=True)
    shutil.rmtree(home, ignore_errors=True)
    venv.create(home, with_pip=True, symlinks=True)
    # The Pulumi SDK comes as source: what builds it is pinned too, and has to be there before it.
    _install(home, "build.lock")
    _install(home, "dev.lock", "--no-build-isolation")
    add_entry_points(home)
    print(f"virtualenv: ready in {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)


def _install(home: Path, lock: str, *options: str) -> None:
    command = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    # A lock is complete, so there is nothing to resolve.
    command += ["--no-deps", "--require-hashes", *options, "-r", str(LOCKS / lock)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        next_step = "check the way to the package index, then run this again"
        output = result.stdout + result.stderr
        raise failed_command("Installing the locked packages", command, result.returncode, output, next_step)


def add_entry_points(home: Path) -> None:
    """An editable install by hand: pip's import hooks would cost time on every start of the command."""
    for site in home.glob("lib/python*/site-packages"):
        _write(site / "shopctl-checkout.pth", f"{ROOT}\n")
    script = f"#!{home / 'bin' / 'python'}\nimport sys\n\nfrom cli import main\n\nsys.exit(main())\n"
    _write(home / "bin" / "shopctl", script)
    (home / "bin" / "shopctl").chmod(0o755)


def _write(path: Path, text: str) -> None:
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
