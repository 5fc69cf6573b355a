"""What is known of a release: a small file beside its archive."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from shopctl import paths


@dataclass(frozen=True)
class Manifest:
    """One release. `digest` is that of the archive (`sha256:...`), `commit` the checkout's when it was built, with
    `+changes` where the sources were not as committed; `migrations` are the texts of those that it contains, by
    `app.name`."""

    id: str
    digest: str
    bytes: int
    commit: str
    author: str
    built: str
    migrations: dict[str, str]

    @property
    def archive(self) -> Path:
        """The image as a file."""
        return folder() / f"{self.id}.tar"

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {**asdict(self), "migrations": sorted(self.migrations), "archive": str(self.archive)}


def folder() -> Path:
    """Where releases are kept."""
    return paths.cache_root() / "releases"


def write(manifest: Manifest) -> None:
    """Keeps it. Its being there says that the archive is whole."""
    file = folder() / f"{manifest.id}.json"
    partial = file.with_suffix(".json.partial")
    partial.write_text(json.dumps(asdict(manifest), indent=2) + "\n")
    partial.replace(file)


def read(id_: str) -> Manifest | None:
    """The manifest of a release whose archive is here; None when either is not."""
    return _read(folder() / f"{id_}.json")


def listing() -> list[Manifest]:
    """Every release that is here, newest first."""
    found = [_read(file) for file in folder().glob("*.json")]
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
        manifest = Manifest(**data)
    except (OSError, ValueError, TypeError):
        return None
    return manifest if manifest.archive.exists() else None
