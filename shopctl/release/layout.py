"""OCI image layouts that share their blobs, with what is said of an image beside it.

https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md; a document about an image is an artifact with
the image as its `subject` (manifest.md there), so that registries list it as a referrer of the image.
"""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from shopctl.errors import ShopctlError
from shopctl.manifest import ATTACHED

IMAGE = "application/vnd.oci.image."
MANIFEST = f"{IMAGE}manifest.v1+json"
EMPTY = "application/vnd.oci.empty.v1+json"


def write(folder: Path, blobs: Path, named: Mapping[str, Mapping[str, Any]]) -> None:
    """Makes `folder`, which will lie beside `blobs` or below, a layout that holds manifests by name."""
    folder.mkdir(parents=True, exist_ok=True)
    manifests = [
        {**descriptor, "annotations": {"org.opencontainers.image.ref.name": name}}
        for name, descriptor in named.items()
    ]
    (folder / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}\n')
    (folder / "index.json").write_text(text({"schemaVersion": 2, "manifests": manifests}))
    up = Path("..", "..") if folder.name == ATTACHED else Path("..")
    (folder / "blobs").symlink_to(up / blobs.name)


def attach(folder: Path, blobs: Path, image: Mapping[str, Any], media: str, document: bytes) -> str:
    """Puts a document about an image beside its layout in `folder`; returns the document's digest."""
    content = put_bytes(blobs, media, document)
    artifact = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "artifactType": media,
        "subject": image,
        "config": put(blobs, EMPTY, {}),
        "layers": [content],
    }
    write(folder / ATTACHED, blobs, {"document": put(blobs, MANIFEST, artifact)})
    return str(content["digest"])


def contents(folder: Path) -> list[str]:
    """The digests of all blobs of a layout, its manifests among them. Raises ShopctlError when one of these is not what
    was written."""
    found = list[str]()
    for descriptor in json.loads((folder / "index.json").read_text())["manifests"]:
        check(folder, descriptor["digest"])
        told = json.loads(blob(folder / "blobs", descriptor["digest"]).read_text())
        found += [descriptor["digest"], *(part["digest"] for part in (told["config"], *told["layers"]))]
    return found


def check(folder: Path, digest: str) -> None:
    """Raises ShopctlError unless the blob of a layout is there and is what its digest says."""
    file = blob(folder / "blobs", digest)
    if not file.is_file() or digest_of(file) != digest:
        release = folder.parent if folder.name == ATTACHED else folder
        raise ShopctlError(
            f"a part of release {release.name} is not what was built",
            where=str(file.resolve()),
            next_step=f"remove it and {release}; then shopctl release build",
        )


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
    return put_bytes(blobs, media, text(content).encode())


def put_bytes(blobs: Path, media: str, content: bytes) -> dict[str, Any]:
    """Puts a document into a folder of blobs as it is; returns its descriptor."""
    with new_blob(blobs) as (stream, name):
        stream.write(content)
        name.append(hashlib.sha256(content).hexdigest())
    return described(media, f"sha256:{name[0]}", len(content))


def blob(blobs: Path, digest: str) -> Path:
    """The file of a digest."""
    return blobs / "sha256" / digest.removeprefix("sha256:")


@contextmanager
def new_blob(blobs: Path) -> Iterator[tuple[Any, list[str]]]:
    """A stream to write a blob to; who writes tells its name. It is there when it is whole, and not before."""
    home = blobs / "sha256"
    home.mkdir(parents=True, exist_ok=True)
    partial, name = home / "partial", list[str]()
    with partial.open("w+b") as stream:
        yield stream, name
    partial.replace(home / name[0])


def digest_of(file: Path) -> str:
    """The digest of a file's content."""
    with file.open("rb") as stream:
        return f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}"


def described(media: str, digest: str, size: int) -> dict[str, Any]:
    """A descriptor: https://github.com/opencontainers/image-spec/blob/v1.1.0/descriptor.md."""
    return {"mediaType": media, "digest": digest, "size": size}


def text(content: Mapping[str, Any]) -> str:
    """JSON that is the same for the same content."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"))
