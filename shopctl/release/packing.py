"""An image as podman saves it, put into blobs of the OCI image layout so that the same content gives the same digest.

Podman writes into an image's configuration when and by which version of itself it was built; 4 and 5 write a file's
mode differently into a layer, leave other mount points there, and compress differently. So configuration, manifest,
compression and the entries of the layers above the base are made here. The format:
https://github.com/opencontainers/image-spec/blob/v1.1.0/manifest.md and config.md beside it.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, cast

from shopctl.manifest import Layer
from shopctl.release import layout

KEPT = ("Env", "Cmd", "Entrypoint", "ExposedPorts", "StopSignal", "User", "Volumes", "WorkingDir")
MOUNTED = frozenset(
    {"dev", "etc", "proc", "run", "sys", "tmp", "etc/hostname", "etc/hosts", "etc/resolv.conf"}
)
"""What podman puts into a layer by mounting something there, empty; the base has the folders."""

BUILT_BY = "io.buildah.version"
"""A label that podman 4 puts on its images whether one wants it or not."""


@dataclass(frozen=True)
class Packed:
    """An image in blobs: the descriptor of its manifest, and its layers from below."""

    descriptor: Mapping[str, Any]
    layers: tuple[Layer, ...]
    bytes: int


def pack(saved: Path, blobs: Path, known: Mapping[str, Layer], created: int, name: str) -> Packed:
    """Puts an image that `podman save --format=docker-archive` wrote into `blobs`, a folder by digests.

    `known`: layers that are there already, by the digest that podman has for them. `created`: seconds of the epoch.
    `name`: what the image says that it is, `title:version`.
    """
    with tarfile.open(saved) as archive:
        (image,) = json.load(_member(archive, "manifest.json"))
        told = json.load(_member(archive, image["Config"]))
        layers = tuple(
            known.get(content) or _layer(_member(archive, name), content, blobs, above=number > 0)
            for number, (name, content) in enumerate(
                zip(image["Layers"], told["rootfs"]["diff_ids"], strict=True)
            )
        )
    configuration = {
        "architecture": told["architecture"],
        "config": _settings(told["config"], name),
        "created": datetime.fromtimestamp(created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "os": told["os"],
        "rootfs": {"type": "layers", "diff_ids": [layer.content for layer in layers]},
    }
    config = layout.put(blobs, f"{layout.IMAGE}config.v1+json", configuration)
    manifest = {
        "schemaVersion": 2,
        "mediaType": layout.MANIFEST,
        "config": config,
        "layers": [
            layout.described(f"{layout.IMAGE}layer.v1.tar+gzip", one.digest, one.bytes) for one in layers
        ],
    }
    size = config["size"] + sum(layer.bytes for layer in layers)
    return Packed(layout.put(blobs, layout.MANIFEST, manifest), layers, size)


def read(saved: Path, path: str) -> bytes:
    """A file of the lowest layer of a saved image."""
    with tarfile.open(saved) as archive:
        (image,) = json.load(_member(archive, "manifest.json"))
        with tarfile.open(fileobj=_member(archive, image["Layers"][0])) as layer:
            return _member(layer, f"./{path}").read()


def _layer(source: IO[bytes], saved: str, blobs: Path, *, above: bool) -> Layer:
    with layout.new_blob(blobs) as (stream, name):
        with gzip.GzipFile("", "wb", compresslevel=6, fileobj=stream, mtime=0) as packed:
            sink = _Sink(packed)
            if above:
                _write(source, sink)
            else:
                shutil.copyfileobj(source, sink, 1 << 20)
        content = f"sha256:{sink.digest.hexdigest()}"
        if not above and content != saved:
            raise ValueError(f"podman saved a layer {content} as {saved}")
        size = stream.tell()
        stream.seek(0)
        name.append(hashlib.file_digest(stream, "sha256").hexdigest())
    return Layer(f"sha256:{name[0]}", size, content, saved)


class _Sink:
    """Passes on what is written, and remembers its digest."""

    def __init__(self, target: gzip.GzipFile) -> None:
        self.digest = hashlib.sha256()
        self._target = target

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        return self._target.write(data)


def _write(source: IO[bytes], sink: _Sink) -> None:
    """The layer's entries as every podman would have to write them."""
    with (
        tarfile.open(fileobj=source) as old,
        tarfile.open(fileobj=cast("IO[bytes]", sink), mode="w|", format=tarfile.PAX_FORMAT) as new,
    ):
        for entry in old:
            name = entry.name.removeprefix("./")
            if (name in MOUNTED and not entry.size) or name.startswith("tmp/"):
                continue
            entry.mode &= 0o7777
            new.addfile(entry, old.extractfile(entry) if entry.isreg() else None)


def _settings(told: Mapping[str, Any], name: str) -> dict[str, Any]:
    title, _, version = name.partition(":")
    mine = {"org.opencontainers.image.title": title, "org.opencontainers.image.version": version}
    labels = {key: value for key, value in (told.get("Labels") or {}).items() if key != BUILT_BY}
    return {**{key: told[key] for key in KEPT if told.get(key)}, "Labels": {**labels, **mine}}


def _member(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    found = archive.extractfile(name)
    if found is None:
        raise ValueError(f"{name} is no file in {archive.name!s}")
    return found
