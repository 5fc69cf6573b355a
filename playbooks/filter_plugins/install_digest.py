"""The version of a role's install part, for comparing an image with the checkout."""

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

ROLES = Path(__file__).resolve().parents[2] / "roles"


@cache
def install_digest(role: str) -> str:
    """A digest of all that a role's install part is made of: its tasks, its defaults and its files.

    Package lists are among the defaults, which is why no group may override them.
    """
    folder = ROLES / role
    parts = [folder / "tasks" / "install.yml", folder / "defaults" / "main.yml"]
    parts += sorted(path for path in (folder / "files").rglob("*") if path.is_file())
    digest = hashlib.sha256()
    for part in parts:
        content = part.read_bytes()
        digest.update(f"{part.relative_to(folder)} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()[:16]


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[[str], str]]:
        """Filters by name."""
        return {"install_digest": install_digest}
