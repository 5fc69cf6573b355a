"""Where a rehearsal gets the images of the releases from: the registry, or this machine's disk."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

from shopctl import manifest
from shopctl.errors import ShopctlError

if TYPE_CHECKING:
    from pathlib import Path

    from infra.outputs import StackOutputs
    from shopctl.manifest import Manifest


def is_local(reference: str) -> bool:
    """Whether an image was put on the hosts by hand; others are in a registry."""
    return reference.startswith("localhost/")


def archive(id_: str, wanted: Manifest) -> Path:
    """A release's image as a file. Raises ShopctlError for one that was built elsewhere."""
    found = wanted if id_ == wanted.id else manifest.read(id_)
    if found is None:
        raise ShopctlError(
            f"release {id_}, which runs, is not on this machine and in no registry",
            next_step="rehearse where it was deployed from",
        )
    return found.archive


def access(outputs: StackOutputs) -> str:
    """What opens the registry, as podman reads it (containers-auth.json(5))."""
    registry = outputs.registry
    if registry is None:
        return "{}"
    pair = f"{registry.user}:{registry.password.get_secret_value()}"
    return json.dumps({"auths": {registry.host: {"auth": base64.b64encode(pair.encode()).decode()}}})
