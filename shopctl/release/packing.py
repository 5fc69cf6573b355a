"""An image as podman saves it, put into blobs of the OCI image layout so that the same content gives the same digest.

Podman writes into an image's configuration when and by which version of itself it was built, and its compression is not
the same in all versions; so configuration, manifest and compression are made here. The format:
https://github.com/opencontainers/image-spec/blob/v1.1.0/manifest.md and config.md beside it.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from shopctl.manifest import Layer
from shopctl.release import layout

KEPT = ("Env", "Cmd", "Entrypoint", "ExposedPorts", "StopSignal", "User", "Volumes", "WorkingDir")
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

    `known`: layers that are there already, by the digest of their content. `created`: seconds of the epoch. `name`:
    what the image says that it is, `title:version`.
    """
    with tarfile.open(saved) as archive:
        (image,) = json.load(_member(archive, "manifest.json"))
        told = json.load(_member(archive, image["Config"]))
        layers = tuple(
            known.get(content) or _layer(_member(archive, name), content, blobs)
            for name, content in zip(image["Layers"], told["rootfs"]["diff_ids"], strict=True)
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


def _layer(source: IO[bytes], content: str, blobs: Path) -> Layer:
    plain = hashlib.sha256()
    with layout.new_blob(blobs) as (stream, name):
        with gzip.GzipFile("", "wb", compresslevel=6, fileobj=stream, mtime=0) as packed:
            while chunk := source.read(1 << 20):
                plain.update(chunk)
                packed.write(chunk)
        if (found := f"sha256:{plain.hexdigest()}") != content:
            raise ValueError(f"podman saved a layer {found} as {content}")
        size = stream.tell()
        stream.seek(0)
        name.append(hashlib.file_digest(stream, "sha256").hexdigest())
    return Layer(f"sha256:{name[0]}", size, content)


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
