"""The shop's image by podman: layers from what changes least to what changes most, the same for the same sources."""

from __future__ import annotations

import errno
import hashlib
import os
import resource
import shutil
import sys
from pathlib import Path

from shopctl import paths
from shopctl.drivers.subprocess import CommandError
from shopctl.errors import ShopctlError
from shopctl.release import sources
from shopctl.release.base import PYTHON, Base
from shopctl.release.workshop import EPOCH, Workshop

ENVIRONMENT = "localhost/shop-environment"
"""The base with the locked packages; tagged, so that podman keeps it for the releases to come."""

DAMAGED = "file integrity checksum failed"
"""In what podman says of it (containers/storage, vbatts/tar-split)."""

MOST = 4096
"""Open files, and processes: plenty for a build."""


class DamagedError(ShopctlError):
    """Podman found another content in its storage than it had put there. What stays so when all else was made anew is
    the base."""


def build(shop: Workshop, source: Path, front_end: Path, base: Base, id_: str) -> Path:
    """Builds the image `localhost/shop:<id>`; returns the file that podman saved it to."""
    context, tag, saved = shop.folder / "context", name(id_), shop.folder / "image.tar"
    sources.copy(source, context / "shop")
    for file in sources.BESIDE:
        (context / "shop" / file).rename(context / file)
    sources.copy(front_end, context / "h5")
    (context / "wheels").mkdir()
    for wheel in wheels(shop, context / "requirements.lock").iterdir():
        _link(wheel, context / "wheels" / wheel.name)
    environment = f"{ENVIRONMENT}:{_key(context, base)}"
    try:
        _save(shop, context, base, environment, tag, saved)
    except DamagedError as error:
        shop.report(
            f"    what was kept of earlier builds is damaged ({error.last_lines[-1][-120:]}): it is made anew"
        )
        _forget(shop, base)
        _save(shop, context, base, environment, tag, saved)
    # What the releases share stays, as it has a tag of its own.
    shop.podman("rmi", "--force", tag)
    return saved


def name(id_: str) -> str:
    """As the image is called on the hosts."""
    return f"localhost/shop:{id_}"


def wheels(shop: Workshop, lock: Path) -> Path:
    """The folder with the locked wheels. They are downloaded here, where the machine's settings hold."""
    cached = paths.cache_root() / "wheels" / hashlib.sha256(lock.read_bytes()).hexdigest()[:12]
    if not cached.exists():
        with shop.step("wheels: downloaded"):
            partial = cached.with_suffix(".partial")
            shutil.rmtree(partial, ignore_errors=True)
            argv = [
                sys.executable,
                "-m",
                "pip",
                "download",
                "--quiet",
                "--require-hashes",
                "--only-binary=:all:",
            ]
            argv += [f"--python-version={PYTHON}", f"--dest={partial}", "-r", str(lock)]
            shop.run(*argv, what="the shop's wheels could not be downloaded")
            partial.rename(cached)
    return cached


def _forget(shop: Workshop, base: Base) -> None:
    """Removes all that podman keeps but the base. One damaged layer may be below many images, named ones and others."""
    (spared,) = shop.podman("images", "--quiet", "--no-trunc", base.tag).split()
    there = dict.fromkeys(shop.podman("images", "--all", "--quiet", "--no-trunc").split())
    shop.podman("rmi", "--force", "--ignore", *(id_ for id_ in there if id_ != spared))


def _save(shop: Workshop, context: Path, base: Base, environment: str, tag: str, saved: Path) -> None:
    if not shop.podman("images", "--quiet", environment).strip():
        with shop.step("environment: the locked Python packages"):
            _podman(shop, context, base, environment, "--target=environment")
    with shop.step("image: the shop's code and pages"):
        _podman(shop, context, base, tag)
        saved.unlink(missing_ok=True)
        try:
            shop.podman("save", "--quiet", "--format=docker-archive", f"--output={saved}", tag)
        except CommandError as error:
            if DAMAGED not in " ".join(error.last_lines):
                raise
            raise DamagedError(
                "the shop's base image is damaged",
                where=base.tag,
                command=error.command,
                last_lines=error.last_lines,
                next_step="shopctl release build --new-base, then the command again",
            ) from error


def _key(context: Path, base: Base) -> str:
    parts = [base.digest.encode(), *((context / file).read_bytes() for file in sources.BESIDE)]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:12]


def _link(source: Path, target: Path) -> None:
    """Has a file, which is only read, at another place too; as a copy where that is another disk."""
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        shutil.copyfile(source, target)


def _limits() -> list[str]:
    """Those of this process or less: podman would raise them (5 the files, 4 after having lowered the processes), which
    not every machine lets it do."""
    names = {"nofile": resource.RLIMIT_NOFILE, "nproc": resource.RLIMIT_NPROC}
    found = {name: [_finite(one) for one in resource.getrlimit(kind)] for name, kind in names.items()}
    return [f"--ulimit={name}={soft}:{hard}" for name, (soft, hard) in found.items()]


def _finite(limit: int) -> int:
    return MOST if limit == resource.RLIM_INFINITY else min(limit, MOST)


def _podman(shop: Workshop, context: Path, base: Base, tag: str, *options: str) -> None:
    shop.podman(
        *("build", "--isolation=chroot", "--network=host", "--pull=never", "--format=oci", "--layers"),
        *_limits(),
        *(f"--timestamp={EPOCH}", f"--build-arg=BASE={base.tag}", f"--tag={tag}", *options, str(context)),
        what="the release could not be built",
    )
