"""How long the engine takes to plan random configurations, with the provider that makes nothing."""

from __future__ import annotations

import os
import random
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from bench.figures import Figure

COUNT = 100
SECONDS = 60.0


def plan(seed: int) -> tuple[int, float]:
    """Plan one random configuration; returns how many resources it has, and the seconds it took."""
    from tests.engine.configurations import configuration
    from tests.engine.engine import lab

    begun = time.monotonic()
    with lab(configuration(random.Random(seed))) as empty:
        summary = empty.stack().preview(parallel=16).change_summary
    if set(summary) - {"create"}:
        raise RuntimeError(f"configuration {seed}: planned {summary}, not just creations")
    return sum(summary.values()), time.monotonic() - begun


def plans(count: int = COUNT) -> Figure:
    """The figure: that many plans, as many at once as the machine has processors."""
    # Each process plans one after another: the Automation API has its settings in the process.
    workers = os.cpu_count() or 1
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        begun = time.monotonic()
        done = list(pool.map(plan, range(count)))
        seconds = time.monotonic() - begun
    resources = sum(size for size, _ in done)
    name = f"{count} plans, {resources} resources"
    return Figure(
        name, seconds, SECONDS * count / COUNT, "s", {"slowest plan": max(took for _, took in done)}
    )


if __name__ == "__main__":
    figure = plans(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT)
    print("\n".join(figure.lines()))
    sys.exit(0 if figure.kept else 1)
