"""What a release is built from, and the name that it has by that."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from shopctl import paths
from shopctl.errors import BadInputError

FORM = 4
"""How the image is put together; another number gives every release another id."""

IGNORED = (
    *("__pycache__", "wheels", ".pytest_cache", ".ruff_cache", ".mypy_cache"),
    *("*.pyc", "*.md", ".gitignore"),
)
BESIDE = ("Containerfile", "requirements.lock")
"""Files of the folder that the build reads and the shop does not."""


def folder() -> Path:
    """The folder that a release is built from."""
    return paths.REPOSITORY / "app"


def checked(source: Path) -> Path:
    """The folder itself. Raises BadInputError when it holds no shop."""
    if lacking := [name for name in BESIDE if not (source / name).is_file()]:
        raise BadInputError(
            f"a release is built from a folder like app/, with its {' and '.join(lacking)}", where=str(source)
        )
    return source


def identify(source: Path, base: str, front_end: Path) -> str:
    """The id of what a folder holds: the same files give the same id, on every machine that has the same base.

    `base` is the digest of the image below, `front_end` the folder with the mini-program that the release has with it.
    """
    digest = hashlib.sha256(f"{FORM} {base}\n".encode())
    for root in (source, front_end):
        for file in sorted(files(root)):
            _add(digest, file, root)
    return digest.hexdigest()[:12]


def static_files(source: Path, front_end: Path) -> str:
    """The digest of what goes to the static bucket: the apps' files, the packages' (by the lock), the web page's."""
    digest = hashlib.sha256((source / "requirements.lock").read_bytes())
    for file in sorted(files(source)):
        if "static" in file.relative_to(source).parts:
            _add(digest, file, source)
    for file in sorted(files(front_end)):
        _add(digest, file, front_end)
    return f"sha256:{digest.hexdigest()}"


def files(source: Path) -> Iterator[Path]:
    """Those that belong to a release."""
    for file in source.rglob("*"):
        parts = file.relative_to(source).parts
        if file.is_file() and not any(Path(part).match(pattern) for part in parts for pattern in IGNORED):
            yield file


def copy(source: Path, target: Path) -> None:
    """The files with the modes that they have on every machine, whatever its umask."""
    target.mkdir(mode=0o755, parents=True)
    for file in sorted(files(source)):
        name = target / file.relative_to(source)
        name.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, name)
        name.chmod(0o755 if os.access(file, os.X_OK) else 0o644)
    for found in (target, *target.rglob("*")):
        if found.is_dir():
            found.chmod(0o755)


def _add(digest: hashlib._Hash, file: Path, root: Path) -> None:
    content = file.read_bytes()
    mode = "x" if os.access(file, os.X_OK) else "-"
    digest.update(f"{file.relative_to(root)} {mode} {len(content)}\n".encode())
    digest.update(content)
