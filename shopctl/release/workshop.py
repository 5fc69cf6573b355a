"""Where releases are built: one build at a time, in a folder that the next build clears."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from shopctl import manifest, paths
from shopctl.drivers import subprocess
from shopctl.drivers.subprocess import CommandError
from shopctl.errors import ShopctlError

if TYPE_CHECKING:
    from shopctl.report import Report

EPOCH = 1_735_689_600
"""The time that every file of an image has: 2025-01-01. One for all, so that it says nothing of when it was built."""

LONGEST_RUN_ROOT = 50
"""Characters; podman refuses more."""

IN_USE = 125
"""Podman's exit code for what it could not do (podman(1))."""

FULL = "no space left on device"


@dataclass(frozen=True)
class Workshop:
    """A build's folder, and the log of what it runs."""

    folder: Path
    log: Path
    report: Report

    def run(self, *argv: str, what: str | None = None) -> str:
        """Runs a command in here: what it leaves when it is killed goes with the folder. Returns its output."""
        scratch = self.folder / "tmp"
        scratch.mkdir(exist_ok=True)
        return subprocess.run(
            argv,
            env={"TMPDIR": str(scratch), "SOURCE_DATE_EPOCH": str(EPOCH)},
            log=self.log,
            what=what,
        )

    def podman(self, *words: str, what: str | None = None) -> str:
        """Runs podman with a storage of its own in the cache: the machine's own containers are not touched."""
        return self.run(*podman(*words), what=what)

    @contextmanager
    def step(self, text: str, done: str | None = None) -> Iterator[None]:
        """A part of the build, shown with the time that it took."""
        self.report.started(text, text)
        try:
            yield
        except BaseException:
            self.report.finished(text)
            raise
        self.report.finished(text, done or text)


def podman(*words: str) -> Sequence[str]:
    """The command, with the storage of the cache."""
    home = paths.cache_root() / "podman"
    return (
        "podman",
        f"--root={home / 'storage'}",
        f"--runroot={run_root(home)}",
        "--log-level=error",
        *words,
    )


def run_root(home: Path) -> Path:
    """Where podman keeps what is of this boot alone: in `home`, unless that is too long for it."""
    if len(str(home / "run")) <= LONGEST_RUN_ROOT:
        return home / "run"
    boot = os.environ.get("XDG_RUNTIME_DIR", f"/run/user/{os.getuid()}") if os.getuid() else "/run"
    return Path(boot) / f"shopctl-{hashlib.sha256(str(home).encode()).hexdigest()[:12]}"


def remove_containers() -> None:
    """Removes those that killed builds left in the storage of the cache."""
    for left in subprocess.run(podman("ps", "--all", "--external", "--quiet")).split():
        # What was installed in there may be at it for some seconds yet, and podman refuses: then the next time.
        subprocess.run(podman("rm", "--force", left), expected=(0, IN_USE))


@contextmanager
def opened(report: Report) -> Iterator[Workshop]:
    """The workshop, when nobody else is in it any more. Raises ShopctlError when the disk is full."""
    home = manifest.folder()
    with roomy(), exclusive(home / "build.lock", report):
        folder, log = home / ".work", home / "build.log"
        if folder.exists():
            shutil.rmtree(folder)
            remove_containers()
        log.unlink(missing_ok=True)
        folder.mkdir()
        try:
            yield Workshop(folder, log, report)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def exclusive(file: Path, report: Report | None = None) -> Iterator[None]:
    """Holds the lock; the kernel frees it, also after a kill."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if report:
                report("    another build runs on this machine: waiting for its end")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def roomy() -> Iterator[None]:
    """Says of a full disk that it is full, whoever met it."""
    try:
        yield
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        raise _full() from error
    except CommandError as error:
        if FULL not in " ".join(error.last_lines).lower():
            raise
        raise _full(error) from error


def _full(error: CommandError | None = None) -> ShopctlError:
    free = shutil.disk_usage(paths.cache_root()).free
    return ShopctlError(
        f"the disk ran full: {free / 1e6:.0f} MB are free now, and a release's first build takes about 1200 MB",
        where=str(paths.cache_root()),
        command=error.command if error else None,
        # Podman tells its whole configuration before the reason.
        last_lines=[line[-200:] for line in error.last_lines[-1:]] if error else (),
        next_step="make room there, shopctl release prune does; or set SHOPCTL_CACHE_DIR; then build again",
    )
