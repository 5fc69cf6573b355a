"""A client of a container registry, and small images for it: the protocol and nothing else."""

import base64
import contextlib
import gzip
import hashlib
import http.client
import io
import json
import os
import ssl
import tarfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
CONFIG = "application/vnd.oci.image.config.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@dataclass(frozen=True)
class Image:
    """An image of one layer that holds one file, `/said`; `padding` bytes that don't compress make it larger."""

    text: str
    padding: int = 0

    @cached_property
    def _tar(self) -> bytes:
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as tar:
            for name, content in (("said", self.text.encode()), ("padding", os.urandom(self.padding))):
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))
        return packed.getvalue()

    @cached_property
    def layer(self) -> bytes:
        return gzip.compress(self._tar, 1, mtime=0)

    @cached_property
    def config(self) -> bytes:
        history = {"type": "layers", "diff_ids": [digest_of(self._tar)]}
        return json.dumps({"architecture": "amd64", "os": "linux", "config": {}, "rootfs": history}).encode()

    @cached_property
    def manifest(self) -> bytes:
        parts = {"config": _part(CONFIG, self.config), "layers": [_part(LAYER, self.layer)]}
        return json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, **parts}).encode()

    @property
    def digest(self) -> str:
        return digest_of(self.manifest)

    def archive(self, file: Path, name: str) -> None:
        """Write the image as an OCI layout in one file."""
        entry = {**_part(MANIFEST, self.manifest), "annotations": {"org.opencontainers.image.ref.name": name}}
        contents = {
            "oci-layout": json.dumps({"imageLayoutVersion": "1.0.0"}).encode(),
            "index.json": json.dumps({"schemaVersion": 2, "manifests": [entry]}).encode(),
        }
        for blob in (self.layer, self.config, self.manifest):
            contents[f"blobs/sha256/{digest_of(blob).removeprefix('sha256:')}"] = blob
        with tarfile.open(file, "w") as tar:
            for path, content in contents.items():
                part = tarfile.TarInfo(path)
                part.size = len(content)
                tar.addfile(part, io.BytesIO(content))


def _part(kind: str, content: bytes) -> dict[str, Any]:
    return {"mediaType": kind, "size": len(content), "digest": digest_of(content)}


@dataclass(frozen=True)
class Answer:
    """What the registry answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        """The first error's code."""
        found: str = json.loads(self.body)["errors"][0]["code"]
        return found


@dataclass(frozen=True)
class Client:
    """Somebody who comes to `domain` at an address, perhaps with a user's name and a token; TLS is verified."""

    address: str
    domain: str
    trust: str
    user: str = ""
    token: str = ""

    def ask(
        self, method: str, path: str, body: bytes = b"", kind: str = "application/octet-stream"
    ) -> Answer:
        context = ssl.create_default_context(cadata=self.trust)
        connection = http.client.HTTPSConnection(self.address, context=context, timeout=30)
        headers = {"Host": self.domain, "Content-Type": kind, "Accept": MANIFEST}
        if self.user:
            pair = base64.b64encode(f"{self.user}:{self.token}".encode()).decode()
            headers["Authorization"] = f"Basic {pair}"
        with contextlib.closing(connection):
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            return Answer(
                answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
            )

    def push(self, repository: str, tag: str, image: Image) -> Answer:
        """The answer to the first request that isn't successful, or to the manifest."""
        for blob in (image.layer, image.config):
            begun = self.ask("POST", f"/v2/{repository}/blobs/uploads/")
            if begun.status != 202:
                return begun
            where = urlsplit(begun.headers["location"])
            put = self.ask("PUT", f"{where.path}?{where.query}&digest={digest_of(blob)}", blob)
            if put.status != 201:
                return put
        return self.ask("PUT", f"/v2/{repository}/manifests/{tag}", image.manifest, MANIFEST)

    def pull(self, repository: str, image: Image) -> Answer:
        """The answer to the first request that isn't successful, or the layer, all by digest."""
        manifest = self.ask("GET", f"/v2/{repository}/manifests/{image.digest}")
        return (
            self.ask("GET", f"/v2/{repository}/blobs/{digest_of(image.layer)}")
            if manifest.status == 200
            else manifest
        )
