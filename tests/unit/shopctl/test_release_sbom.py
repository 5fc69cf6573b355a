"""What a release is made of: a document that CycloneDX's own schema accepts, with all three kinds of packages."""

from __future__ import annotations

import base64
import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from shopctl.release import sbom
from tests.unit.shopctl.saved_image import STATUS

DIGEST = "sha256:" + "ab" * 32
SHA512 = b"\7" * 64
LOCK = {
    "lockfileVersion": 3,
    "packages": {
        "": {"name": "shop"},
        "node_modules/@tarojs/taro": {
            "version": "4.1.0",
            "license": "MIT",
            "integrity": "sha512-" + base64.b64encode(SHA512).decode(),
        },
        "node_modules/a/node_modules/webpack": {"version": "5.9.0", "dev": True},
        "node_modules/webpack": {"version": "5.9.0", "dev": True},
    },
}


def wheel(folder: Path, name: str, *headers: str) -> Path:
    file = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as archive:
        lines = ["Metadata-Version: 2.4", f"Name: {name}", "Version: 1.0", *headers]
        archive.writestr(f"{name}-1.0.dist-info/METADATA", "\n".join(lines) + "\n\nIts description.\n")
    return file


@pytest.fixture
def document(tmp_path: Path) -> str:
    wheel(tmp_path, "Typing_Extensions", "License-Expression: PSF-2.0")
    wheel(tmp_path, "django", "Classifier: License :: OSI Approved :: BSD License")
    wheel(
        tmp_path,
        "wordy",
        "License: MIT License",
        " " * 8 + "Permission is hereby granted, free of charge ...",
    )
    (tmp_path / "package-lock.json").write_text(json.dumps(LOCK))
    return sbom.write("0123456789ab", DIGEST, STATUS, "trixie", tmp_path, tmp_path / "package-lock.json")


@pytest.fixture
def parts(document: str) -> dict[str, dict[str, Any]]:
    return {part["purl"]: part for part in json.loads(document)["components"]}


def test_the_schema_accepts_it(document: str) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(document) is None


def test_it_tells_of_which_image_it_speaks(document: str) -> None:
    release = json.loads(document)["metadata"]["component"]
    assert (release["name"], release["version"], release["type"]) == ("shop", "0123456789ab", "container")
    assert release["hashes"] == [{"alg": "SHA-256", "content": "ab" * 32}]


def test_each_part_is_there_once(parts: dict[str, dict[str, Any]]) -> None:
    assert sorted(parts) == [
        "pkg:deb/debian/libc6@2.41-12?arch=amd64&distro=trixie",
        "pkg:npm/%40tarojs/taro@4.1.0",
        "pkg:npm/webpack@5.9.0",
        "pkg:pypi/django@1.0",
        "pkg:pypi/typing-extensions@1.0",
        "pkg:pypi/wordy@1.0",
    ]


def test_a_wheel_has_its_hash_and_licence(parts: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    part = parts["pkg:pypi/typing-extensions@1.0"]
    content = (tmp_path / "Typing_Extensions-1.0-py3-none-any.whl").read_bytes()
    assert part["hashes"] == [{"alg": "SHA-256", "content": hashlib.sha256(content).hexdigest()}]
    assert part["licenses"] == [{"license": {"id": "PSF-2.0"}}]
    assert parts["pkg:pypi/django@1.0"]["licenses"] == [{"license": {"name": "BSD License"}}]
    assert "licenses" not in parts["pkg:pypi/wordy@1.0"]


def test_what_only_the_build_used_is_not_in_the_image(parts: dict[str, dict[str, Any]]) -> None:
    taro, webpack = parts["pkg:npm/%40tarojs/taro@4.1.0"], parts["pkg:npm/webpack@5.9.0"]
    assert (taro["scope"], webpack["scope"]) == ("required", "excluded")
    assert taro["hashes"] == [{"alg": "SHA-512", "content": SHA512.hex()}]
