"""The system packages that the local region and its tests need, and how to see that one is there already."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tools.errors import ToolError, failed_command


@dataclass(frozen=True)
class Package:
    """A Debian package and a probe for what it gives; `service`: what Debian starts with it and nobody here wants."""

    name: str
    present: Callable[[], bool]
    service: str | None = None


def command(name: str) -> Callable[[], bool]:
    """A probe for a command, also in the folders that only root has on PATH."""
    path = f"{os.environ.get('PATH', os.defpath)}:/usr/local/sbin:/usr/sbin:/sbin"
    return lambda: shutil.which(name, path=path) is not None


def file(path: str) -> Callable[[], bool]:
    """A probe for a file or folder."""
    return lambda: Path(path).exists()


def module(name: str) -> Callable[[], bool]:
    """A probe for a module of the interpreter that runs this."""
    return lambda: importlib.util.find_spec(name) is not None


PACKAGES = (
    Package("python3-venv", module("ensurepip")),  # Debian splits it from python3
    Package("ca-certificates", file("/etc/ssl/certs/ca-certificates.crt")),
    Package("curl", command("curl")),
    Package("git", command("git")),
    Package("openssh-client", command("ssh-keygen")),
    Package("iproute2", command("ip")),
    Package("nftables", command("nft")),
    Package("mmdebstrap", command("mmdebstrap")),
    Package(
        "debian-archive-keyring", file("/usr/share/keyrings/debian-archive-keyring.gpg")
    ),  # Ubuntu lacks it
    Package("systemd-container", command("systemd-nspawn")),
    Package("podman", command("podman")),
    Package("crun", command("crun")),
    Package("netavark", file("/usr/lib/podman/netavark")),  # podman 5 refuses to start without it
    Package("skopeo", command("skopeo")),
)

FOR_TESTS = (
    Package("chromium", command("chromium")),
    Package("fonts-noto-cjk", file("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")),
    Package("docker-registry", command("docker-registry"), service="docker-registry.service"),
)
"""What shows the shop's pages to the tests, and takes their releases; operators need none of it."""


def missing(packages: tuple[Package, ...]) -> list[str]:
    """Names of those packages that this machine lacks."""
    return [package.name for package in packages if not package.present()]


def install(names: list[str]) -> None:
    """Install the packages with apt; only what is named, without recommendations."""
    if shutil.which("apt-get") is None:
        raise ToolError(
            f"this machine lacks {', '.join(names)} and has no apt-get\n  Next: install them by its own means"
        )
    if os.geteuid() != 0:
        raise ToolError(
            f"this machine lacks {', '.join(names)}\n  Next: sudo apt-get install {' '.join(names)}"
        )
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    print(f"system packages: installing {', '.join(names)}", file=sys.stderr, flush=True)
    for arguments in (["update"], ["install", "--yes", "--no-install-recommends", *names]):
        line = ["apt-get", "-qq", "-o", "Acquire::Retries=3", *arguments]
        result = subprocess.run(line, capture_output=True, text=True, check=False, env=environment)
        if result.returncode:
            output = result.stdout + result.stderr
            raise failed_command(
                "apt-get", line, result.returncode, output, "check the package sources and the network"
            )
    _stop(
        [package.service for package in (*PACKAGES, *FOR_TESTS) if package.service and package.name in names]
    )


def _stop(services: list[str]) -> None:
    """Have services not run that came with a package: the tests start their own, and the machine needs none."""
    if services and Path("/run/systemd/system").is_dir():
        line = ["systemctl", "disable", "--now", "--quiet", *services]
        result = subprocess.run(line, capture_output=True, text=True, check=False)
        if result.returncode:
            output = result.stdout + result.stderr
            raise failed_command(
                "systemctl", line, result.returncode, output, "stop them by hand, then run this again"
            )
