"""Getting into the registry from the operator's machine, with the stack's own key."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from shopctl.drivers import oci
from shopctl.errors import ShopctlError

if TYPE_CHECKING:
    from infra.outputs import Registry, StackOutputs
    from shopctl.environment import Environment


def settings(environment: Environment, outputs: StackOutputs) -> Registry:
    """Of the stack's outputs. Raises ShopctlError for a stack that was brought up before there was a registry."""
    if outputs.registry is None:
        raise ShopctlError(
            f"{environment.name} has no registry for its releases yet",
            next_step=f"shopctl --env {environment.name} up makes it",
        )
    return outputs.registry


def reference(environment: Environment, outputs: StackOutputs, digest: str) -> str:
    """How the hosts call the image of that digest (`sha256:...`)."""
    known = settings(environment, outputs)
    return f"{known.host}/{known.repository}@{digest}"


@contextmanager
def opened(environment: Environment, outputs: StackOutputs) -> Iterator[oci.Registry]:
    """The registry, to be asked by skopeo; the key is in a folder of our own that goes with the block."""
    known = settings(environment, outputs)
    address = known.host
    if environment.region is not None:
        from region.services.registry import addresses

        # The machine doesn't ask the region's resolver.
        address = addresses(environment.region.name).get(known.host, known.host)
    with tempfile.TemporaryDirectory(prefix="shopctl-registry-") as folder:
        authfile, authorities = Path(folder) / "auth.json", Path(folder) / "authorities"
        oci.login(authfile, address, known.user, known.password.get_secret_value())
        authorities.mkdir()
        if environment.ca_file.exists():
            (authorities / "ca.crt").write_text(environment.ca_file.read_text())
        yield oci.Registry(address, known.repository, authfile, authorities)
