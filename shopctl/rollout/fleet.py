"""The web hosts in a rollout: a line to each, what each says, and the tidying up at the end."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, TypeVar

from shopctl.errors import ShopctlError
from shopctl.migrations import Told, told
from shopctl.rollout import commands, facts
from shopctl.rollout.facts import HostFacts

if TYPE_CHECKING:
    from shopctl.drivers.ssh import Fleet, Line

TIMEOUT = 60.0
KEPT = 3
"""Versions that stay on a host for the way back."""

Item = TypeVar("Item")
Answer = TypeVar("Answer")


@contextmanager
def lines(fleet: Fleet, only: Collection[str] = ()) -> Iterator[list[Line]]:
    """A line to each web host, or to those named, in the order of their turns.

    Raises ShopctlError for one that cannot be reached.
    """
    hosts = [host for host in fleet.choose("web") if not only or host.name in only]
    with ExitStack() as stack:
        yield at_once(lambda host: stack.enter_context(fleet.line(host)), hosts)


def at_once(do: Callable[[Item], Answer], items: Sequence[Item]) -> list[Answer]:
    """Does it to all of them at the same time. Each is done to its end before the first error is raised."""
    with ThreadPoolExecutor(max_workers=max(len(items), 1)) as pool:
        running = [pool.submit(do, item) for item in items]
    return [each.result() for each in running]


def look(opened: Sequence[Line]) -> list[HostFacts]:
    """What each has and runs. Raises ShopctlError for a host that cannot say it."""
    return at_once(look_at, opened)


def look_at(line: Line) -> HostFacts:
    """What one host has and runs. Raises ShopctlError when it cannot say it."""

    def said(argv: Sequence[str]) -> str:
        # `find` complains of a folder that is not there yet, on a host where nothing was prepared.
        return line.run(argv, timeout=TIMEOUT).stdout if argv[0] == "find" else must(line, argv)

    return HostFacts(
        host=line.host,
        versions=facts.versions(said(commands.VERSIONS)),
        serving=facts.serving(said(commands.LINKS)),
        served=facts.served(said(commands.SERVED)),
        running=facts.units(said(commands.RUNNING)),
        installed=facts.units(said(commands.INSTALLED)),
        images=facts.images(said(commands.IMAGES)),
    )


def migrations(opened: Sequence[Line], hosts: Sequence[HostFacts]) -> Told | None:
    """What the database has; None where nothing runs that could tell.

    Raises ShopctlError where what runs cannot: nothing may be deployed on a guess.
    """
    for line, host in zip(opened, hosts, strict=True):
        version = host.serving.get("trade")
        if version and ("trade", version) in host.running:
            found = told(must(line, commands.migrations(version, "--list")))
            if found is None:
                raise ShopctlError(
                    f"{version} does not tell which migrations the database has", where=line.host
                )
            return found
    return None


def must(
    line: Line,
    argv: Sequence[str],
    *,
    timeout: float = TIMEOUT,
    blamed: Callable[[], Sequence[str]] = tuple,
) -> str:
    """What a command says. Raises ShopctlError when it fails, with `blamed` added: what else is known of why."""
    done = line.run(argv, timeout=timeout)
    if done.code != 0:
        raise ShopctlError(
            f"{argv[0]} failed",
            where=line.host,
            command=" ".join(argv),
            exit_status=done.code,
            last_lines=[*(done.stderr or done.stdout).splitlines(), *blamed()],
            next_step="shopctl status",
        )
    return done.stdout


def tidy(
    opened: Sequence[Line],
    hosts: Sequence[HostFacts],
    needed: Sequence[str],
    unwanted: Sequence[str],
    say: Callable[[str], None],
) -> None:
    """Removes versions, and images of releases, that nobody will go back to; the `unwanted` in any case."""
    for line, host in zip(opened, hosts, strict=True):
        old = facts.surplus(host, keep=KEPT, needed=needed, unwanted=unwanted)
        kept = {facts.release_of(version) for version in host.versions if version not in old}
        images = [image for release, ids in host.images.items() if release not in kept for image in ids]
        for argv, what in ((commands.remove(old), old), (commands.remove_images(images), images)):
            done = line.run(argv, timeout=TIMEOUT) if what else None
            if done and done.code == 0:
                say(f"    {host.host}: removed {', '.join(what)}")
            elif done:
                # It takes room and does no harm; the next rollout tries again.
                say(f"    {host.host}: {', '.join(what)} could not be removed: {done.stderr.strip()[-200:]}")
