"""Releases: the shop as a container image, built once from app/ and identified by what it was built from."""

from __future__ import annotations

import contextlib
import fcntl
import getpass
import hashlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from shopctl import manifest, migrations, paths
from shopctl.clock import iso
from shopctl.drivers import subprocess
from shopctl.errors import BadInputError, ShopctlError
from shopctl.manifest import Manifest
from tools import miniprogram

if TYPE_CHECKING:
    from shopctl.report import Report

SUITE = "trixie"
PYTHON = "3.13"
"""What Debian 13 has; wheels are chosen for it."""

BASE_PACKAGES = ("python3", "python3-venv", "ca-certificates", "media-types")
EXCLUDED = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*")
"""Of the base's packages: what a container that speaks JSON and HTML of its own never reads."""

IGNORED = ("__pycache__", "wheels", ".pytest_cache", ".ruff_cache", ".mypy_cache", "*.pyc", "*.md")


@dataclass(frozen=True)
class Release:
    """A built release: its id, and the archive that holds its image `localhost/shop:<id>`."""

    id: str
    archive: Path


def source() -> Path:
    """The folder that a release is built from."""
    return paths.REPOSITORY / "app"


def identify(folder: Path, front_end: str = "") -> str:
    """The id of what a folder holds: the same files give the same id, on every machine.

    `front_end` is the digest of the mini-program that the release has with it.
    """
    digest = hashlib.sha256(f"{SUITE} {PYTHON} {BASE_PACKAGES} {EXCLUDED} {front_end}\n".encode())
    for file in sorted(_files(folder)):
        content = file.read_bytes()
        mode = "x" if os.access(file, os.X_OK) else "-"
        digest.update(f"{file.relative_to(folder)} {mode} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()[:12]


def _files(folder: Path) -> Iterator[Path]:
    for file in folder.rglob("*"):
        parts = file.relative_to(folder).parts
        if file.is_file() and not any(Path(part).match(pattern) for part in parts for pattern in IGNORED):
            yield file


def build(report: Report, folder: Path | None = None) -> Release:
    """Build the release of the checkout's app/ (or of another `folder` like it) and miniprogram/, or find it where it
    was built before. Raises BadInputError for a folder that holds no shop."""
    folder = folder or source()
    if not (folder / "Containerfile").is_file():
        raise BadInputError(
            "a release is built from a folder like app/, with its Containerfile", where=str(folder)
        )
    id_ = identify(folder, miniprogram.fingerprint("h5"))
    release = Release(id_, manifest.folder() / f"{id_}.tar")
    with _exclusive(release.archive.with_suffix(".lock")):
        if not release.archive.exists():
            report.started("release", f"release {release.id}")
            _build(release, folder, report)
            report.finished("release", f"release {release.id}: {release.archive.stat().st_size / 1e6:.0f} MB")
        if manifest.read(id_) is None:
            manifest.write(_describe(release, folder))
    return release


def find(word: str) -> Manifest:
    """The release whose id begins with `word`. Raises BadInputError when it is none, or more than one."""
    known = [found.id for found in manifest.listing()]
    ids = manifest.chosen(word, known)
    found = manifest.read(ids[0]) if len(ids) == 1 else None
    if found is None:
        raise BadInputError(
            f"{len(ids)} releases begin with {word!r}"
            if ids
            else f"there is no release {word!r} on this machine",
            next_step=f"choose one of: {', '.join(ids or known) or 'none; shopctl release build'}",
        )
    return found


def prune(keep: int, needed: Iterable[str] = ()) -> list[Manifest]:
    """Removes the archives of all but the newest releases and the needed ones; returns what went."""
    gone = manifest.surplus(manifest.listing(), keep=keep, needed=needed)
    for release in gone:
        with _exclusive(release.archive.with_suffix(".lock")):
            # The manifest first: without it nobody takes half of a release for a whole one.
            for suffix in (".json", ".tar", ".log"):
                release.archive.with_suffix(suffix).unlink(missing_ok=True)
    return gone


def verify(release: Manifest) -> None:
    """Raises ShopctlError unless the archive is the one that was built."""
    if _digest(release.archive) != release.digest:
        raise ShopctlError(
            f"the archive of release {release.id} is not the one that was built",
            where=str(release.archive),
            next_step=f"remove it and {release.id}.json beside it; then shopctl release build",
        )


def _describe(release: Release, folder: Path) -> Manifest:
    return Manifest(
        id=release.id,
        digest=_digest(release.archive),
        bytes=release.archive.stat().st_size,
        commit=_commit(folder),
        author=getpass.getuser(),
        built=iso(time.time()),
        migrations=migrations.read(folder),
    )


def _digest(archive: Path) -> str:
    with archive.open("rb") as stream:
        return f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}"


