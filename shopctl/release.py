"""Releases: the shop as a container image, built once from app/ and identified by what it was built from."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from shopctl import paths
from shopctl.drivers import subprocess
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


def build(report: Report) -> Release:
    """Build the release of the checkout's app/ and miniprogram/, or find it where it was built before."""
    id_ = identify(source(), miniprogram.fingerprint("h5"))
    release = Release(id_, paths.cache_root() / "releases" / f"{id_}.tar")
    with _exclusive(release.archive.with_suffix(".lock")):
        if not release.archive.exists():
            report.started("release", f"release {release.id}")
            _build(release, report)
            report.finished("release", f"release {release.id}: {release.archive.stat().st_size / 1e6:.0f} MB")
    return release


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


def _build(release: Release, report: Report) -> None:
    log = paths.cache_root() / "releases" / f"{release.id}.log"
    with tempfile.TemporaryDirectory(prefix="shopctl-release-") as work:
        context = Path(work) / "context"
        shutil.copytree(source(), context / "shop", ignore=shutil.ignore_patterns(*IGNORED))
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
