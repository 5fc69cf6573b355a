"""How long the engine takes to plan random configurations, with the provider that makes nothing."""

from __future__ import annotations

import functools
import gc
import linecache
import os
import random
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from bench.figures import Figure

COUNT = 100
SECONDS = 60.0


def lean() -> None:
    """Leave out what plans nothing.

    That is collecting garbage that goes with the process; debug messages that nobody reads, which the SDK sends to the
    engine by a call of its own each, some four for every resource; looking whether the program's source has changed,
    file by file, for the stack trace that goes with each resource; and finding the types of the same arguments anew.
    """
    import pulumi
    from pulumi import _types

    gc.disable()
    pulumi.log.debug = lambda *_, **__: None
    linecache.checkcache = lambda filename=None: None
    _types._types_from_py_properties = functools.cache(_types._types_from_py_properties)


def planned(seeds: list[int]) -> list[tuple[int, float]]:
    """Plan those random configurations one after another; returns the resources and the seconds of each."""
    from region.provider import ANYWHERE
    from tests.engine.configurations import configuration
    from tests.engine.engine import complete, lab

    done = []
    # A plan changes nothing, so that one empty stack does for all, and a region that has every address.
    with lab(configuration(random.Random(0)), ANYWHERE) as empty:
        stack = empty.stack()
        for seed in seeds:
            begun = time.monotonic()
            empty.configure(complete(configuration(random.Random(seed), most_hosts=4)))
            summary = stack.preview(parallel=16).change_summary
            if set(summary) - {"create"}:
                raise RuntimeError(f"configuration {seed}: planned {summary}, not just creations")
            done.append((sum(summary.values()), time.monotonic() - begun))
    return done


def plans(count: int = COUNT) -> Figure:
    """The figure: that many plans, as many at once as the machine has processors."""
    workers = os.cpu_count() or 1
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=lean) as pool:
        begun = time.monotonic()
        shares = [list(range(first, count, workers)) for first in range(workers)]
        done = [each for share in pool.map(planned, shares) for each in share]
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
