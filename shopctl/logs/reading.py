"""journalctl's command lines, and what a host had to say until now."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shopctl.errors import ShopctlError
from shopctl.logs.choice import Choice
from shopctl.logs.entry import FIELDS, Entry, parse

if TYPE_CHECKING:
    from infra.outputs import Host
    from shopctl.drivers.ssh import Fleet, Line

LOOKED_THROUGH = 5000
"""How many of a host's last lines are looked through for those that somebody wants."""
TIMEOUT = 60.0
_JOURNALCTL = (
    *("journalctl", "--no-pager", "--quiet", "--all", "--output=json"),
    f"--output-fields={','.join(FIELDS)}",
)
# What a container says comes by way of its monitor, what is said of its unit by systemd. A unit's name would not do:
# journalctl knows only those that were there when it began, and a deploy starts new ones.
_OF_CONTAINERS = ("_COMM=conmon", "+", "_PID=1")


@dataclass(frozen=True)
class Wish:
    """What somebody wants to see. `lines` is None for everything since `since`."""

    choice: Choice
    unit: str | None = None
    lines: int | None = 100
    since: str | None = None


@dataclass(frozen=True)
class Past:
    """A host's lines until now, those that were asked for; and where its journal ended then. Or why there are none."""

    host: str
    entries: tuple[Entry, ...] = ()
    end: Entry | None = None
    error: str = ""


def newest() -> list[str]:
    """The last line of all."""
    return [*_JOURNALCTL, "--lines=1"]


def history(wish: Wish) -> list[str]:
    """The lines until now; more of them than wanted where some will be left out."""
    argv = list(_JOURNALCTL)
    if wish.lines is not None:
        argv.append(f"--lines={max(wish.lines, LOOKED_THROUGH) if wish.choice.narrow else wish.lines}")
    if wish.since:
        argv.append(f"--since={wish.since}")
    units = [wish.unit] if wish.unit else wish.choice.units
    return [*argv, *(f"--unit={unit}" for unit in units)]


def following(wish: Wish, after: int | None) -> list[str]:
    """What comes, from the microsecond `after` on; None: from now on."""
    argv = [*_JOURNALCTL, "--follow"]
    argv += ["--lines=0"] if after is None else ["--no-tail", f"--since=@{after // 10**6}.{after % 10**6:06}"]
    if wish.unit:
        return [*argv, f"--unit={wish.unit}"]
    return [*argv, *(_OF_CONTAINERS if wish.choice.groups else ())]


def past(fleet: Fleet, hosts: Sequence[Host], wish: Wish) -> list[Past]:
    """Of several hosts at once; one that can't be reached doesn't stop the others."""
    with ThreadPoolExecutor(max_workers=max(len(hosts), 1)) as pool:
        return list(pool.map(lambda host: past_of(fleet, host, wish), hosts))


def past_of(fleet: Fleet, host: Host, wish: Wish) -> Past:
    """Of one host."""
    try:
        with fleet.line(host) as line:
            end = _read(line, newest())
            found = _read(line, history(wish)) if wish.lines != 0 else []
    except ShopctlError as error:
        return Past(host.name, error=error.what)
    taken = [entry for entry in found if wish.choice.takes(entry)]
    kept = taken if wish.lines is None else taken[-wish.lines :] if wish.lines else []
    return Past(host.name, tuple(kept), end[-1] if end else None)


def merged(parts: Sequence[Past], lines: int | None) -> list[Entry]:
    """All hosts' lines in the order of time, the last of them."""
    found = sorted((entry for part in parts for entry in part.entries), key=lambda entry: entry.at)
    return found if lines is None else found[-lines:] if lines else []


def _read(line: Line, argv: Sequence[str]) -> list[Entry]:
    done = line.run(argv, timeout=TIMEOUT)
    # journalctl ends with 1 when nothing was found.
    if done.code != 0 and done.stderr.strip():
        raise ShopctlError(
            done.stderr.strip().splitlines()[-1],
            where=line.host,
            command=" ".join(argv),
            exit_status=done.code,
        )
    return [entry for text in done.stdout.splitlines() if (entry := parse(line.host, text))]
