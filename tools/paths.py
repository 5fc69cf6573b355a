"""Where things are: the checkout and the cache."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def cache_dir() -> Path:
    """The project's cache: $SHOPCTL_CACHE_DIR, $XDG_CACHE_HOME/shopctl or ~/.cache/shopctl."""
    if own := os.environ.get("SHOPCTL_CACHE_DIR"):
        return Path(own).absolute()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache").absolute() / "shopctl"
