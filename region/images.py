"""Images: the root file systems that hosts boot from, built once into the cache.

An image is a folder of the cache named by what it was built from, so that a changed recipe is another image and an
interrupted build is never taken for a finished one:

    images/<name>-<digest>/image.json   written last: {"name", "digest", "layers": [...], "built"}
    images/<name>-<digest>/root/        this image's own layer

`managed` is what managed services run on. `host` is what a CVM runs: a Debian base with the packages of the roles, over
which their install parts were run (`shopctl image bake` does that, through `layer`).
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from region.errors import RegionError
from region.process import run

SUITE = "trixie"
BASE = ("systemd", "systemd-sysv", "dbus", "python3-minimal", "iproute2", "ca-certificates", "procps")
MANAGED = (
    "mariadb-server",
    "mariadb-client",
    "redis-server",
    "rabbitmq-server",
    "haproxy",
    "nginx-light",
    "dnsmasq",
    "docker-registry",
    "openssl",
    "curl",
    "python3-aiohttp",
    "python3-cryptography",
)
"""What the managed services are here; each host of them starts just its own."""

STOPPED = (
    "mariadb",
    "redis-server",
    "rabbitmq-server",
    "haproxy",
    "nginx",
    "dnsmasq",
    "docker-registry",
    "epmd.socket",
    "epmd.service",
)
MASKED = (
    "systemd-modules-load.service",
    "apt-daily.timer",
    "apt-daily-upgrade.timer",
    "dpkg-db-backup.timer",
)
"""No modules can be loaded in a namespace, and hosts have no way out to fetch packages."""


INIT = "usr/lib/systemd/systemd"
"""What a host begins with."""


@dataclass(frozen=True)
class Image:
    """A finished image. `layers` are the overlay's lower folders, topmost first; `size` is in bytes."""

    name: str
    digest: str
    layers: tuple[Path, ...]
    built: str
    size: int


def cache() -> Path:
    """Where images are kept: `$SHOPCTL_CACHE_DIR`, else the user's cache folder."""
    if explicit := os.environ.get("SHOPCTL_CACHE_DIR"):
        return Path(explicit) / "images"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "shopctl" / "images"


