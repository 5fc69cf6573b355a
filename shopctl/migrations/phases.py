"""When a migration runs: before the hosts get the new release, or after all of them have it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shopctl.migrations.rules import Said
from shopctl.migrations.text import Migration


@dataclass(frozen=True)
class Phases:
    """The pending migrations, each phase in the order of their names."""

    pre: tuple[str, ...] = ()
    post: tuple[str, ...] = ()


@dataclass(frozen=True)
class Applied:
    """A migration that the database has, as the release that runs tells of it.

    `takes_away`: code from before it would miss something (only a post-deploy one can).
    """

    name: str
    takes_away: bool = False


def pending(migrations: Iterable[Migration], applied: Iterable[str]) -> list[Migration]:
    """Those that the database lacks. A squashed one is there when all that it replaces is."""
    there = frozenset(applied)
    return [m for m in migrations if m.name not in there and not (m.replaces and m.replaces <= there)]


def split(migrations: Iterable[Migration]) -> Phases:
    """Pending migrations by phase."""
    found = sorted(migrations, key=lambda m: m.name)
    return Phases(
        tuple(m.name for m in found if not m.post_deploy), tuple(m.name for m in found if m.post_deploy)
    )


def disordered(pending: Iterable[Migration]) -> list[tuple[str, Said]]:
    """Pre-deploy migrations that build on a pending post-deploy one: they would have to wait for it, and the new
    release's code for them."""
    found = {migration.name: migration for migration in pending}
    needs: dict[str, set[str]] = {name: set(m.needs) for name, m in found.items()}
    for name, migration in found.items():
        for other in migration.before & needs.keys():
            needs[other].add(name)
    late = {name: _late(name, needs, found) for name, m in found.items() if not m.post_deploy}
    return [(name, _out_of_turn(waits)) for name, waits in sorted(late.items()) if waits]


def blocking(applied: Iterable[Applied], of_release: Iterable[str]) -> list[str]:
    """Why a former release can't come back: what the database has lost since. `of_release`: the migrations that the
    former release knows. Empty when it can."""
    known = frozenset(of_release)
    return [
        f"{migration.name} ran after its deploy and took away what this release uses"
        for migration in sorted(applied, key=lambda migration: migration.name)
        if migration.takes_away and migration.name not in known
    ]


def _late(name: str, needs: Mapping[str, set[str]], found: Mapping[str, Migration]) -> str:
    """The post-deploy migration that it builds on, be it over others; empty when there is none."""
    seen, open_ = {name}, [name]
    while open_:
        for need in sorted(needs.get(open_.pop(), ())):
            if need in found and need not in seen:
                if found[need].post_deploy:
                    return need
                seen.add(need)
                open_.append(need)
    return ""


def _out_of_turn(waits: str) -> Said:
    return Said(
        f"needs {waits}",
        "that one runs after the deploy, this one would have to run before it",
        f"deploy a release that has {waits} and not this one first; or give this one post_deploy = True, too",
    )
