"""The gates of a rollout: each looks at one thing on one host, and says whether the version may stay there. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shopctl.rollout import odds
from shopctl.rollout.limits import Limits
from shopctl.rollout.odds import SURE, VERY_SURE
from shopctl.rollout.traffic import Sample, Window

READY, RESTARTS, ERRORS, LATENCY, MEMORY = "ready", "restarts", "error rate", "response time", "memory"
# A single failure is an anecdote; one more, and it may have a reason. To end a watch early takes more than a moment's.
FEWEST_ERRORS, FEWEST_ERRORS_EARLY = 2, 5
P95 = 0.95
RISK, RISK_EARLY = 0.01, 0.001


@dataclass(frozen=True)
class Gate:
    """What was looked at, where, and what came of it. `passed` None: there was too little to judge by.

    `said` is a sentence for a person, `figures` the evidence; `group` is whose log tells more, when it failed.
    """

    name: str
    host: str
    passed: bool | None
    said: str
    figures: Mapping[str, Any] = field(default_factory=dict[str, Any])
    group: str = ""

    @property
    def failed(self) -> bool:
        """Whether the version has to go."""
        return self.passed is False

    def as_json(self) -> dict[str, Any]:
        """For the journal."""
        return {
            "name": self.name,
            "host": self.host,
            "passed": self.passed,
            "said": self.said,
            "group": self.group,
            "figures": dict(self.figures),
        }


@dataclass(frozen=True)
class Traffic:
    """What a judge of requests compares.

    `before`: the former version's, on this host. `after`: the new one's. `beside`: the former version's in the same
    time on hosts that still have it; what slows those too (a neighbour, the database) is not the release's doing.
    `warmed`: the last round of the warm-up, which counts where shoppers are too few.
    """

    before: Window = field(default_factory=Window)
    after: Window = field(default_factory=Window)
    beside: Window = field(default_factory=Window)
    warmed: Window = field(default_factory=Window)


def errors(host: str, traffic: Traffic, limits: Limits, *, early: bool = False) -> Gate:
    """Whether more answers than may be are 5xx: of all groups together, or of one that the others would hide.

    Too many is: surely more than `max_error_rate` and than the former version had; or surely more than
    `max_error_growth` times what it had at most. "Surely" is by Wilson's interval (`odds.share_between`), so 1 failure
    of 30 is no verdict and 2 of 3 are one.
    """
    z, fewest = (VERY_SURE, FEWEST_ERRORS_EARLY) if early else (SURE, FEWEST_ERRORS)
    after, figures = traffic.after, {name: window.counts() for name, window in _windows(traffic)}
    for group, now, pairs in _parts(traffic):
        least, _ = odds.share_between(now.errors, now.count, z)
        usual = [odds.share_between(then.errors, then.count) for then in pairs if then.count]
        limit = max([limits.max_error_rate, *(low for low, _ in usual)])
        growth = limits.max_error_growth * max((high for _, high in usual), default=1.0)
        if now.errors >= fewest and least > min(limit, growth):
            before = ", ".join(f"{then.errors} of {then.count}" for then in pairs if then.count) or "unknown"
            of = f"of {group}" if group else "in all"
            said = f"{now.errors} of {now.count} requests {of} failed (5xx); before: {before}"
            worst = group or max(after.groups, key=lambda name: after.groups[name].errors)
            return Gate(ERRORS, host, False, said, figures, worst)
    if after.all.count >= limits.min_requests:
        said = f"{after.all.errors} of {after.all.count} requests failed"
        return Gate(ERRORS, host, True, said, figures)
    return _by_warming(
        ERRORS,
        host,
        traffic,
        figures,
        bad=traffic.warmed.all.errors,
        told=f"{traffic.warmed.all.errors} of them failed",
    )


def latency(host: str, traffic: Traffic, limits: Limits, *, early: bool = False) -> Gate:
    """Whether a group's p95 is too long.

    The limit comes from the p95 that the former version had at most (`odds.percentile_at_most`: with few requests that
    is the slowest of them, which may lift the limit to `max_p95_ms` and no further). The new version's own p95 is not
    estimated at all, as that of 30 requests is the second slowest of them and means little. What is counted is how
    many took longer than the limit: if its p95 is within it, each does so with a probability of at most 5 %, and so
    many have to be improbable (1 %). This quantile test (Conover, 3.2) supposes nothing of how times are distributed,
    and one slow answer alone can't fail it.
    """
    figures: dict[str, Any] = {name: window.times() for name, window in _windows(traffic)}
    judged, slow = 0, dict[str, str]()
    bounds: dict[str, float] = {}
    for group, now in traffic.after.groups.items():
        if now.count < limits.min_requests:
            continue
        judged += 1
        bounds[group] = round(_slowest_p95(group, traffic, limits), 1)
        over = sum(time > bounds[group] for time in now.ordered)
        if odds.at_least(over, now.count, 1 - P95) < (RISK_EARLY if early else RISK):
            then = traffic.before.group(group)
            usual = f"{then.percentile(P95):.0f} ms" if then.count else "unknown"
            slow[group] = (
                f"{over} of {now.count} requests of {group} took more than {bounds[group]:.0f} ms "
                f"(p95 {now.percentile(P95):.0f} ms; before: {usual})"
            )
    figures["limit_ms"] = bounds
    if slow:
        return Gate(LATENCY, host, False, "; ".join(slow.values()), figures, next(iter(slow)))
    if judged:
        p95 = traffic.after.all.percentile(P95)
        return Gate(LATENCY, host, True, f"p95 {p95:.0f} ms in {traffic.after.all.count} requests", figures)
    over = sum(time > limits.max_p95_ms for time in traffic.warmed.all.ordered)
    told = f"{over} of them took more than {limits.max_p95_ms:.0f} ms"
    return _by_warming(LATENCY, host, traffic, figures, bad=over, told=told)


def memory(
    host: str, at_first: Mapping[str, float], now: Mapping[str, float], limits: Limits, *, limit_mb: float
) -> Gate:
    """Whether a group's processes have more memory than `limit_mb`, or ever more. MB of resident set, by group."""
    figures = {
        "limit_mb": limit_mb,
        "mb": _rounded(now),
        "growth_mb": _rounded({group: mb - at_first.get(group, mb) for group, mb in now.items()}),
    }
    for group, mb in now.items():
        if mb > limit_mb:
            said = f"{group} has {mb:.0f} MB, and may have {limit_mb:.0f} MB"
            return Gate(MEMORY, host, False, said, figures, group)
        growth = mb - at_first.get(group, mb)
        if growth > limits.max_memory_growth_mb:
            said = f"{group} grew by {growth:.0f} MB to {mb:.0f} MB while it was watched"
            return Gate(MEMORY, host, False, said, figures, group)
    if not now:
        return Gate(MEMORY, host, None, "no process was found", figures)
    most = max(now, key=lambda group: now[group])
    return Gate(MEMORY, host, True, f"at most {now[most]:.0f} MB ({most})", figures)


