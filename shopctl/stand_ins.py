"""A plan that is only looked at needs less than one that is applied.

Without keys for the state's bucket, or without a way to it, the plan is made as from nothing; settings that only the
environment's owners have are stood in for by placeholders. Both are said loudly, and neither is ever applied.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from shopctl import stack
from shopctl.drivers import engine_state
from shopctl.drivers.bucket import UnreadableError

if TYPE_CHECKING:
    from shopctl.environment import Environment
    from shopctl.report import Report


@contextmanager
def of(environment: Environment, report: Report) -> Iterator[tuple[Environment, tuple[str, ...]]]:
    """The environment to plan with, and what has to be said about the plan.

    It is the environment itself when nothing is missing, else one in a folder that goes away.
    """
    warnings = reasons(environment)
    if not warnings:
        yield environment, ()
        return
    for warning in warnings:
        report.warn(warning)
    with tempfile.TemporaryDirectory(prefix="shopctl-preview-") as folder:
        yield replace(environment, state_dir=Path(folder), preview=True), warnings


def reasons(environment: Environment) -> tuple[str, ...]:
    """Why the environment cannot be planned as it is."""
    if environment.region is not None:
        return ()
    found: list[str] = []
    try:
        engine_state.exists(environment)
    except UnreadableError as error:
        found.append(f"STATE NOT READABLE: planned as from nothing ({error.what})")
    if names := stack.lacking(environment):
        said = f"PLACEHOLDERS for settings that are not there: {', '.join(names)}; `up` will refuse"
        found.append(said if found else f"{said}; planned as from nothing")
    return tuple(found)
