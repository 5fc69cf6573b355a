"""Measures bringing a whole stack up against its limits, each with its parts' shares.

`python bench/up.py [--cold] [--json]` works on the `test` environment: destroys it, and leaves it running.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench import memory  # noqa: E402 - a script's own folder is on the path, its checkout is not
from bench.figures import Figure  # noqa: E402

ENVIRONMENT = "test"
HOSTS = Path("/var/lib/shopctl/regions") / ENVIRONMENT / "hosts"
COLD_SECONDS, WARM_SECONDS, AGAIN_SECONDS, MEMORY_MIB = 600, 90, 15, 6 * 1024


def shopctl(checkout: Path, *arguments: str, extra: Mapping[str, str]) -> str:
    """Run the command of a checkout; its progress goes to our standard error."""
    command = [str(checkout / ".venv" / "bin" / "shopctl"), "--env", ENVIRONMENT, *arguments]
    done = subprocess.run(
        command, cwd=checkout, env={**os.environ, **extra}, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed with exit code {done.returncode}\n{done.stdout}")
    return done.stdout


def timed_up(checkout: Path, extra: Mapping[str, str]) -> tuple[float, dict[str, Any]]:
    """Seconds of one `up`, and what it said about itself."""
    began = time.monotonic()
    said = shopctl(checkout, "up", "--yes", "--json", extra=extra)
    return time.monotonic() - began, json.loads(said)


def cold() -> Figure:
    """A fresh clone with every cache empty, until the shop answers."""
    with tempfile.TemporaryDirectory(prefix="shopctl-cold-", dir="/var/tmp") as work:
        checkout, caches = Path(work) / "checkout", Path(work) / "caches"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(checkout)], check=True)
        extra = {
            "SHOPCTL_CACHE_DIR": str(caches / "shopctl"),
            "SHOPCTL_STATE_DIR": str(Path(work) / "state"),
            "GOMODCACHE": str(caches / "go-mod"),
            "GOFLAGS": "-modcacherw",
            "GOCACHE": str(caches / "go-build"),
            "PIP_NO_CACHE_DIR": "1",
        }
        began = time.monotonic()
        subprocess.run(
            ["make", "setup"], cwd=checkout, env={**os.environ, **extra}, stdout=sys.stderr, check=True
        )
        setup = time.monotonic() - began
        seconds, said = timed_up(checkout, extra)
        shopctl(checkout, "destroy", "--yes", extra=extra)
    parts = {"setup": setup, **said["seconds"]}
    return Figure("fresh machine to shop", setup + seconds, COLD_SECONDS, "s", parts)


def measure(with_cold: bool) -> list[Figure]:
    """All figures, in the order in which they are measured."""
    shopctl(ROOT, "destroy", "--yes", extra={})
    figures = [cold()] if with_cold else []
    seconds, said = timed_up(ROOT, {})
    figures.append(Figure("destroyed to answering", seconds, WARM_SECONDS, "s", said["seconds"]))
    used = {name: size / 2**20 for name, size in memory.by_host(HOSTS).items()}
    problem = None if used else f"no host found below {HOSTS}"
    figures.append(Figure("memory of the stack", sum(used.values()), MEMORY_MIB, "MiB", used, problem))
    seconds, said = timed_up(ROOT, {})
    problem = f"changed={said['changed']}" if said["changed"] else None
    figures.append(Figure("nothing to change", seconds, AGAIN_SECONDS, "s", said["seconds"], problem))
    return figures


def main() -> int:
    """Measure, print, and fail when a limit is not kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--cold", action="store_true", help="also from a fresh clone with empty caches (minutes)"
    )
    parser.add_argument("--json", action="store_true", help="for machines")
    arguments = parser.parse_args()
    figures = measure(arguments.cold)
    if arguments.json:
        print(json.dumps([figure.as_json() for figure in figures], indent=2))
    else:
        print("\n".join(line for figure in figures for line in figure.lines()))
    return 0 if all(figure.kept for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
