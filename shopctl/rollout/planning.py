"""What a rollout would do, from what the hosts say. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from shopctl.plan import Change, Difference, Plan
from shopctl.rollout.facts import HostFacts, release_of
from shopctl.rollout.machine import Goal, next_step


@dataclass(frozen=True)
class Wanted:
    """The version that is to serve, by which of its groups. `migrations` are those that the database lacks: before the
    rollout, and `later` ones after it. `megabytes` is what the release's image weighs."""

    version: str
    groups: tuple[str, ...]
    migrations: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    megabytes: int = 0
    estimate_seconds: float | None = None
    prepare: bool = True
    warnings: tuple[str, ...] = ()

    @property
    def release(self) -> str:
        """Its release's id."""
        return release_of(self.version)


def goal(hosts: Sequence[HostFacts], wanted: Wanted) -> dict[str, str]:
    """What is to serve each group: the wanted version, and whatever serves most now where it is not asked for."""
    return {**serving(hosts), **dict.fromkeys(wanted.groups, wanted.version)}


def serving(hosts: Iterable[HostFacts], *, apart_from: str | None = None) -> dict[str, str]:
    """The version that serves each group on most hosts."""
    counts: dict[str, Counter[str]] = {}
    for host in hosts:
        for group, version in host.serving.items():
            if version != apart_from:
                counts.setdefault(group, Counter())[version] += 1
    return {group: max(found, key=lambda v: (found[v], v)) for group, found in sorted(counts.items())}


def before(hosts: Sequence[HostFacts], wanted: Wanted) -> dict[str, str] | None:
    """What to go back to when the wanted version fails; None where there is no other that every host has.

    Where a killed rollout left the wanted version serving everywhere, it is what runs besides.
    """
    now = serving(hosts, apart_from=wanted.version)
    beside: dict[str, Counter[str]] = {}
    for host in hosts:
        for group, version in host.running:
            if version != wanted.version:
                beside.setdefault(group, Counter())[version] += 1
    for group in wanted.groups:
        if group not in now:
            if group not in beside:
                return None
            now[group] = max(beside[group], key=lambda v: (beside[group][v], v))
    missing = any(version not in host.versions for version in now.values() for host in hosts)
    return None if missing else {**serving(hosts), **now}


def previous(hosts: Sequence[HostFacts]) -> str | None:
    """The version that served when the last rollout began, whoever began it; None where no other is on every host.

    Where it still serves some groups or hosts (a rollout of one group, or one that was killed) it is that one all the
    same. Where the hosts know of none, as they were made after it, it is the newest other version.
    """
    served: dict[str, float] = {}
    for host in hosts:
        for version, at in host.served.items():
            served[version] = max(at, served.get(version, at))
    kept, now = common(hosts), {version for host in hosts for version in host.serving.values()}
    for version in [*sorted(served, key=lambda name: served[name], reverse=True), *reversed(kept)]:
        if version in kept and now != {version}:
            return version
    return None


def common(hosts: Sequence[HostFacts]) -> list[str]:
    """The versions that every host has, with their images; oldest first."""
    if not hosts:
        return []
    return [
        name
        for name in hosts[0].versions
        if all(name in host.versions and release_of(name) in host.images for host in hosts)
    ]


def chosen(word: str, versions: Collection[str]) -> list[str]:
    """Those that begin with `word`: a version or the release of several. The newest of one release comes last."""
    return [version for version in versions if word and version.startswith(word)]


def plan(operation: str, environment: str, hosts: Sequence[HostFacts], wanted: Wanted) -> Plan:
    """The plan. When there is nothing to do it says why."""
    target = goal(hosts, wanted)
    changes = tuple(change for host in hosts if (change := _change(host, target)))
    same = len(hosts) - len(changes)
    if not changes and not wanted.migrations and not wanted.later:
        names = ", ".join(host.host for host in hosts)
        reason = f"{wanted.version} serves on {names}"
        return Plan(operation, environment, unchanged=same, reason=reason)
    return Plan(
        operation,
        environment,
        changes,
        unchanged=same,
        steps=tuple(_steps(hosts, [change.name for change in changes], wanted)),
        warnings=(*_warnings(hosts, target), *wanted.warnings),
    )


def _change(host: HostFacts, target: Goal) -> Change | None:
    step = next_step(host, target)
    if step is None:
        return None
    if not host.serving:
        return Change("create", "shop", host.host, differences=tuple(_all(target)))
    differences = tuple(_differences(host, target))
    return Change("update", "shop", host.host, differences=differences)


def _all(target: Goal) -> Iterable[Difference]:
    for version, groups in _by_version(target).items():
        yield Difference(_label(groups, target), None, version)


def _differences(host: HostFacts, target: Goal) -> Iterable[Difference]:
    changing: dict[tuple[str | None, str], list[str]] = {}
    for group, version in target.items():
        if host.serving.get(group) != version:
            changing.setdefault((host.serving.get(group), version), []).append(group)
    for (old, new), groups in sorted(changing.items(), key=lambda item: item[1]):
        same = old is not None and release_of(old) == release_of(new)
        label = _label(groups, target)
        yield Difference("settings" if same and label == "version" else label, old, new)
    wanted = set(target.items())
    for group, version in sorted(wanted - host.running):
        if host.serving.get(group) == version:
            yield Difference(group, f"{version} does not run", "runs")
    for group, version in sorted((host.running | host.installed) - wanted):
        if host.serving.get(group) != version:
            yield Difference(group, f"{version} runs beside", "stopped")


def _by_version(target: Goal) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for group, version in target.items():
        found.setdefault(version, []).append(group)
    return found


def _label(groups: Sequence[str], target: Goal) -> str:
    return "version" if len(groups) == len(target) else ", ".join(sorted(groups))


def _steps(hosts: Sequence[HostFacts], turns: Sequence[str], wanted: Wanted) -> Iterable[str]:
    lacking = [host.host for host in hosts if wanted.release not in host.images]
    if lacking:
        yield f"put release {wanted.release} ({wanted.megabytes} MB) on {', '.join(lacking)}"
    if wanted.migrations:
        yield f"apply the migrations {', '.join(wanted.migrations)}: the release that serves can live with them"
    if wanted.prepare:
        yield "compare the accounts' rights, publish the static files"
    if turns and wanted.prepare:
        what = "the new beside the old, ready, warm, change over, judge"
        yield f"{turns[0]} first ({what})" + (f", then {', '.join(turns[1:])}" if turns[1:] else "")
    elif turns:
        yield f"{', '.join(turns)} at once: start, ready, warm, change over"
    if wanted.later:
        yield f"when all is well, apply the migrations {', '.join(wanted.later)}"
    if wanted.estimate_seconds:
        yield f"last time it took {wanted.estimate_seconds:.0f} s"


def _warnings(hosts: Sequence[HostFacts], target: Mapping[str, str]) -> Iterable[str]:
    for group in target:
        if len({host.serving.get(group) for host in hosts if host.serving}) > 1:
            yield "the hosts serve different versions: an earlier rollout did not end; this one makes them the same"
            return


def settled(hosts: Sequence[HostFacts], target: Goal) -> bool:
    """Whether every host serves just this, and runs nothing else."""
    return all(next_step(host, target) is None for host in hosts)
