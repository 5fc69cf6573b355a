"""Pinned tools: found where the right version is installed, else built once into the cache.

`python3 -m tools.build [name...]` prints each tool's path.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tools import child, golang
from tools.catalog import NAMES, TOOLS, Tool, ToolName
from tools.errors import ToolError, failed_command
from tools.locking import exclusive
from tools.paths import cache_dir

Report = Callable[[str], None]

HEARTBEAT_SECONDS = 10.0


def ensure(name: ToolName, report: Report | None = None) -> Path:
    """The path of the tool in exactly its pinned version; builds it when it is nowhere.

    The result lies in a folder named bin/, as Pulumi's Automation API wants. Raises ToolError.
    """
    tool = TOOLS[name]
    built = cached_path(tool)
    if built.exists():
        return built
    if (installed := installed_path(tool)) is not None:
        return installed
    with exclusive(cache_dir() / "tools" / f"{tool.name}.lock") as lock:
        if not built.exists():  # somebody else may have built it while we waited
            _build(tool, built, lock, report or (lambda _line: None))
    return built


def cached_path(tool: Tool) -> Path:
    """Where the built tool is, or will be."""
    return cache_dir() / "tools" / f"{tool.name}-{tool.version}-{tool.fingerprint()}" / "bin" / tool.name


def installed_path(tool: Tool) -> Path | None:
    """The tool on PATH, when it is the pinned version and its folder is a bin/."""
    found = shutil.which(tool.name)
    if found is None or Path(found).parent.name != "bin":
        return None
    try:
        answer = subprocess.run(
            [found, *tool.ask_version],
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None  # a broken program of that name is no reason to stop: ours gets built
    return Path(found) if answer.returncode == 0 and tool.is_right_version(answer.stdout) else None


def _build(tool: Tool, target: Path, lock: int, report: Report) -> None:
    started = time.monotonic()
    go = golang.find()
    report(f"{tool.name} {tool.version}: building with {go.version}")
    with tempfile.TemporaryDirectory(prefix=f"shopctl-{tool.name}-") as work:
        source = Path(work)
        for path in tool.module.iterdir():
            if path.is_file():
                shutil.copy(path, source)
        environment = {**os.environ, **go.environment, "CGO_ENABLED": "0", "GOFLAGS": "", "GOWORK": "off"}
        mode = "-mod=readonly"
        if tool.extra_files:
            # Go refuses changes below its module cache, so the missing files go into a vendored copy.
            mode = "-mod=vendor"
            _run(tool, [str(go.command), "mod", "vendor"], source, environment, lock, report)
            for name, text in tool.extra_files.items():
                (source / "vendor" / name).write_text(text)
        # A sibling of the target: the rename at the end must not cross file systems.
        home = target.parent.parent
        partial = home.with_name(f"{home.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        command = [str(go.command), "build", mode, "-trimpath", f"-ldflags={tool.ldflags}"]
        command += ["-o", str(partial / "bin" / tool.name), tool.package]
        _run(tool, command, source, environment, lock, report)
        partial.rename(home)
    report(f"{tool.name} {tool.version}: built in {time.monotonic() - started:.0f} s")


def _run(
    tool: Tool, command: Sequence[str], folder: Path, environment: dict[str, str], lock: int, report: Report
) -> None:
    name = f"{tool.name} {tool.version}"
    code, said = child.run(
        command,
        folder,
        environment,
        lock,
        lambda seconds: report(f"{name}: still building, {seconds:.0f} s"),
        HEARTBEAT_SECONDS,
    )
    if code:
        next_step = (
            f"check the way to the Go module proxy and the free disk space, then run this again; "
            f"or install {name} yourself"
        )
        raise failed_command(f"Building {name}", command, code, said, next_step)


def main(arguments: Sequence[str]) -> int:
    """Build the named tools, or all."""
    unknown = [name for name in arguments if name not in NAMES]
    if unknown:
        print(f"unknown tool: {', '.join(unknown)}; there are {', '.join(NAMES)}", file=sys.stderr)
        return 2
    try:
        for name in NAMES:
            if not arguments or name in arguments:
                print(ensure(name, report=lambda line: print(line, file=sys.stderr, flush=True)))
    except ToolError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