def _commit(folder: Path) -> str:
    git = ["git", "-C", str(folder)]
    try:
        commit = subprocess.run([*git, "rev-parse", "--short=12", "HEAD"]).strip()
        changed = subprocess.run([*git, "status", "--porcelain", "."]).strip()
    except ShopctlError:
        # A copy of the sources is no checkout.
        return "unknown"
    return f"{commit}+changes" if changed else commit


@contextlib.contextmanager
def _exclusive(file: Path) -> Iterator[None]:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _podman(*words: str) -> list[str]:
    """Podman with a storage of its own in the cache: the machine's own containers are not touched."""
    storage = paths.cache_root() / "podman"
    return [
        "podman",
        f"--root={storage / 'storage'}",
        f"--runroot={storage / 'run'}",
        "--log-level=error",
        *words,
    ]


def _build(release: Release, folder: Path, report: Report) -> None:
    log = release.archive.with_suffix(".log")
    with tempfile.TemporaryDirectory(prefix="shopctl-release-") as work:
        context = Path(work) / "context"
        shutil.copytree(folder, context / "shop", ignore=shutil.ignore_patterns(*IGNORED))
        for name in ("Containerfile", "requirements.lock"):
            (context / "shop" / name).rename(context / name)
        shutil.copytree(miniprogram.build("h5", lambda line: report(f"    {line}")), context / "h5")
        _wheels(context, log, report)
        base = _base(log, report)
        tag = f"localhost/shop:{release.id}"
        argv = _podman(
            "build", "--isolation=chroot", "--network=host", "--pull=never", f"--build-arg=BASE={base}"
        )
        argv += [f"--build-arg=RELEASE={release.id}", "--format=docker", f"--tag={tag}", str(context)]
        subprocess.run(argv, log=log, what="the release could not be built")
        partial = release.archive.with_suffix(".partial")
        partial.unlink(missing_ok=True)
        subprocess.run(_podman("save", "--format=docker-archive", f"--output={partial}", tag), log=log)
        partial.rename(release.archive)


def _wheels(context: Path, log: Path, report: Report) -> None:
    """Put the locked wheels into the build context. They are downloaded here, where the machine's settings hold."""
    lock = context / "requirements.lock"
    cached = paths.cache_root() / "wheels" / hashlib.sha256(lock.read_bytes()).hexdigest()[:12]
    if not cached.exists():
        report("    downloading the shop's wheels")
        partial = cached.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        argv = [sys.executable, "-m", "pip", "download", "--quiet", "--require-hashes", "--only-binary=:all:"]
        argv += [f"--python-version={PYTHON}", f"--dest={partial}", "-r", str(lock)]
        subprocess.run(argv, log=log, what="the shop's wheels could not be downloaded")
        partial.rename(cached)
    shutil.copytree(cached, context / "wheels")


def _base(log: Path, report: Report) -> str:
    """The image that the shop's stands on: a small Debian with Python. Returns its tag."""
    digest = hashlib.sha256(f"{SUITE} {sorted(BASE_PACKAGES)} {EXCLUDED}".encode()).hexdigest()[:12]
    tag = f"localhost/shop-base:{SUITE}-{digest}"
    if subprocess.run(_podman("images", "--quiet", tag), log=log).strip():
        return tag
    report("    building the shop's base image")
    with tempfile.TemporaryDirectory(prefix="shopctl-base-", dir=paths.cache_root()) as work:
        archive = Path(work) / "base.tar"
        include = f"--include={','.join(BASE_PACKAGES)}"
        clean = [f"--dpkgopt=path-exclude={path}" for path in EXCLUDED]
        subprocess.run(
            ["mmdebstrap", "--quiet", "--variant=minbase", include, *clean, SUITE, str(archive)], log=log
        )
        subprocess.run(_podman("import", str(archive), tag), log=log)
    return tag
