"""Debian's docker-registry on loopback, with TLS and a password, for tests."""

from __future__ import annotations

import gzip
import hashlib
import io
import ipaddress
import json
import os
import socket
import subprocess
import tarfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import bcrypt
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "shop", "a-good-password"
ADDRESS = ipaddress.ip_address("127.0.0.1")


@dataclass(frozen=True)
class Running:
    """`authorities` is the folder with its certificate; `root` where it keeps what it was given."""

    address: str
    authorities: Path
    root: Path


@contextmanager
def running(folder: Path, *, through: Sequence[str] = ()) -> Iterator[Running]:
    """A registry that keeps its things in `folder`, started `through` another command; gone afterwards."""
    with socket.socket() as free:
        free.bind((str(ADDRESS), 0))
        address = "{}:{}".format(*free.getsockname())
    authorities = folder / "authorities"
    authorities.mkdir()
    _certify(authorities / "ca.crt", folder / "key.pem")
    secret = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    (folder / "htpasswd").write_text(f"{USER}:{secret}\n")
    settings = {
        "version": 0.1,
        "log": {"level": "error", "accesslog": {"disabled": True}},
        "storage": {"filesystem": {"rootdirectory": str(folder / "data")}, "delete": {"enabled": True}},
        "http": {
            "addr": address,
            "secret": "one-registry-alone",
            "tls": {"certificate": str(authorities / "ca.crt"), "key": str(folder / "key.pem")},
        },
        "auth": {"htpasswd": {"realm": "releases", "path": str(folder / "htpasswd")}},
    }
    (folder / "config.yml").write_text(yaml.safe_dump(settings))
    argv = [*through, "docker-registry", "serve", str(folder / "config.yml")]
    with (folder / "log").open("w") as log, subprocess.Popen(argv, stdout=log, stderr=log) as process:
        try:
            _wait(address, folder / "log")
            yield Running(address, authorities, folder / "data")
        finally:
            process.terminate()


def layout(folder: Path, size: int = 100_000) -> str:
    """An image of one layer of so many bytes as an OCI layout; returns its digest."""
    blobs = folder / "blobs" / "sha256"
    blobs.mkdir(parents=True)
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        entry = tarfile.TarInfo("file")
        entry.size = size
        tar.addfile(entry, io.BytesIO(os.urandom(size)))

    def put(kind: str, content: bytes) -> dict[str, object]:
        name = hashlib.sha256(content).hexdigest()
        (blobs / name).write_bytes(content)
        return {
            "mediaType": f"application/vnd.oci.image.{kind}",
            "digest": f"sha256:{name}",
            "size": len(content),
        }

    def text(content: object) -> bytes:
        return json.dumps(content).encode()

    layers = ["sha256:" + hashlib.sha256(plain.getvalue()).hexdigest()]
    rootfs = {"type": "layers", "diff_ids": layers}
    config = put(
        "config.v1+json", text({"architecture": "amd64", "os": "linux", "config": {}, "rootfs": rootfs})
    )
    layer = put("layer.v1.tar+gzip", gzip.compress(plain.getvalue()))
    manifest = put("manifest.v1+json", text({"schemaVersion": 2, "config": config, "layers": [layer]}))
    (folder / "index.json").write_bytes(text({"schemaVersion": 2, "manifests": [manifest]}))
    (folder / "oci-layout").write_bytes(text({"imageLayoutVersion": "1.0.0"}))
    return str(manifest["digest"])


def _certify(certificate: Path, key: Path) -> None:
    secret, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "registry")])
    signed = (
        x509.CertificateBuilder(name, name, secret.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ADDRESS)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(secret, hashes.SHA256())
    )
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(
        secret.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


def _wait(address: str, log: Path) -> None:
    host, port = address.split(":")
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex((host, int(port))) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"the registry did not start: {log.read_text()}")
