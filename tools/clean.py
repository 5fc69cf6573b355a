"""Removes what this project keeps for speed: its cache folder and the checkout's caches.

State is not touched.
"""

from __future__ import annotations

import os
import shutil
import stat
import sys
from pathlib import Path

from tools.paths import ROOT, cache_dir

IN_CHECKOUT = (
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".hypothesis",
    ".ansible",
    "shopctl.egg-info",
)


def main() -> int:
    """Remove the caches and say what went."""
    for path in (cache_dir(), *(ROOT / name for name in IN_CHECKOUT)):
        if path.is_dir() and not path.is_symlink():
            if mounts := _mounts_below(path):
                print(
                    f"error: {mounts[0]} is in use by a running stack\n  Next: shopctl destroy",
                    file=sys.stderr,
                )
                return 1
            # Go makes its module cache read-only.
            for name, _, _ in os.walk(path):
                folder = Path(name)
                folder.chmod(stat.S_IRWXU | stat.S_IMODE(folder.stat().st_mode))
            shutil.rmtree(path)
            print(f"removed {path}")
    link = ROOT / ".venv"
    if link.is_symlink():
        link.unlink()
        print(f"removed {link}")
    for compiled in (p for p in ROOT.rglob("__pycache__") if ".venv" not in p.parts):
        shutil.rmtree(compiled)
    return 0


def _mounts_below(path: Path) -> list[str]:
    """Mount points in the folder and overlays with a layer in it: removing those would break hosts."""
    inside = f"{path.resolve()}/"
    found: list[str] = []
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        fields = line.split(" ")
        if f"{fields[4]}/".startswith(inside) or f"lowerdir={inside}" in line or f":{inside}" in line:
            found.append(fields[4])
    return found


if __name__ == "__main__":
    sys.exit(main())
