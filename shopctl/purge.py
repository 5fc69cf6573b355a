"""What the CDN shall forget: for `shopctl purge`, and for a deploy whose static files changed under their old names."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shopctl.errors import BadInputError
from shopctl.plan import Plan
from shopctl.plan.model import Change
from shopctl.progress import of_resources

if TYPE_CHECKING:
    from shopctl.environment import Environment
    from shopctl.report import Report

TYPE = "tencentcloud:Cdn/urlPurge:UrlPurge"
AT_ONCE = 1000
"""URLs of one call (https://cloud.tencent.com/document/product/228/37870)."""
MOST = 10_000
"""URLs of one day, as the cloud counts (same page)."""
_PATH = re.compile(r"/[^\s#*]{0,999}")


@dataclass(frozen=True)
class Purged:
    """What was forgotten."""

    environment: str
    urls: tuple[str, ...]
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {"environment": self.environment, "urls": list(self.urls), "seconds": self.seconds}


class Purge:
    """The operation. Raises BadInputError for a path that is none."""

    name = "purge"

    def __init__(self, environment: Environment, report: Report, paths: Sequence[str]) -> None:
        self.evidence: dict[str, Any] = {}
        self._environment, self._report, self._paths = environment, report, paths
        self._urls = urls(environment.settings.cdn_domain, paths)

    def plan(self) -> Plan:
        """The URLs."""
        return Plan(
            self.name,
            self._environment.name,
            tuple(Change("create", TYPE, url) for url in self._urls),
            steps=("the next visitor of each has it fetched from the web hosts",),
        )

    def apply(self, planned: Plan | None) -> tuple[Plan, Purged]:
        """Does it."""
        plan = planned or self.plan()
        with self._report.phase("purge"):
            done = purge(self._environment, self._report, self._paths)
        self.evidence = {"urls": list(done.urls)}
        return plan, done


def purge(environment: Environment, report: Report, paths: Sequence[str]) -> Purged:
    """Has the CDN forget these paths of its domain; none are none. Needs the lease; doing it again is harmless.

    The environment's own stack is not touched: the next `up` finds nothing changed. Raises BadInputError for a path
    that is none, ShopctlError for what the cloud refuses.
    """
    from shopctl.drivers.engine_once import run_once

    began = time.monotonic()
    found = urls(environment.settings.cdn_domain, paths)
    if found:
        run_once(environment, report, "purge", lambda: _program(found), of_resources(report))
    return Purged(environment.name, found, round(time.monotonic() - began, 1))


def urls(domain: str, paths: Iterable[str]) -> tuple[str, ...]:
    """The paths as URLs of the domain, each once, in their order. Raises BadInputError that names the bad ones."""
    given = tuple(dict.fromkeys(paths))
    bad = [path for path in given if not _PATH.fullmatch(path)]
    if bad:
        raise BadInputError(
            f"{len(bad)} of {len(given)} are no paths of {domain}",
            last_lines=[repr(path)[:200] for path in bad],
            next_step="each begins with / and names one object: /static/h5/index.html",
        )
    if len(given) > MOST:
        raise BadInputError(
            f"{len(given)} paths are more than the {MOST} that the cloud takes a day",
            next_step="files that change should have new names, as a release's own have",
        )
    return tuple(f"https://{domain}{path}" for path in given)


def batches(found: Sequence[str]) -> list[list[str]]:
    """As many at once as one call takes."""
    return [list(found[begin : begin + AT_ONCE]) for begin in range(0, len(found), AT_ONCE)]


def _program(found: Sequence[str]) -> None:
    """What the engine runs."""
    import tencentcloud_iac_pulumi as tencentcloud

    # Another number than any time before: a region may remember the resource, and then this has it done again.
    redo = int(time.time())
    for number, batch in enumerate(batches(found), start=1):
        tencentcloud.cdn.UrlPurge(f"purge-{number}", urls=batch, redo=redo)