def recipe(packages: tuple[str, ...]) -> str:
    """A digest of what an image is built from."""
    text = json.dumps([SUITE, BASE, sorted(packages), STOPPED, MASKED])
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _read(home: Path) -> Image | None:
    try:
        raw = json.loads((home / "image.json").read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    layers = tuple(Path(layer) for layer in raw["layers"])
    return (
        Image(raw["name"], raw["digest"], layers, raw["built"], raw["size"])
        if all(map(Path.is_dir, layers))
        else None
    )


def find(name: str, digest: str | None = None) -> Image | None:
    """The image of that name and digest, or the newest of that name."""
    found = [image for image in images() if image.name == name and digest in (None, image.digest)]
    return max(found, key=lambda image: image.built, default=None)


def images() -> list[Image]:
    """Every finished image of the cache, oldest first."""
    homes = cache().glob("*/image.json")
    return sorted((image for home in homes if (image := _read(home.parent))), key=lambda image: image.built)


CATALOGUE = ("img-host",)
"""The images that instances may ask for by name, baked or not: what a cloud calls public images."""


def known(custom: Path) -> list[str]:
    """What an instance may ask for: the catalogue, and a region's own images, which are in the folder `custom`."""
    return [*CATALOGUE, *sorted(home.parent.name for home in custom.glob("*/image.json"))]


def is_known(reference: str, custom: Path) -> bool:
    """Whether there is such an image, or `shopctl image bake` would make it."""
    return reference in known(custom) or _cached(reference) is not None


def _cached(reference: str) -> Image | None:
    name = reference.removeprefix("img-")
    return find(name) or (find(*name.rsplit("-", 1)) if "-" in name else None)


def pin(reference: str, custom: Path | None = None) -> str:
    """The exact image that a reference means now.

    `img-<name>` or `<name>` is the newest of the cache, `<name>-<digest>` that one; an id in the folder `custom` is
    the region's own image.
    """
    if custom and (custom / reference / "image.json").exists():
        return reference
    image = _cached(reference)
    if image is None:
        raise RegionError(f"image {reference!r} is not in {cache()}; make it with: shopctl image bake")
    return f"{image.name}-{image.digest}"


def layers(pinned: str, custom: Path | None = None) -> tuple[Path, ...]:
    """The folders that a host of that exact image (see `pin`) stands on.

    Raises `RegionError` naming an image that is gone or has no system in it any more.
    """
    own = _read(custom / pinned) if custom else None
    image = own or (find(*pinned.rsplit("-", 1)) if "-" in pinned else None)
    if image is None:
        raise RegionError(
            f"image {pinned!r} is damaged or gone, and hosts made from it can't start; {_way_on(pinned)}"
        )
    if missing := [layer for layer in image.layers if not any(layer.iterdir())]:
        raise RegionError(f"image {pinned!r} is damaged: nothing is in {missing[0]}; {_way_on(pinned)}")
    if not any((layer / INIT).exists() for layer in image.layers):
        raise RegionError(f"image {pinned!r} is damaged: there is no {INIT} in it; {_way_on(pinned)}")
    return image.layers


def _way_on(pinned: str) -> str:
    name = pinned.rpartition("-")[0]
    if name == "img":
        return "it was made of an instance: delete it, and make it anew of an instance that runs"
    return f"make it anew with: shopctl image bake {name}"


@contextlib.contextmanager
def _building(home: Path) -> Iterator[bool]:
    """Hold the right to build `home`; yields whether it still has to be built. Leftovers of a killed build go first."""
    home.parent.mkdir(parents=True, exist_ok=True)
    with (home.parent / f".{home.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _read(home):
            yield False
            return
        if home.exists():
            shutil.rmtree(home)
        home.mkdir()
        yield True


def _finish(home: Path, name: str, digest: str, below: tuple[Path, ...]) -> Image:
    size = int(run(["du", "-s", "--block-size=1", home / "root"]).split()[0])
    built = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    raw = {
        "name": name,
        "digest": digest,
        "layers": [str(home / "root"), *map(str, below)],
        "built": built,
        "size": size,
    }
    partial = home / "image.json.partial"
    partial.write_text(json.dumps(raw, indent=2))
    partial.rename(home / "image.json")
    image = _read(home)
    assert image is not None
    return image


def debian(name: str, packages: tuple[str, ...]) -> Image:
    """Make (or find) a Debian root with `packages` in it. Takes half a minute and the package mirror."""
    digest = recipe(packages)
    home = cache() / f"{name}-{digest}"
    with _building(home) as wanted:
        if wanted:
            root = home / "root"
            include = ",".join((*BASE, *packages))
            run(
                ["mmdebstrap", "--variant=minbase", f"--include={include}", "--quiet", SUITE, root],
                timeout=900,
                env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            )
            for unit in STOPPED:
                run(["systemctl", f"--root={root}", "disable", unit], check=False)
            run(["systemctl", f"--root={root}", "mask", *MASKED])
            # Each host makes its own: keys that a whole region shares would be no keys.
            for key in root.glob("etc/ssh/ssh_host_*"):
                key.unlink()
            (root / "etc/machine-id").write_text("")
            shutil.rmtree(root / "var/lib/mysql", ignore_errors=True)
            return _finish(home, name, digest, ())
    return found if (found := find(name, digest)) else _lost(name)


def layer(name: str, digest: str, below: Image, build: Callable[[Path], None]) -> Image:
    """Make (or find) an image whose own layer `build` fills over `below`."""
    home = cache() / f"{name}-{digest}"
    with _building(home) as wanted:
        if wanted:
            (home / "root").mkdir()
            build(home / "root")
            return _finish(home, name, digest, below.layers)
    return found if (found := find(name, digest)) else _lost(name)


def capture(home: Path, below: tuple[Path, ...], fill: Callable[[Path], None]) -> None:
    """Make an image of a region's own in the folder `home`, whose layer `fill` fills; found again when it is there."""
    with _building(home) as wanted:
        if wanted:
            (home / "root").mkdir()
            fill(home / "root")
            _finish(home, "img", home.name.removeprefix("img-"), below)


def is_whole(home: Path) -> bool:
    """Whether the image in that folder is finished and its layers are there."""
    return _read(home) is not None


def drop(home: Path) -> None:
    """Remove an image of a region's own."""
    for path in (home / "image.json", home.parent / f".{home.name}.lock"):
        path.unlink(missing_ok=True)
    if home.exists():
        shutil.rmtree(home)


def _lost(name: str) -> Image:
    raise RegionError(
        f"image {name} was removed from {cache()} while it was being looked up; run the command again"
    )


def managed() -> Image:
    """The image of the managed services."""
    return debian("managed", MANAGED)
