"""Releases: the shop as a container image, built once from app/ and identified by what it was built from.

`sources` names a release, `base`, `image` and `packing` make its image, `sbom` tells what is in it, `layout` keeps
both; all of that in a `workshop`. What is known of a release is in its manifest (shopctl/manifest.py).
"""

from __future__ import annotations

import getpass
import shutil
import time
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from shopctl import manifest, migrations
from shopctl.clock import iso
from shopctl.drivers import subprocess
from shopctl.errors import BadInputError, ShopctlError
from shopctl.manifest import Manifest
from shopctl.release import base, image, layout, packing, sources, workshop
from shopctl.release.pruning import prune
from tools import miniprogram

__all__ = ["build", "find", "prune", "verify"]

if TYPE_CHECKING:
    from shopctl.release.base import Base
    from shopctl.release.workshop import Workshop
    from shopctl.report import Report


def build(report: Report, folder: Path | None = None, *, new_base: bool = False) -> Manifest:
    """Builds the release of the checkout's app/ (or of another `folder` like it) and miniprogram/, or finds it where it
    was built before. `new_base` takes Debian's packages of today. Raises BadInputError for a folder that holds no
    shop, ShopctlError when there is no room."""
    source = sources.checked(folder or sources.folder())
    with workshop.opened(report) as shop:
        below = base.prepare(shop, anew=new_base)
        front_end = miniprogram.build("h5", lambda line: report(f"    {line}"))
        # Named and built from one copy: somebody may be writing there meanwhile.
        taken = shop.folder / "source"
        sources.copy(source, taken)
        id_ = sources.identify(taken, below.digest, front_end)
        return manifest.read(id_) or _make(shop, taken, front_end, below, id_, _commit(source))


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


def verify(release: Manifest) -> None:
    """Raises ShopctlError unless every part of the image is what was built."""
    for folder in (release.layout, release.attached):
        for digest in layout.contents(folder):
            layout.check(folder, digest)


def _make(shop: Workshop, source: Path, front_end: Path, below: Base, id_: str, commit: str) -> Manifest:
    from shopctl.release import sbom

    shop.report(f"    release {id_}")
    saved = image.build(shop, source, front_end, below, id_)
    folder = shop.folder / id_
    with shop.step("layers: compressed where they are new"):
        known = {layer.saved: layer for one in manifest.listing() for layer in one.layers if layer.saved}
        packed = packing.pack(saved, manifest.blobs(), known, workshop.EPOCH, f"shop:{id_}")
        layout.write(folder, manifest.blobs(), {image.name(id_): packed.descriptor})
    with shop.step("list of what it is made of"):
        status = packing.read(saved, "var/lib/dpkg/status").decode()
        wheels = image.wheels(shop, source / "requirements.lock")
        npm_lock = miniprogram.SOURCE / "package-lock.json"
        text = sbom.write(id_, packed.descriptor["digest"], status, base.SUITE, wheels, npm_lock)
        document = layout.attach(folder, manifest.blobs(), packed.descriptor, sbom.MEDIA, text.encode())
        (folder / "sbom.json").symlink_to(layout.blob(Path("blobs"), document))
    texts = migrations.read(source)
    made = Manifest(
        id=id_,
        digest=packed.descriptor["digest"],
        bytes=packed.bytes,
        layers=packed.layers,
        commit=commit,
        author=getpass.getuser(),
        built=iso(time.time()),
        base=below.digest,
        static=sources.static_files(source, front_end),
        migrations=texts,
        post_deploy=migrations.split(texts, ()).post,
        tools=_tools(shop),
    )
    manifest.write(made, folder)
    shutil.copy(shop.log, folder / "build.log")
    shutil.rmtree(made.layout, ignore_errors=True)
    folder.rename(made.layout)
    new = sum(layer.bytes for layer in made.layers if layer.saved not in known)
    shop.report(f"    release {id_}: {made.bytes / 1e6:.0f} MB, of which {new / 1e6:.1f} MB are new")
    return made


def _tools(shop: Workshop) -> dict[str, str]:
    """Versions of what has a say in how the image comes out."""
    return {
        "podman": shop.run("podman", "--version").split()[-1],
        "mmdebstrap": shop.run("mmdebstrap", "--version").split()[-1],
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
    }


def _commit(folder: Path) -> str:
    git = ["git", "-C", str(folder)]
    try:
        commit = subprocess.run([*git, "rev-parse", "--short=12", "HEAD"]).strip()
        changed = subprocess.run([*git, "status", "--porcelain", "."]).strip()
    except ShopctlError:
        # A copy of the sources is no checkout.
        return "unknown"
    return f"{commit}+changes" if changed else commit
