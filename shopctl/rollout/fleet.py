"""The hosts' side of a rollout: look, ship the image, ask for the last lines, remove old images."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from shopctl.drivers import subprocess
from shopctl.errors import ShopctlError
from shopctl.rollout import facts
from shopctl.rollout.facts import HostFacts

if TYPE_CHECKING:
    from infra.outputs import Host
    from shopctl.drivers.ssh import Fleet

TIMEOUT = 60.0
KEPT = 3
LAST_LINES = 12


def web(fleet: Fleet) -> list[Host]:
    """The hosts that a release goes to, in the order of their turns."""
    return fleet.choose("web")


def look(fleet: Fleet) -> list[HostFacts]:
    """What each runs. Raises ShopctlError for a host that cannot say it."""
    with ThreadPoolExecutor() as pool:
        return list(pool.map(lambda host: _look(fleet, host), web(fleet)))


def _look(fleet: Fleet, host: Host) -> HostFacts:
    return HostFacts(
        host.name,
        facts.containers(_said(fleet, host, facts.RUNNING)),
        facts.images(_said(fleet, host, facts.IMAGES)),
        fleet.run(host, facts.DRAINED, timeout=TIMEOUT).code == 0,
    )


def applied(fleet: Fleet, hosts: Sequence[HostFacts]) -> tuple[str, ...] | None:
    """The migrations that the database has; None where no release runs that could tell."""
    names = [host.host for host in hosts if "shop-trade" in host.containers]
    for host in web(fleet):
        if host.name in names:
            done = fleet.run(host, facts.MIGRATIONS, timeout=TIMEOUT)
            if done.code == 0:
                return facts.applied(done.stdout)
    return None


def ship(fleet: Fleet, names: Sequence[str], archive: Path, log: Path) -> None:
    """Puts the release's image on these hosts, all at once. An image that came half is none."""

    def one(host: Host) -> None:
        argv = fleet.command(host, ["podman", "load", "--quiet"])
        subprocess.run(
            argv,
            stdin=archive,
            log=log,
            what=f"the release could not be put on {host.name}",
            next_step=_SPACE,
        )

    chosen = [host for host in web(fleet) if host.name in names]
    with ThreadPoolExecutor() as pool:
        list(pool.map(one, chosen))


_SPACE = "is there room? shopctl run web df -h /var/lib/containers"


def last_lines(fleet: Fleet, name: str | None) -> list[str]:
    """What the containers of a host said last: those that end again and again, or all of the shop's."""
    hosts = [host for host in web(fleet) if host.name == name]
    if not hosts:
        return []
    try:
        units = facts.restarting(fleet.run(hosts[0], facts.RESTARTS, timeout=TIMEOUT).stdout)[:1] or [
            "shop-*"
        ]
        argv = ["journalctl", f"--unit={units[0]}", "--output=cat", "--no-pager", f"--lines={4 * LAST_LINES}"]
        said = fleet.run(hosts[0], argv, timeout=TIMEOUT).stdout.splitlines()
    except ShopctlError as error:
        return [f"(its log could not be read: {error.what})"]
    return [f"{units[0]}: {line}" for line in facts.telling(said)[-LAST_LINES:]]


def remove_old(fleet: Fleet, hosts: Sequence[HostFacts], needed: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Removes images that nobody will go back to; returns what went from where."""
    gone: dict[str, tuple[str, ...]] = {}
    by_name = {host.host: host for host in hosts}
    for host in web(fleet):
        old = facts.surplus(by_name[host.name], keep=KEPT, needed=needed)
        if old:
            tags = [f"{facts.IMAGE}:{image}" for image in old]
            _said(fleet, host, ("podman", "image", "rm", *tags))
            gone[host.name] = old
    return gone


def _said(fleet: Fleet, host: Host, argv: Sequence[str]) -> str:
    done = fleet.run(host, argv, timeout=TIMEOUT)
    if done.code != 0:
        raise ShopctlError(
            f"{argv[0]} failed on {host.name}",
            where=host.name,
            command=" ".join(argv),
            exit_status=done.code,
            last_lines=(done.stderr or done.stdout).splitlines(),
            next_step="shopctl status",
        )
    return done.stdout
