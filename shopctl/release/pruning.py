"""Takes away releases that are not needed any more, and what builds and earlier versions of this program left."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from shopctl import manifest, paths
from shopctl.drivers import subprocess
from shopctl.manifest import Manifest
from shopctl.release import image, layout, workshop

OURS = frozenset({"blobs", "build.lock", "build.log"})
TAGGED = ("localhost/shop-base", image.ENVIRONMENT)


@dataclass(frozen=True)
class Pruned:
    """What went: releases, and the bytes that it freed in all, leftovers included."""

    releases: tuple[Manifest, ...]
    bytes: int


def prune(keep: int, needed: Iterable[str] = ()) -> Pruned:
    """Removes all but the newest releases and the needed ones, then what belongs to none that stays."""
    home = manifest.folder()
    with workshop.exclusive(home / "build.lock"):
        listed = manifest.listing()
        gone = manifest.surplus(listed, keep=keep, needed=needed)
        stay = [one for one in listed if one not in gone]
        freed = sum(_remove(path) for path in _surplus(home, stay))
        freed += sum(_remove(path) for path in _leftovers())
        _images()
    return Pruned(tuple(gone), freed)


def _surplus(home: Path, stay: Sequence[Manifest]) -> list[Path]:
    """Entries of the folder that belong to no release that stays; first the releases, then what they are made of."""
    known = {*OURS, *(one.id for one in stay)}
    # Archives go too, also those of releases that stay: they are made again when somebody asks for them.
    entries = [path for path in home.iterdir() if path.name not in known]
    layouts = [folder for one in stay for folder in (one.layout, one.attached)]
    wanted = {
        layout.blob(manifest.blobs(), digest) for folder in layouts for digest in layout.contents(folder)
    }
    return [*entries, *(file for file in (manifest.blobs() / "sha256").glob("*") if file not in wanted)]


def _leftovers() -> list[Path]:
    """Folders that killed builds of earlier versions left beside the releases."""
    return [*paths.cache_root().glob("shopctl-base-*")]


def _images() -> None:
    """Of the images that releases are built on, the newest stay; of everything else that podman keeps here, nothing."""
    if not (paths.cache_root() / "podman").exists():
        return
    workshop.remove_containers()
    for name in TAGGED:
        tags = subprocess.run(
            workshop.podman("images", "--sort=created", "--format={{.Repository}}:{{.Tag}}", name)
        )
        for tag in tags.split()[1:]:
            subprocess.run(workshop.podman("rmi", "--force", tag))
    tags = subprocess.run(
        workshop.podman("images", "--format={{.Repository}}:{{.Tag}}", "--filter=dangling=false")
    )
    for tag in tags.split():
        if tag.rpartition(":")[0] not in TAGGED:
            subprocess.run(workshop.podman("rmi", "--force", tag))
    subprocess.run(workshop.podman("image", "prune", "--force"))


def _remove(path: Path) -> int:
    """Removes a file or folder; returns its bytes."""
    if path.is_symlink() or not path.is_dir():
        size = path.lstat().st_size
        path.unlink()
        return size
    size = sum(file.lstat().st_size for file in path.rglob("*") if not file.is_dir())
    # Its manifest first: without it nobody takes half of a release for a whole one.
    (path / manifest.FILE).unlink(missing_ok=True)
    shutil.rmtree(path)
    return size
