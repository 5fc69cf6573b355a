"""What is known of a release: a small file beside its image."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from shopctl import paths

FILE = "manifest.json"
ATTACHED = "attached"
"""The folder of a release with the layout of what is said of its image."""


@dataclass(frozen=True)
class Layer:
    """A layer as it is kept and sent, compressed, by its digest; `content` is the digest of what is in it, `saved` that
    which podman had for it when it was built."""

    digest: str
    bytes: int
    content: str
    saved: str = ""


@dataclass(frozen=True)
class Manifest:
    """One release.

    `digest` is that of its image's manifest (`sha256:...`): what the registry and the hosts know it by. `bytes` are
    those of the image as it is sent; `layers` come from below. `commit` is the checkout's when it was built, with
    `+changes` where the sources were not as committed. `migrations` are the texts of those that it contains, by
    `app.name`, and `post_deploy` names those that run after a deploy. `static`: the digest of the files that go to the
    static bucket. `base`: that of the Debian below. `tools`: versions of what built it.
    """

    id: str
    digest: str
    bytes: int
    layers: tuple[Layer, ...]
    commit: str
    author: str
    built: str
    base: str
    static: str
    migrations: dict[str, str]
    post_deploy: tuple[str, ...] = ()
    tools: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def layout(self) -> Path:
        """The folder with the image as an OCI layout."""
        return folder() / self.id

    @property
    def attached(self) -> Path:
        """The folder with what is said of the image, as a layout for the registry."""
        return self.layout / ATTACHED

    @property
    def sbom(self) -> Path:
        """What it is made of, as CycloneDX JSON."""
        return self.layout / "sbom.json"

    @property
    def archive(self) -> Path:
        """The image as one file, for `podman load` where no registry is; made when it is first asked for."""
        from shopctl.release import layout

        file = folder() / f"{self.id}.tar"
        if not file.exists():
            layout.archive(self.layout, file)
        return file

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        found = {**asdict(self), "migrations": sorted(self.migrations)}
        return {**found, "layout": str(self.layout), "sbom": str(self.sbom)}


def folder() -> Path:
    """Where releases are kept."""
    return paths.cache_root() / "releases"


def blobs() -> Path:
    """What the images of all releases are made of, by digest."""
    return folder() / "blobs"


def write(manifest: Manifest, target: Path) -> None:
    """Keeps it in the release's folder."""
    (target / FILE).write_text(json.dumps(asdict(manifest), indent=2) + "\n")


def read(id_: str) -> Manifest | None:
    """The manifest of a release that is here; None when it isn't."""
    return _read(folder() / id_ / FILE)


def listing() -> list[Manifest]:
    """Every release that is here, newest first."""
    found = [_read(file) for file in folder().glob(f"[0-9a-f]*/{FILE}")]
    return sorted((m for m in found if m), key=lambda m: (m.built, m.id), reverse=True)


def chosen(word: str, known: Iterable[str]) -> list[str]:
    """The ids that begin with `word`; the one that is just that when there is one."""
    ids = sorted(set(known))
    return [word] if word in ids else [id_ for id_ in ids if word and id_.startswith(word)]


def surplus(releases: Sequence[Manifest], *, keep: int, needed: Iterable[str]) -> list[Manifest]:
    """What may go: all but the newest `keep` and the `needed`. `releases` come newest first."""
    spared = {m.id for m in releases[:keep]} | set(needed)
    return [m for m in releases if m.id not in spared]


def _read(file: Path) -> Manifest | None:
    try:
        data: Mapping[str, Any] = json.loads(file.read_text())
        told = Manifest(**data)
        layers = tuple(Layer(**layer) for layer in data["layers"])
    except (OSError, ValueError, TypeError, KeyError):
        return None
    if not told.attached.is_dir():
        return None
    return replace(told, layers=layers, post_deploy=tuple(told.post_deploy))
