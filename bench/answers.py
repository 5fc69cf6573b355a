"""How soon the command line answers: help and completion, and a look at a whole stack that is up."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from bench.figures import Figure

SHOPCTL = Path(sys.executable).parent / "shopctl"
AT_ONCE_SECONDS, REFRESH_SECONDS = 0.3, 10.0
TIMES = 7
COMPLETION = {"_SHOPCTL_COMPLETE": "complete_bash", "COMP_WORDS": "shopctl ", "COMP_CWORD": "1"}
"""What a shell asks with, when somebody presses the tabulator after the command's name."""


def timed(*words: str, extra: Mapping[str, str] | None = None) -> tuple[float, str]:
    """Seconds of one run, and what it printed. Raises CalledProcessError when it fails."""
    begun = time.monotonic()
    done = subprocess.run(
        [SHOPCTL, *words], env={**os.environ, **(extra or {})}, stdout=subprocess.PIPE, text=True, check=True
    )
    return time.monotonic() - begun, done.stdout


def at_once() -> list[Figure]:
    """Help and completion, each the median of a few runs."""
    figures = []
    for name, words, extra in (("--help", ["--help"], None), ("completion", [], COMPLETION)):
        runs = [timed(*words, extra=extra) for _ in range(TIMES)]
        problem = None if all("refresh" in said for _, said in runs) else "it does not name the commands"
        seconds = statistics.median(took for took, _ in runs)
        figures.append(Figure(name, seconds, AT_ONCE_SECONDS, "s", problem=problem))
    return figures


def refresh(environment: str) -> Figure:
    """A look at every resource of an environment that is up."""
    seconds, _ = timed("--env", environment, "refresh", "--dry-run", "--json")
    return Figure(f"refresh of {environment}", seconds, REFRESH_SECONDS, "s")