@dataclass(frozen=True)
class Unit:
    """A group's unit: how often systemd had to start it again, and its state in systemd's word."""

    restarts: int
    state: str


def restarts(host: str, groups: Iterable[str], at_first: Mapping[str, Unit], now: Mapping[str, Unit]) -> Gate:
    """Whether every group's unit runs, and none has ended since it was started, of whatever it died."""
    figures = {group: {"restarts": unit.restarts, "state": unit.state} for group, unit in now.items()}
    for group in groups:
        unit = now.get(group)
        if unit is None or unit.state not in {"active", "activating"}:
            state = unit.state if unit else "unknown to systemd"
            return Gate(RESTARTS, host, False, f"the unit of {group} is {state}", figures, group)
        again = unit.restarts - at_first.get(group, Unit(0, "")).restarts
        if again > 0 or unit.state == "activating":
            said = f"{group} ended and was started again ({unit.restarts} times)"
            return Gate(RESTARTS, host, False, said, figures, group)
    return Gate(RESTARTS, host, True, "no unit was started again", figures)


def ready(host: str, groups: Iterable[str], answers: Mapping[str, int]) -> Gate:
    """Whether each group says that it is ready. `answers`: HTTP statuses, 0 without any."""
    bad = {group: answers.get(group, 0) for group in groups if answers.get(group, 0) != 200}
    figures = dict(answers)
    if not bad:
        return Gate(READY, host, True, f"{', '.join(groups)}: ready", figures)
    told = (
        f"{group} {f'answers {status}' if status else 'does not answer'}" for group, status in bad.items()
    )
    return Gate(READY, host, False, "; ".join(told), figures, next(iter(bad)))


def _parts(traffic: Traffic) -> Iterable[tuple[str, Sample, tuple[Sample, Sample]]]:
    """All requests (of no group), and those of each group, with those to compare with."""
    yield "", traffic.after.all, (traffic.before.all, traffic.beside.all)
    for group, now in traffic.after.groups.items():
        yield group, now, (traffic.before.group(group), traffic.beside.group(group))


def _slowest_p95(group: str, traffic: Traffic, limits: Limits) -> float:
    """The p95 that a group may have: by the former version's, on this host or beside it, where enough requests tell."""

    def more(usual: float) -> float:
        return max(usual * limits.max_p95_growth, usual + limits.max_p95_rise_ms)

    known = (window.group(group) for window in (traffic.before, traffic.beside))
    bounds = [
        min(
            more(odds.percentile_at_most(sample.ordered, P95)),
            max(more(sample.percentile(P95)), limits.max_p95_ms),
        )
        for sample in known
        if sample.count >= limits.min_requests
    ]
    return max(bounds, default=limits.max_p95_ms)


def _by_warming(
    name: str, host: str, traffic: Traffic, figures: Mapping[str, Any], *, bad: int, told: str
) -> Gate:
    """Where shoppers were too few. Warm-up requests are few as well: none of them may be bad."""
    few, warmed = traffic.after.all.count, traffic.warmed.all.count
    came = f"only {few} requests came" if few else "no request came"
    if not warmed:
        return Gate(name, host, None, f"{came}, too few to judge by", figures)
    return Gate(name, host, not bad, f"{came}; of the warm-up's {warmed}, {told}", figures)


def _windows(traffic: Traffic) -> Iterable[tuple[str, Window]]:
    """Those that are evidence: what was looked at, and whatever it could be compared with."""
    yield "after", traffic.after
    others = {"before": traffic.before, "beside": traffic.beside, "warmed": traffic.warmed}
    yield from ((name, window) for name, window in others.items() if window.groups)


def _rounded(figures: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 1) for name, value in figures.items()}
