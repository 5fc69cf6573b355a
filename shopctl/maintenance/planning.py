"""From what the hosts say to what would be switched. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from shopctl.clock import iso
from shopctl.maintenance.notice import Notice
from shopctl.plan import Plan
from shopctl.plan.model import Change, Difference


@dataclass(frozen=True)
class HostFacts:
    """A web host: the notice that it shows, None while it serves; `problem` when it could not be asked.

    `ready`: whether the shop behind it says that it could serve.
    """

    host: str
    notice: Notice | None = None
    ready: bool = True
    problem: str = ""


def plan(name: str, environment: str, hosts: Sequence[HostFacts], wanted: Notice | None) -> Plan:
    """What would be switched for `wanted` to be shown everywhere; None: for the shop to serve everywhere."""
    asked = [host for host in hosts if not host.problem]
    changes = tuple(change for host in asked if (change := _change(host, wanted)))
    same = len(asked) - len(changes)
    reason = ""
    if not changes:
        names = ", ".join(host.host for host in asked) or "no host that can be reached"
        reason = f"{names}: " + ("shows just this" if wanted else "no maintenance page there")
    return Plan(
        name,
        environment,
        changes,
        unchanged=same,
        steps=tuple(_steps(changes, wanted)),
        warnings=tuple(_warnings(hosts, wanted)),
        reason=reason,
    )


def lasting(hosts: Iterable[HostFacts], wanted: Notice) -> Notice:
    """The notice with the time at which the first of the hosts went into maintenance."""
    began = [host.notice.since for host in hosts if host.notice]
    return Notice(wanted.message, min([*began, wanted.since]), wanted.until)


def told(hosts: Sequence[HostFacts]) -> tuple[bool, str]:
    """For the status: whether any host shows the page, and which does what."""
    shown = {host.host: host.notice for host in hosts if host.notice}
    if not shown:
        asked = [host.host for host in hosts if not host.problem]
        return False, f"off: {', '.join(asked) or 'no web host answers'}"
    others = [host.host for host in hosts if not host.notice]
    off = f", not {', '.join(others)}" if others else ""
    return True, f"on: {', '.join(shown)}{off}; {described(next(iter(shown.values())))}"


def described(notice: Notice) -> str:
    """In words, for an operator."""
    end = "no end announced" if notice.until is None else f"until {iso(notice.until)}"
    return f"since {iso(notice.since)}, {end}: {notice.message}"


def _change(host: HostFacts, wanted: Notice | None) -> Change | None:
    old = host.notice
    if wanted is None:
        if old is None:
            return None
        return Change(
            "delete", "maintenance", host.host, differences=(Difference("message", old.message, None),)
        )
    if wanted.same_as(old):
        return None
    pairs = (
        ("message", old.message if old else None, wanted.message),
        ("until", _end(old) if old else None, _end(wanted)),
    )
    differences = tuple(Difference(path, before, after) for path, before, after in pairs if before != after)
    return Change("update" if old else "create", "maintenance", host.host, differences=differences)


def _end(notice: Notice) -> str:
    return "open" if notice.until is None else iso(notice.until)


def _steps(changes: Sequence[Change], wanted: Notice | None) -> Iterator[str]:
    names = ", ".join(change.name for change in changes)
    if not changes:
        return
    if wanted is None:
        yield f"{names}: serve the shop again"
        return
    end = "" if wanted.until is None else f", said to end at {iso(wanted.until)}"
    yield f"{names}: 503 with the page for buyers and merchants{end}; nothing is reloaded"
    yield "as before: health checks, pictures and static files, WeChat's notifications, who comes by SSH"


def _warnings(hosts: Sequence[HostFacts], wanted: Notice | None) -> Iterator[str]:
    for host in hosts:
        if host.problem:
            yield f"{host.host} is left as it is: {host.problem}"
        elif wanted is None and not host.ready:
            yield f"the shop on {host.host} is not ready: buyers there would see errors instead of the page"
