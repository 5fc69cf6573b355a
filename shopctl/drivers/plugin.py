"""The provider's plugin for environments in the cloud: is it here, and how does the engine find it?"""

from __future__ import annotations

import os
import shutil
from importlib.metadata import version
from pathlib import Path

from shopctl.errors import ShopctlError

NAME = "tencentcloud"
BINARY = f"pulumi-resource-{NAME}"
SERVER = "github://api.github.com/tencentcloudstack"


def find(home: Path) -> Path:
    """The plugin's program: on PATH, in the engine's folder (`home`), or in the operator's own ~/.pulumi.

    Raises ShopctlError with the ways to get it.
    """
    wanted = version("tencentcloud_iac_pulumi")
    if on_path := shutil.which(BINARY):
        return Path(on_path)
    homes = [home, Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")]
    for folder in homes:
        file = folder / "plugins" / f"resource-{NAME}-v{wanted}" / BINARY
        if os.access(file, os.X_OK):
            return file
    raise ShopctlError(
        f"the provider's plugin {NAME} {wanted} is not installed",
        last_lines=[
            f"looked for {BINARY} on PATH, and for plugins/resource-{NAME}-v{wanted}/{BINARY} in "
            + " and ".join(str(folder) for folder in homes),
            "either let pulumi install it:",
            f"    pulumi plugin install resource {NAME} {wanted} --server {SERVER}",
            f"or unpack pulumi-resource-{NAME}-v{wanted}-linux-amd64.tar.gz of the provider's releases, and put "
            f"{BINARY} into a folder of PATH",
        ],
        next_step="install it one of these ways and run the command again",
    )


def path_with(file: Path) -> str:
    """PATH with the plugin's folder in front: there the engine looks first."""
    return os.pathsep.join([str(file.parent), os.environ.get("PATH", os.defpath)])
