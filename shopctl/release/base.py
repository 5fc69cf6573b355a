"""The image that the shop's stands on: a small Debian with Python, made once and kept until a newer one is asked for.

What it depends on: the lists below, and the packages that Debian's mirror has on that day. With the same packages it is
the same bit for bit (mmdebstrap keeps to SOURCE_DATE_EPOCH).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from shopctl.release import layout
from shopctl.release.workshop import EPOCH, Workshop

SUITE = "trixie"
PYTHON = "3.13"
"""What Debian 13 has; wheels are chosen for it."""

PACKAGES = ("python3", "python3-venv", "ca-certificates", "media-types")
DPKG = (
    "path-exclude=/usr/share/doc/*",
    "path-include=/usr/share/doc/*/copyright",
    "path-exclude=/usr/share/man/*",
    "path-exclude=/usr/share/locale/*",
)
"""What a container that speaks JSON and HTML of its own never reads; the licences have to go with the programs."""

HOOKS = (
    # By hash and unchecked: by time they would all be stale, as every file's time is another in the image.
    'chroot "$1" python3 -m compileall -q -f --invalidation-mode unchecked-hash /usr/lib/python3 /usr/lib/python'
    + PYTHON,
    # Whose these folders are depends on who may read the one that is built in; nothing is installed in a container.
    'rm -rf "$1/var/lib/apt/lists" "$1/var/cache/apt"',
    # mmdebstrap copies them from the machine that it runs on.
    'rm -f "$1/etc/hostname" "$1/etc/resolv.conf"',
    # Nothing in a container of one program has to become somebody else.
    'find "$1" -xdev -type f -perm /6000 -exec chmod a-s {} +',
)


@dataclass(frozen=True)
class Base:
    """`digest` is that of its one layer, uncompressed."""

    tag: str
    digest: str


def prepare(shop: Workshop, *, anew: bool = False) -> Base:
    """The base that is here, or a new one: `anew` takes Debian's packages of today."""
    tag = f"localhost/shop-base:{SUITE}-{key()}"
    digest = None if anew else _digest(shop, tag)
    if digest is None:
        with shop.step("base: Debian's packages"):
            digest = _make(shop, tag)
    return Base(tag, digest)


def key() -> str:
    return hashlib.sha256(f"{SUITE} {sorted(PACKAGES)} {DPKG} {HOOKS} {EPOCH}".encode()).hexdigest()[:12]


def _digest(shop: Workshop, tag: str) -> str | None:
    if not shop.podman("images", "--quiet", tag).strip():
        return None
    return shop.podman("image", "inspect", "--format={{index .RootFS.Layers 0}}", tag).split()[-1]


def _make(shop: Workshop, tag: str) -> str:
    archive = shop.folder / "base.tar"
    options = [f"--include={','.join(PACKAGES)}", *(f"--dpkgopt={option}" for option in DPKG)]
    options += ["--skip=cleanup/apt", *(f"--customize-hook={hook}" for hook in HOOKS)]
    shop.run(
        *("mmdebstrap", "--quiet", "--variant=minbase", *options, SUITE, str(archive)),
        what="the shop's base image could not be built",
    )
    shop.podman("import", "--quiet", str(archive), tag)
    digest = layout.digest_of(archive)
    archive.unlink()
    return digest
