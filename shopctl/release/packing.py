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
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from shopctl.errors import ShopctlError
from shopctl.manifest import Layer

KEPT = ("Env", "Cmd", "Entrypoint", "ExposedPorts", "Labels", "StopSignal", "User", "Volumes", "WorkingDir")
MINE = "io.buildah.version"
"""A label that podman 4 puts on its images whether one wants it or not."""

MEDIA = "application/vnd.oci.image."


@dataclass(frozen=True)
class Packed:
    """An image in blobs: the descriptor of its manifest, and its layers from below."""

    descriptor: Mapping[str, Any]
    layers: tuple[Layer, ...]
    bytes: int


def pack(saved: Path, blobs: Path, known: Mapping[str, Layer], created: int) -> Packed:
    """Puts an image that `podman save --format=docker-archive` wrote into `blobs`, a folder by digests.

    `known`: layers that are there already, by the digest of their content. `created`: seconds of the epoch.
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
        "config": _settings(told["config"]),
        "created": datetime.fromtimestamp(created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "os": told["os"],
        "rootfs": {"type": "layers", "diff_ids": [layer.content for layer in layers]},
    }
    config = put(blobs, f"{MEDIA}config.v1+json", configuration)
    manifest = {
        "schemaVersion": 2,
        "mediaType": f"{MEDIA}manifest.v1+json",
        "config": config,
        "layers": [_descriptor(f"{MEDIA}layer.v1.tar+gzip", one.digest, one.bytes) for one in layers],
    }
    size = config["size"] + sum(layer.bytes for layer in layers)
    return Packed(put(blobs, f"{MEDIA}manifest.v1+json", manifest), layers, size)


def layout(folder: Path, blobs: Path, packed: Packed, name: str) -> None:
    """Makes `folder` an OCI layout that shares `blobs` with others, and holds the image by that name."""
    folder.mkdir(parents=True, exist_ok=True)
    named = {**packed.descriptor, "annotations": {"org.opencontainers.image.ref.name": name}}
    (folder / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}\n')
    (folder / "index.json").write_text(_text({"schemaVersion": 2, "manifests": [named]}))
    (folder / "blobs").symlink_to(Path("..") / blobs.name)


def contents(folder: Path) -> list[str]:
    """The digests of all blobs of a layout's image: its manifest, configuration and layers. Raises ShopctlError when
    the manifest is not what was built."""
    (top,) = json.loads((folder / "index.json").read_text())["manifests"]
    check(folder, top["digest"])
    told = json.loads(blob(folder / "blobs", top["digest"]).read_text())
    return [top["digest"], told["config"]["digest"], *(layer["digest"] for layer in told["layers"])]


def check(folder: Path, digest: str) -> None:
    """Raises ShopctlError unless the blob of a layout is there and is what its digest says."""
    file = blob(folder / "blobs", digest)
    if not file.is_file() or digest_of(file) != digest:
        raise ShopctlError(
            f"a part of release {folder.name} is not what was built",
            where=str(file.resolve()),
            next_step=f"remove it and {folder}; then shopctl release build",
        )


def digest_of(file: Path) -> str:
    """The digest of a file's content."""
    with file.open("rb") as stream:
        return f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}"


def archive(folder: Path, target: Path) -> None:
    """Writes a layout as one file, which `podman load` reads."""
    partial = target.with_suffix(".partial")
    with tarfile.open(partial, "w") as tar:
        for name in ("oci-layout", "index.json"):
            tar.add(folder / name, name)
        for digest in dict.fromkeys(contents(folder)):
            file = blob(folder / "blobs", digest)
            tar.add(file, f"blobs/sha256/{file.name}")
    partial.replace(target)


def put(blobs: Path, media: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """Puts a JSON document into a folder of blobs; returns its descriptor."""
    data = _text(content).encode()
    with _blob(blobs) as (stream, name):
        stream.write(data)
        name.append(hashlib.sha256(data).hexdigest())
    return _descriptor(media, f"sha256:{name[0]}", len(data))


def blob(blobs: Path, digest: str) -> Path:
    """The file of a digest."""
    return blobs / "sha256" / digest.removeprefix("sha256:")


def read(saved: Path, path: str) -> bytes:
    """A file of the lowest layer of a saved image."""
    with tarfile.open(saved) as archive:
        (image,) = json.load(_member(archive, "manifest.json"))
        with tarfile.open(fileobj=_member(archive, image["Layers"][0])) as layer:
            return _member(layer, f"./{path}").read()


def _layer(source: IO[bytes], content: str, blobs: Path) -> Layer:
    plain = hashlib.sha256()
    with _blob(blobs) as (stream, name):
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


@contextmanager
def _blob(blobs: Path) -> Iterator[tuple[Any, list[str]]]:
    """A new blob; who writes it tells its name. It is there when it is whole, and not before."""
    home = blobs / "sha256"
    home.mkdir(parents=True, exist_ok=True)
    partial, name = home / "partial", list[str]()
    with partial.open("w+b") as stream:
        yield stream, name
    partial.replace(home / name[0])


def _settings(told: Mapping[str, Any]) -> dict[str, Any]:
    found = {key: told[key] for key in KEPT if told.get(key)}
    if labels := {key: value for key, value in found.pop("Labels", {}).items() if key != MINE}:
        found["Labels"] = labels
    return found


def _descriptor(media: str, digest: str, size: int) -> dict[str, Any]:
    return {"mediaType": media, "digest": digest, "size": size}


def _member(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    found = archive.extractfile(name)
    if found is None:
        raise ValueError(f"{name} is no file in {archive.name!s}")
    return found


def _text(content: Mapping[str, Any]) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"))
