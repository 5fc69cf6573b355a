"""What a release is made of, as CycloneDX JSON: Debian's packages, Python's, and those of the mini-program's build.

Everything is read from what was built: dpkg's own list in the base, the wheels, the mini-program's lock.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping
from email.message import Message
from email.parser import Parser
from pathlib import Path
from typing import Any

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL

VERSION = SchemaVersion.V1_6
MEDIA = "application/vnd.cyclonedx+json"
"""https://www.iana.org/assignments/media-types/application/vnd.cyclonedx+json."""

LONGEST_NAME = 60
"""Characters. Some packages give a licence's whole text where its name belongs."""

CLASSIFIER = "License :: OSI Approved :: "


def write(id_: str, digest: str, status: str, suite: str, wheels: Path, npm_lock: Path) -> str:
    """The document for a release. `status` is the text of the base's /var/lib/dpkg/status."""
    release = Component(
        name="shop",
        version=id_,
        type=ComponentType.CONTAINER,
        bom_ref=f"shop@{digest}",
        purl=PackageURL("oci", None, "shop", digest),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest.removeprefix("sha256:"))],
    )
    bom = Bom()
    bom.metadata.component = release
    parts = {str(part.bom_ref): part for part in (*debian(status, suite), *python(wheels), *npm(npm_lock))}
    for part in parts.values():
        bom.components.add(part)
    bom.register_dependency(release, parts.values())
    return make_outputter(bom, OutputFormat.JSON, VERSION).output_as_string(indent=1) + "\n"


def debian(status: str, suite: str) -> Iterator[Component]:
    """The installed packages (deb-control: https://manpages.debian.org/trixie/dpkg-dev/deb-control.5.en.html)."""
    for paragraph in status.split("\n\n"):
        told = Parser().parsestr(paragraph.strip(), headersonly=True)
        if str(told.get("Status", "")).endswith(" installed"):
            version = told["Version"]
            about = {"arch": told["Architecture"], "distro": suite}
            yield _part(PackageURL("deb", "debian", told["Package"], version, about), ComponentType.LIBRARY)


def python(wheels: Path) -> Iterator[Component]:
    """The locked wheels, each with its file's hash and the licence that it names."""
    for wheel in sorted(wheels.glob("*.whl")):
        told = _metadata(wheel)
        hashes = [HashType(alg=HashAlgorithm.SHA_256, content=hashlib.sha256(wheel.read_bytes()).hexdigest())]
        purl = PackageURL("pypi", None, told["Name"].lower().replace("_", "-"), told["Version"])
        yield _part(purl, ComponentType.LIBRARY, licence=_licence(told), hashes=hashes)


def npm(lock: Path) -> Iterator[Component]:
    """Packages of a package-lock.json of version 3; those that only the build used are `excluded`."""
    packages: Mapping[str, Mapping[str, Any]] = json.loads(lock.read_text())["packages"]
    for path, told in sorted(packages.items()):
        _, found, name = path.rpartition("node_modules/")
        if found and "version" in told:
            space, _, short = name.rpartition("/")
            yield _part(
                PackageURL("npm", space or None, short, told["version"]),
                ComponentType.LIBRARY,
                licence=told.get("license"),
                hashes=[
                    _integrity(one) for one in str(told.get("integrity", "")).split() if "sha512-" in one
                ],
                scope=ComponentScope.EXCLUDED if told.get("dev") else ComponentScope.REQUIRED,
            )


def _part(
    purl: PackageURL,
    kind: ComponentType,
    *,
    licence: str | None = None,
    hashes: list[HashType] | None = None,
    scope: ComponentScope = ComponentScope.REQUIRED,
) -> Component:
    return Component(
        name=f"{purl.namespace}/{purl.name}" if purl.type == "npm" and purl.namespace else purl.name,
        version=purl.version,
        type=kind,
        bom_ref=purl.to_string(),
        purl=purl,
        scope=scope,
        hashes=hashes or [],
        licenses=[LicenseFactory().make_from_string(licence)] if licence else [],
    )


def _integrity(text: str) -> HashType:
    content = base64.b64decode(text.removeprefix("sha512-").partition("?")[0]).hex()
    return HashType(alg=HashAlgorithm.SHA_512, content=content)


def _metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (
            one for one in archive.namelist() if one.endswith(".dist-info/METADATA") and one.count("/") == 1
        )
        return Parser().parsestr(archive.read(name).decode(), headersonly=True)


def _licence(told: Message) -> str | None:
    """https://packaging.python.org/en/latest/specifications/core-metadata/#license-expression, or what came before."""
    if expression := told.get("License-Expression"):
        return str(expression)
    words = str(told.get("License") or "").strip()
    if words and "\n" not in words and len(words) <= LONGEST_NAME:
        return words
    named = [
        line.removeprefix(CLASSIFIER)
        for line in told.get_all("Classifier", [])
        if line.startswith(CLASSIFIER)
    ]
    return " AND ".join(named) or None
