"""What is run on a web host in the course of a rollout, as data: argument lists, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from shopctl.rollout.facts import WORKER, Unit, Version

FOLDER = "/etc/shop"
QUADLETS = "/etc/containers/systemd"
SERVING = "/var/lib/shop/serving"
RUN = "/run/shop"
TITLE = "org.opencontainers.image.title"
RELEASE = "org.opencontainers.image.version"

Argv = tuple[str, ...]

VERSIONS: Argv = (
    *("find", FOLDER, "-mindepth", "2", "-maxdepth", "2", "-name", "version.json"),
    *("-printf", "%T@ ", "-exec", "cat", "{}", ";"),
)
SERVED: Argv = ("find", FOLDER, "-mindepth", "2", "-maxdepth", "2", "-name", "served", "-printf", "%T@ %h\n")
LINKS: Argv = ("find", SERVING, "-type", "l", "-printf", "%f %l\n")
INSTALLED: Argv = ("find", QUADLETS, "-name", "shop-*.container", "-printf", "%f\n")
RUNNING: Argv = ("podman", "ps", "--filter", "name=^shop-", "--format", "{{.Names}}")
IMAGES: Argv = (
    *("podman", "images", "--filter", f"label={TITLE}=shop", "--sort=created"),
    *("--format", f'{{{{index .Labels "{RELEASE}"}}}} {{{{.ID}}}}'),
)
CONNECTIONS: Argv = ("ss", "--no-header", "--unix", "--all")
RELOAD: Argv = ("systemctl", "daemon-reload")


def names(units: Iterable[Unit]) -> list[str]:
    """The names of containers, and of units without their suffix."""
    return [f"shop-{group}-{version}" for group, version in sorted(units)]


def socket(group: str, version: str) -> str:
    """Where a group's processes of a version listen."""
    return f"{RUN}/{version}/{group}.sock"


def link(group: str) -> str:
    """Where Nginx finds the group's processes that serve."""
    return f"{SERVING}/{group}.sock"


def install(units: Sequence[Unit]) -> Argv:
    """From now on systemd knows them, and starts them at boot."""
    files = (
        f"{FOLDER}/{version}/{name}.container"
        for (_, version), name in zip(sorted(units), names(units), strict=True)
    )
    return ("ln", "--symbolic", "--force", f"--target-directory={QUADLETS}", *files)


def uninstall(units: Sequence[Unit]) -> Argv:
    """The descriptions stay with their version."""
    return ("rm", "--force", *(f"{QUADLETS}/{name}.container" for name in names(units)))


def start(units: Sequence[Unit]) -> Argv:
    """Returns when the containers are there; what they hold may be far from ready."""
    return ("systemctl", "start", *(f"{name}.service" for name in names(units)))


def stop(units: Sequence[Unit]) -> Argv:
    """Returns when they have finished what they had in hand, or when their time is over. Unknown units are fine."""
    return ("systemctl", "stop", *(f"{name}.service" for name in names(units)))


def forget(units: Sequence[Unit]) -> Argv:
    """That they failed once; and the count of their restarts."""
    return ("systemctl", "reset-failed", *(f"{name}.service" for name in names(units)))


def flip(groups: Iterable[str], version: str) -> Argv:
    """Point the groups' links at a version. Each is replaced by a rename: there is no moment without one.

    GNU ln does so since coreutils 8.27 (its NEWS: "ln -f now replaces atomically").
    """
    sockets = (socket(group, version) for group in sorted(groups))
    return ("ln", "--symbolic", "--force", f"--target-directory={SERVING}", *sockets)


def readiness(group: str) -> str:
    """Where its processes say whether they are ready by themselves; the worker, whether it is alive."""
    return f"http://localhost{'/healthz' if group == WORKER else '/readyz/alone'}"


def ready(group: str, version: str) -> Argv:
    """Prints the answer's body and, on a line of its own, its status."""
    return (
        *("curl", "--silent", "--show-error", "--max-time", "5", "--write-out", "\n%{http_code}"),
        *(
            "--unix-socket",
            socket(group, version),
            readiness(group),
        ),
    )


def warm(group: str, version: Version, *, times: int, seconds: int) -> Argv:
    """Asks a version what shoppers will ask. Prints a line for each answer: status, seconds, address."""
    argv = ["curl", "--silent", "--show-error", "--max-time", str(seconds)]
    argv += ["--write-out", "%{http_code} %{time_total} %{url_effective}\n"]
    argv += ["--header", f"Host: {version.host}", "--header", "X-Forwarded-Proto: https"]
    argv += ["--unix-socket", socket(group, version.version)]
    for path in [*version.warm.get(group, ())] * times:
        argv += ["--output", "/dev/null", f"http://localhost{path}"]
    return tuple(argv)


def restarts(units: Sequence[Unit]) -> Argv:
    """How often each was started anew."""
    return ("systemctl", "show", "--property=Id,NRestarts", *(f"{name}.service" for name in names(units)))


def migrations(version: str, *words: str) -> Argv:
    """`manage.py migrations`, as the account that may change tables; in a container of a version that runs."""
    return (
        # Of no group, as one alone knows a part of the tables.
        *("podman", "exec", f"--env-file={FOLDER}/{version}/migrator.env", "--env=SHOP_GROUP=all"),
        f"shop-trade-{version}",
        *("python", "manage.py", "migrations", *words),
    )


def log(unit: str, lines: int) -> Argv:
    """The last lines of a unit's journal; `unit` may be a pattern."""
    return ("journalctl", f"--unit={unit}", "--output=cat", "--no-pager", f"--lines={lines}")


def begin(version: str, serving: Iterable[str]) -> Argv:
    """Makes a version and what serves the newest of those that are kept, and marks the latter as what to go back to.

    What was prepared since and never served is older then: it goes first.
    """
    former = sorted({*serving} - {version})
    told = (f"{FOLDER}/{each}/version.json" for each in (*former, version))
    return ("touch", *told, *(f"{FOLDER}/{each}/served" for each in former))


def remove(versions: Sequence[str]) -> Argv:
    """The files of versions that nobody will go back to."""
    folders = (folder for version in versions for folder in (f"{FOLDER}/{version}", f"{RUN}/{version}"))
    return ("rm", "--recursive", "--force", *folders)


def remove_images(images: Sequence[str]) -> Argv:
    """By their ids."""
    return ("podman", "image", "rm", *images)
