"""Images as `podman save --format=docker-archive` writes them, without podman."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

STATUS = """Package: libc6
Status: install ok installed
Architecture: amd64
Version: 2.41-12

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1.0
"""


def save(target: Path, layers: Sequence[Mapping[str, bytes]], mode: int = 0o644, **more: Any) -> Path:
    """An image whose layers have these files of this mode; `more` goes into its configuration."""
    packed = [_tar(files, mode) for files in layers]
    contents = [hashlib.sha256(layer).hexdigest() for layer in packed]
    config = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Cmd": ["web"], "User": "10001:10001", "Labels": {"title": "shop"}},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{content}" for content in contents]},
        **more,
    }
    names = [f"{content}.tar" for content in contents]
    files = dict(zip(names, packed, strict=True))
    files["config.json"] = json.dumps(config).encode()
    files["manifest.json"] = json.dumps([{"Config": "config.json", "Layers": names, "RepoTags": []}]).encode()
    target.write_bytes(_tar(files))
    return target


def _tar(files: Mapping[str, bytes], mode: int = 0o644) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), mode
            tar.addfile(entry, io.BytesIO(content))
    return stream.getvalue()
