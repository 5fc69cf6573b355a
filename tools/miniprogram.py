"""The mini-program's builds: for a browser (`h5`) and for WeChat (`weapp`), made once and kept in the cache.

`python3 -m tools.miniprogram [h5|weapp|check|test]...` prints each build's folder; `check` is the compiler's look at
the types, `test` runs the unit tests.

Nothing is written into the checkout: sources are copied next to the installed packages in the cache. What is in the
cache already needs no network.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, get_args

from tools import child, node
from tools.errors import ToolError, failed_command
from tools.locking import exclusive
from tools.paths import ROOT, cache_dir

Target = Literal["h5", "weapp"]
TARGETS: tuple[Target, ...] = get_args(Target)
Script = Literal["check", "test"]
SCRIPTS: tuple[Script, ...] = get_args(Script)
Report = Callable[[str], None]

SOURCE = ROOT / "miniprogram"
NOT_SOURCES = frozenset({"node_modules", "dist", ".swc", ".test"})
SETTINGS = ("SHOP_API", "SHOP_PUBLIC_PATH", "WECHAT_APP_ID")
"""Variables of the environment that a build depends on: see miniprogram/README.md."""
HEARTBEAT_SECONDS = 20.0


def build(target: Target, report: Report | None = None) -> Path:
    """The folder with the build of the sources as they are now; builds when it isn't in the cache. Raises ToolError."""
    tell = report or (lambda _line: None)
    done = _home() / f"{target}-{fingerprint(target)}"
    if done.exists():
        return done
    with exclusive(_home() / "build.lock") as lock:
        if not done.exists():  # somebody else may have built it while we waited
            started = time.monotonic()
            with _workspace(lock, tell) as (toolchain, folder):
                _npm(toolchain, ["run", f"build:{target}"], folder, lock, tell, f"building for {target}")
                (folder / "dist").rename(done)
            tell(f"mini-program: built for {target} in {time.monotonic() - started:.0f} s")
    return done


def run(script: Script, report: Report | None = None) -> str:
    """What a script of package.json says when all is well. Raises ToolError with what it said otherwise."""
    tell = report or (lambda _line: None)
    with exclusive(_home() / "build.lock") as lock, _workspace(lock, tell) as (toolchain, folder):
        return _npm(toolchain, ["run", script], folder, lock, tell, script)


def sources() -> list[Path]:
    """The files that a build is made of, without what earlier tools left among them."""
    found: list[Path] = []
    for folder, names, files in os.walk(SOURCE):
        names[:] = sorted(name for name in names if name not in NOT_SOURCES)
        found += [Path(folder, name) for name in sorted(files)]
    return found


def _home() -> Path:
    return cache_dir() / "miniprogram"


def fingerprint(target: Target) -> str:
    """Twelve digits that change when the build would."""
    digest = hashlib.sha256(target.encode())
    for name in SETTINGS:
        digest.update(f"{name}={os.environ.get(name, '')}\0".encode())
    for path in sources():
        digest.update(f"{path.relative_to(SOURCE)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


@contextmanager
def _workspace(lock: int, tell: Report) -> Iterator[tuple[node.Node, Path]]:
    """A copy of the sources with the packages beside them, gone afterwards."""
    toolchain = node.find()
    modules = _modules(toolchain, lock, tell)
    # One name for all: the build's names for things depend on where it is done. What a killed one left goes first.
    for left in _home().glob("work*"):
        shutil.rmtree(left)
    folder = _home() / "work"
    try:
        for path in sources():
            copy = folder / path.relative_to(SOURCE)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        (folder / "node_modules").symlink_to(modules)
        if app_id := os.environ.get("WECHAT_APP_ID"):
            project = json.loads((folder / "project.config.json").read_text())
            (folder / "project.config.json").write_text(json.dumps({**project, "appid": app_id}, indent=2))
        yield toolchain, folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _modules(toolchain: node.Node, lock: int, tell: Report) -> Path:
    """The packages of package-lock.json, installed once for each content of it."""
    wanted = [SOURCE / name for name in ("package.json", "package-lock.json", ".npmrc")]
    digest = hashlib.sha256(b"\0".join(path.read_bytes() for path in wanted)).hexdigest()[:12]
    home = _home() / f"packages-{digest}"
    if not (home / "complete").exists():
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        for path in wanted:
            shutil.copy(path, home)
        # Scripts of packages would fetch binaries from anywhere; those that are needed come as packages.
        words = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        _npm(toolchain, words, home, lock, tell, f"installing its packages with Node {toolchain.version}")
        (home / "complete").touch()
    return home / "node_modules"


def _npm(toolchain: node.Node, words: Sequence[str], folder: Path, lock: int, tell: Report, what: str) -> str:
    command = [*toolchain.npm, *words]
    environment = {**os.environ, **toolchain.environment, "CI": "true", "NO_COLOR": "1"}
    tell(f"mini-program: {what}")
    code, said = child.run(
        command,
        folder,
        environment,
        lock,
        lambda seconds: tell(f"mini-program: still {what}, {seconds:.0f} s"),
        HEARTBEAT_SECONDS,
    )
    if code:
        next_step = "correct what is said above; or check the way to the npm registry, then run this again"
        raise failed_command(f"The mini-program: {what}", command, code, said, next_step)
    return said


def main(words: Sequence[str]) -> int:
    """Do what is named, or build for both."""
    known = (*TARGETS, *SCRIPTS)
    if unknown := [word for word in words if word not in known]:
        print(f"unknown: {', '.join(unknown)}; there are {', '.join(known)}", file=sys.stderr)
        return 2

    def tell(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    try:
        for target in TARGETS:
            if not words or target in words:
                print(build(target, tell))
        for script in SCRIPTS:
            if script in words:
                print(run(script, tell))
    except ToolError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
