"""A host's requests, from Nginx's access log (templates/nginx/log.conf.j2): by version, and by process group. Pure."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from shopctl.rollout import odds

LOG = "/var/log/nginx/access.log"
READ_BYTES = 1_000_000
"""About 2,000 requests. More would not make a p95 or an error rate more certain than the decision needs, and a busy
host is asked every second."""
RECENT = ("tail", f"--bytes={READ_BYTES}", LOG)
# What reaches the shop's processes. Static files and pictures come from the storage, refusals from Nginx itself.
_SHOP = '"upstream":"unix:'
_NO_SHOPPER = ("/healthz", "/readyz", "/metrics/")
# Nginx separates several upstreams by commas, and by colons after an internal redirection.
_NEXT = re.compile(r", | : ")


@dataclass(frozen=True, slots=True)
class Request:
    """One that a process group had to answer. `at`: when it ended, seconds since the epoch by the host's clock.

    `release` is the word of whoever answered; empty where nobody did, and Nginx said 502 or 504. `milliseconds`: what
    the shop took; a slow phone does not count.
    """

    at: float
    release: str
    group: str
    status: int
    milliseconds: float

    @property
    def failed(self) -> bool:
        """Whether it is the shop's fault. 499 is a client that left."""
        return self.status >= 500


@dataclass(frozen=True)
class Sample:
    """The requests of one group, or of all. `ordered`: their milliseconds, shortest first."""

    ordered: tuple[float, ...] = ()
    errors: int = 0

    @property
    def count(self) -> int:
        """How many."""
        return len(self.ordered)

    @property
    def error_rate(self) -> float:
        """The share that failed; 0 of none."""
        return self.errors / self.count if self.ordered else 0.0

    def percentile(self, share: float) -> float:
        """Milliseconds within which that share was answered."""
        return odds.percentile(self.ordered, share)

    def counts(self) -> dict[str, float]:
        """For the journal: how many, and how many of them failed."""
        return {"count": self.count, "errors": self.errors, "error_rate": round(self.error_rate, 4)}

    def times(self) -> dict[str, float]:
        """For the journal: how long they took."""
        shares = {f"p{share}_ms": round(self.percentile(share / 100), 1) for share in (50, 95, 99)}
        return {"count": self.count, **shares}


@dataclass(frozen=True)
class Window:
    """Requests of some time, by group."""

    groups: Mapping[str, Sample] = field(default_factory=dict[str, Sample])

    @classmethod
    def of(cls, requests: Iterable[Request]) -> Window:
        """Of these."""
        times: defaultdict[str, list[float]] = defaultdict(list)
        errors: defaultdict[str, int] = defaultdict(int)
        for request in requests:
            times[request.group].append(request.milliseconds)
            errors[request.group] += request.failed
        return cls({group: Sample(tuple(sorted(times[group])), errors[group]) for group in sorted(times)})

    @cached_property
    def all(self) -> Sample:
        """Those of all groups together."""
        ordered = sorted(time for sample in self.groups.values() for time in sample.ordered)
        return Sample(tuple(ordered), sum(sample.errors for sample in self.groups.values()))

    def group(self, name: str) -> Sample:
        """A group's; none where it had none."""
        return self.groups.get(name, Sample())

    def counts(self) -> dict[str, dict[str, float]]:
        """For the journal: those of all, and of each group."""
        return {"all": self.all.counts(), **{name: each.counts() for name, each in self.groups.items()}}

    def times(self) -> dict[str, dict[str, float]]:
        """For the journal: those of all, and of each group."""
        return {"all": self.all.times(), **{name: each.times() for name, each in self.groups.items()}}


def requests(said: str) -> Iterator[Request]:
    """Of `RECENT`'s output. The first line is mostly torn, and the last one may be: what is not whole is left out."""
    # Only this one ends a line: others may stand in a user agent.
    for line in said.split("\n"):
        if _SHOP in line and (request := _request(line)) is not None:
            yield request


def before(found: Iterable[Request], *, since: float, until: float) -> Window:
    """What was usual: everything between two moments."""
    return Window.of(one for one in found if since <= one.at < until)


def after(found: Iterable[Request], release: str, groups: Collection[str], *, since: float) -> Window:
    """What a release answered of these groups' requests since it serves them, and what nobody answered since then.

    Requests that the former version had in hand at that moment end later and count as its own.
    """
    mine = {release, ""}
    return Window.of(one for one in found if one.at >= since and one.release in mine and one.group in groups)


def warmed(group: str, said: str) -> list[Request]:
    """The last answer to each address of a warm-up, of curl's lines `STATUS SECONDS ADDRESS`; the first fill caches.

    An answer that never came has the status 000, and counts as a failure.
    """
    last = {address: (status, seconds) for status, seconds, address in map(str.split, said.splitlines())}
    return [
        Request(0.0, "", group, int(status) or 504, 1000 * float(seconds))
        for status, seconds in last.values()
    ]


def _request(line: str) -> Request | None:
    try:
        told = json.loads(line)
        if told["uri"].startswith(_NO_SHOPPER):
            return None
        socket = _NEXT.split(told["upstream"])[-1]
        group = socket.rpartition("/")[2].removesuffix(".sock")
        status, at, took = int(told["status"]), float(told["at"]), _seconds(told["upstream_duration"])
        release = _NEXT.split(str(told["release"]))[-1].strip("-")
        return Request(at, release, group, status, 1000 * took)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _seconds(durations: str) -> float:
    """Of all upstreams that were asked; the client waited for each. One that gave no answer at once has a dash."""
    return sum(float(part) for part in _NEXT.split(durations) if part != "-")
