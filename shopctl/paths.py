"""Where state and caches live on the operator's machine."""

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent


def state_root() -> Path:
    """The folder with one folder of state for each environment."""
    return _folder("SHOPCTL_STATE_DIR", "XDG_STATE_HOME", ".local/state")


def cache_root() -> Path:
    """The folder of things that can be made again: binaries, images, releases."""
    return _folder("SHOPCTL_CACHE_DIR", "XDG_CACHE_HOME", ".cache")


def stack_files() -> dict[str, Path]:
    """Environments by name: each is a file infra/Pulumi.<name>.yaml."""
    files = sorted((REPOSITORY / "infra").glob("Pulumi.*.yaml"))
    return {file.name.removeprefix("Pulumi.").removesuffix(".yaml"): file for file in files}


def _folder(own: str, xdg: str, fallback: str) -> Path:
    if chosen := os.environ.get(own):
        return Path(chosen).absolute()
    if base := os.environ.get(xdg):
        return Path(base) / "shopctl"
    return Path.home() / fallback / "shopctl"
