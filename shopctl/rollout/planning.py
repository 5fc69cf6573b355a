"""What a deploy would do, from what the hosts run. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shopctl.plan import Change, Difference, Plan
from shopctl.rollout.facts import WORKER, HostFacts


@dataclass(frozen=True)
class Wanted:
    """The release that is to run. `migrations` are those that the database lacks; `megabytes` is its archive."""

    release: str
    migrations: tuple[str, ...] = ()
    megabytes: int = 0
    estimate_seconds: float | None = None
    prepare: bool = True


def plan(operation: str, environment: str, hosts: Sequence[HostFacts], wanted: Wanted) -> Plan:
    """The plan. When there is nothing to do it says why."""
    changes = tuple(change for host in hosts if (change := _change(host, wanted.release)))
    same = len(hosts) - len(changes)
    if not changes:
        names = ", ".join(host.host for host in hosts)
        reason = f"release {wanted.release} runs on {names}, each in the balancer"
        return Plan(operation, environment, unchanged=same, reason=reason)
    return Plan(
        operation,
        environment,
        changes,
        unchanged=same,
        steps=tuple(_steps(hosts, changes, wanted)),
        warnings=tuple(_warnings(hosts)),
    )


def before(hosts: Iterable[HostFacts], target: str) -> str | None:
    """The release to go back to when `target` fails: what most containers run now, `target` apart."""
    counted = Counter(c.release for host in hosts for c in host.containers.values() if c.release != target)
    return max(counted, key=lambda release: (counted[release], release)) if counted else None


def previous(hosts: Sequence[HostFacts], history: Sequence[str]) -> str | None:
    """The release that ran before this one. `history`: releases that succeeded, oldest first.

    Where the journal tells of none whose image is still on every host, it is the newest other image.
    """
    now = current(hosts)
    kept = (
        [image for image in hosts[0].images if all(image in host.images for host in hosts)] if hosts else []
    )
    for release in [*reversed(history), *kept]:
        if release != now and release in kept:
            return release
    return None


def current(hosts: Iterable[HostFacts]) -> str | None:
    """The release that most containers run."""
    counted = Counter(c.release for host in hosts for c in host.containers.values())
    return max(counted, key=lambda release: (counted[release], release)) if counted else None


def _change(host: HostFacts, release: str) -> Change | None:
    stale = {name: c.release for name, c in host.containers.items() if c.release != release}
    mixed = len({c.settings for c in host.containers.values()}) > 1
    if not stale and not mixed and not host.drained and host.containers:
        return None
    if not host.containers:
        return Change("create", "shop", host.host, differences=(Difference("release", None, release),))
    differences = [Difference("balancer", "out", "in")] if host.drained else []
    if len(set(stale.values())) == 1 and len(stale) == len(host.containers):
        differences.append(Difference("release", next(iter(stale.values())), release))
    else:
        differences += [Difference(name, old, release) for name, old in sorted(stale.items())]
    if mixed and not stale:
        differences.append(Difference("settings", "of several runs", "of this one"))
    return Change("update", "shop", host.host, differences=tuple(differences))


def _steps(hosts: Sequence[HostFacts], changes: Sequence[Change], wanted: Wanted) -> Iterable[str]:
    lacking = [host.host for host in hosts if wanted.release not in host.images]
    if lacking:
        yield f"put release {wanted.release} ({wanted.megabytes} MB) on {', '.join(lacking)}"
    if wanted.migrations:
        yield f"apply the migrations {', '.join(wanted.migrations)}: the release that runs can live with them"
    if wanted.prepare:
        yield "compare the accounts' rights, publish the static files"
    turns = {change.name for change in changes}
    out = [host.host for host in hosts if host.drained]
    order = [*out, *(host.host for host in hosts if host.host in turns and host.host not in out)]
    yield f"{', then '.join(order)}: out of the balancer, start, ready, warm, back into the balancer"
    if any(WORKER in host.containers for host in hosts):
        yield "the workers last, each when it has finished its messages"
    if wanted.estimate_seconds:
        yield f"last time it took {wanted.estimate_seconds:.0f} s"


def _warnings(hosts: Sequence[HostFacts]) -> Iterable[str]:
    mixed = [host.host for host in hosts if len(host.releases) > 1]
    if mixed or len({host.releases for host in hosts}) > 1:
        yield "the hosts run different releases: an earlier deploy did not end; this one makes them the same"
    if len(hosts) == 1:
        yield "there is one web host only: nobody serves while it has its turn"
