"""Images that hosts boot from: baked once, so that bringing up a host is a boot and a short configure.

A bake boots a host of the local region over a Debian root that has the roles' packages, runs the roles' install parts
on it by Ansible as on any host, and keeps what that wrote as the image's layer.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from shopctl import paths
from shopctl.errors import BadInputError, ShopctlError

if TYPE_CHECKING:
    from region.images import Image
    from shopctl.environment import Environment
    from shopctl.report import Report

HOST, MANAGED = "host", "managed"
NAMES = (HOST, MANAGED)
BAKE_ID, BAKE_SLOT = "img-bake", 39

OWN = (
    "etc/hostname",
    "etc/hosts",
    "etc/resolv.conf",
    "etc/machine-id",
    "etc/ssl/certs/ca-certificates.crt",
    "usr/local/share/ca-certificates/shopctl-region.crt",
    "root/.ssh",
    "root/.ansible",
    "var/log/journal",
    "var/lib/systemd/random-seed",
)
"""What belongs to the host that was baked on, and not to the image."""


def packages(roles: Path | None = None) -> tuple[str, ...]:
    """The Debian packages of all roles, from their `<role>_packages`."""
    found: set[str] = set()
    for defaults in sorted((roles or paths.REPOSITORY / "roles").glob("*/defaults/main.yml")):
        settings = yaml.safe_load(defaults.read_text())
        found.update(settings.get(f"{defaults.parent.parent.name}_packages", ()))
    return tuple(sorted(found))


def recipe() -> str:
    """A digest of what the hosts' image is baked from: the roles' install parts and the playbook that runs them."""
    roles = paths.REPOSITORY / "roles"
    files = [
        paths.REPOSITORY / "playbooks/image.yml",
        *roles.glob("*/tasks/install.yml"),
        *roles.glob("*/defaults/main.yml"),
    ]
    files += [file for file in roles.glob("*/files/**/*") if file.is_file()]
    digest = hashlib.sha256()
    for file in sorted(files):
        content = file.read_bytes()
        digest.update(f"{file.relative_to(paths.REPOSITORY)} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def ensure(environment: Environment, report: Report) -> None:
    """Bake the images that the environment's hosts need, where they are not there yet."""
    if environment.region is None:
        return
    from concurrent.futures import ThreadPoolExecutor

    from region import images

    with ThreadPoolExecutor(max_workers=3) as pool:
        managed = pool.submit(_managed, report)
        # The image waits for the package mirror, the tools for the compiler.
        tools = pool.submit(_tools, report)
        below = _base(report)
        managed.result()
        tools.result()
    digest = hashlib.sha256(f"{below.digest} {recipe()}".encode()).hexdigest()[:12]
    if images.find(HOST, digest):
        return
    report("    baking image host: the roles' install parts over its Debian base")
    report.started("image-host", "image host")
    images.layer(HOST, digest, below, lambda target: _install(environment, below, target))
    report.finished("image-host", "image host")


def bake(name: str | None = None) -> None:
    """Bake one image, or all, anew."""
    from shopctl.environment import Environment
    from shopctl.report import Report

    if name not in (None, *NAMES):
        raise BadInputError(f"there is no image {name!r}", next_step=f"one of: {', '.join(NAMES)}")
    from region import images

    for image in list_images():
        if name in (None, image.name):
            _refuse_if_used(image)
            shutil.rmtree(images.cache() / f"{image.name}-{image.digest}")
    ensure(Environment.load("local"), Report())


def _refuse_if_used(image: Image) -> None:
    from region.hosts import all_hosts
    from region.settings import REGIONS_ROOT

    pinned = f"{image.name}-{image.digest}"
    regions = REGIONS_ROOT.iterdir() if REGIONS_ROOT.exists() else ()
    used = [
        f"{region.name}/{host.name}"
        for region in regions
        for host in all_hosts(region.name)
        if host.image == pinned
    ]
    if used:
        raise ShopctlError(
            f"image {pinned} is what hosts stand on: {', '.join(used)}",
            next_step="shopctl destroy, then bake again; a changed recipe is baked by `up` beside the old image",
        )


def list_images() -> list[Image]:
    """The images that are in the cache, oldest first."""
    from region import images

    return [image for image in images.images() if image.name in NAMES]


def _tools(report: Report) -> None:
    from tools.build import ensure as build
    from tools.catalog import NAMES as TOOLS

    for tool in TOOLS:
        build(tool, report)


def _managed(report: Report) -> Image:
    from region import images

    return _reported("managed", images.MANAGED, report)


def _base(report: Report) -> Image:
    return _reported("hostbase", packages(), report)


def _reported(name: str, wanted: tuple[str, ...], report: Report) -> Image:
    from region import images

    if found := images.find(name, images.recipe(wanted)):
        return found
    report(f"    building image {name}: Debian with {len(wanted)} packages and what they need")
    report.started(f"image-{name}", f"image {name}")
    image = images.debian(name, wanted)
    report.finished(f"image-{name}", f"image {name}: {image.size / 1e6:.0f} MB")
    return image


def _install(environment: Environment, below: Image, target: Path) -> None:
    """Run the install parts on a host of the region and copy what it wrote into `target`."""
    from region import teardown
    from region.hosts import Host
    from region.network import INTERNET
    from region.process import run
    from region.region import Region
    from region.settings import public_address
    from shopctl.drivers import ansible

    settings = environment.region
    assert settings is not None
    fresh = teardown.find(settings.name).folder is None
    region = Region(settings)
    region.open()
    address = public_address(settings, BAKE_SLOT)
    reference = f"{below.name}-{below.digest}"
    host = region.prepare(Host(BAKE_ID, "bake", "bake", reference, INTERNET, (address,), "127.0.0.1"))
    try:
        with tempfile.TemporaryDirectory(prefix="shopctl-bake-") as work:
            key = Path(work) / "key"
            for file in (key, host.root / "etc/ssh/ssh_host_ed25519_key"):
                file.unlink(missing_ok=True)
                run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "bake", "-f", file])
            host.write("/root/.ssh/authorized_keys", key.with_suffix(".pub").read_text(), 0o600)
            host.boot()
            host.wait_for(["systemctl", "is-active", "--quiet", "ssh"], "sshd")
            ansible.play(
                environment,
                "image.yml",
                inventory=f"{address},",
                variables={
                    "ansible_user": "root",
                    "ansible_ssh_private_key_file": str(key),
                    # The host was made a moment ago on this machine and its key is thrown away with it.
                    "ansible_ssh_common_args": "-o UserKnownHostsFile=/dev/null -o StrictHostKeyChecking=no",
                    "ansible_host_key_checking": "false",
                },
            )
            host.stop()
        _keep(host.home / "upper", target)
    finally:
        region.remove_host(BAKE_ID)
        if fresh:
            teardown.destroy(settings.name)


def _keep(upper: Path, target: Path) -> None:
    """Copy a layer with its whiteouts and attributes, but for what is one host's own."""
    from region.process import run

    run(["cp", "-a", "--", f"{upper}/.", target], timeout=300)
    for own in (*OWN, *(str(key.relative_to(target)) for key in target.glob("etc/ssh/ssh_host_*"))):
        path = target / own
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
