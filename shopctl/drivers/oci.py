"""Images in a registry, by skopeo: pushed bit for bit, asked for by digest, listed, removed.

A digest (`sha256:...`) is that of an image's manifest. A password is never an argument: it goes by a file of mode
0600, as https://github.com/containers/image/blob/main/docs/containers-auth.json.5.md describes it.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from shopctl.drivers import subprocess
from shopctl.drivers.subprocess import CommandError
from shopctl.errors import ShopctlError

DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
ATTACHED = re.compile(r"sha256-[0-9a-f]{64}\.sbom")
"""Tags of what is said of an image."""

RETRIES = 2
"""After one and after two more seconds; only where skopeo holds the failure for a passing one."""

BUSY, BUSY_TRIES, BUSY_PAUSE = "503 service", 6, 2.0
"""A registry that collects its garbage takes nothing meanwhile, which skopeo does not wait for: how often to try, and
how long to wait in between (seconds)."""

UNKNOWN = ("manifest unknown", "name unknown", "404 (not found)", "image may not exist")
"""What registries say of something that is not there (distribution, and skopeo of its answers)."""

FAILURES = (
    (
        ("authentication required", "invalid username/password", "denied", "unauthorized"),
        "the registry refuses the name or password",
        "look whether its password was changed; shopctl up writes it anew",
    ),
    (
        ("forbidden",),
        "the registry lets nobody in from this address",
        "add the address that you come from to the clients of shop:registry; shopctl up lets it in",
    ),
    (
        ("x509:", "certificate"),
        "the registry's certificate is not to be trusted",
        "look whether the address is the registry's own; shopctl up fetches its authority's certificate",
    ),
    (
        ("500 internal server error", "507 insufficient", "no space left"),
        "the registry could not keep what it was given: it has no room, or its disk is broken",
        "look at its disk (df) and its log; shopctl release prune and the registry's own collection free room",
    ),
    (
        (
            "connection refused",
            "no such host",
            "no route to host",
            "timeout",
            "unreachable",
            "reset by peer",
            "eof",
            "bad gateway",
            "gateway time",
            BUSY,
        ),
        "the registry does not answer",
        "shopctl status tells whether it runs; then run this again",
    ),
)
"""What skopeo and registries say, in lower case; what it means; what to do. The first that is found is told."""


@dataclass(frozen=True)
class Registry:
    """One repository of a registry (`address` is `host[:port]`), and how to get in.

    `authfile`: made by `login`. `authorities`: a folder whose `*.crt` files are trusted besides the machine's own.
    """

    address: str
    repository: str
    authfile: Path | None = None
    authorities: Path | None = None

    def name(self, version: str) -> str:
        """As podman and the hosts name it: by digest or by tag."""
        return f"{self.address}/{self.repository}{'@' if DIGEST.fullmatch(version) else ':'}{version}"


class RegistryError(ShopctlError):
    """The registry did not do what it was asked for."""


def login(authfile: Path, address: str, user: str, password: str) -> None:
    """Keeps a registry's name and password in `authfile`, of mode 0600; those of other registries stay."""
    known: dict[str, Any] = json.loads(authfile.read_text()) if authfile.exists() else {}
    secret = base64.b64encode(f"{user}:{password}".encode()).decode()
    known.setdefault("auths", {})[address] = {"auth": secret}
    authfile.parent.mkdir(parents=True, exist_ok=True)
    partial = authfile.with_name(f".{authfile.name}.{os.getpid()}")
    partial.touch(mode=0o600)
    partial.write_text(json.dumps(known, indent=2) + "\n")
    partial.replace(authfile)


def push(layout: Path, registry: Registry, tag: str, *, log: Path | None = None) -> None:
    """Puts the one image of an OCI layout into the registry, as it is: its digest there is its digest here. What the
    registry has of it already is not sent again. Raises RegistryError."""
    options = ["--preserve-digests", *_ways_in(registry, "dest-")]
    source, target = f"oci:{layout}", f"docker://{registry.name(tag)}"
    _skopeo("copy", [*options, source, target], registry, "push", log=log)


def attach(layout: Path, registry: Registry, digest: str, *, log: Path | None = None) -> None:
    """Puts what is said of an image into the registry: the one artifact of an OCI layout, which names the image as its
    subject. Registries with the referrers API find it by that, others by its tag. Raises RegistryError."""
    push(layout, registry, _about(digest), log=log)


def resolve(registry: Registry, version: str) -> str | None:
    """The digest of a tag or digest; None when the registry has no such image. Raises RegistryError."""
    options = ["--no-tags", "--format={{.Digest}}", *_ways_in(registry)]
    try:
        said = _skopeo("inspect", [*options, f"docker://{registry.name(version)}"], registry, "look")
    except _UnknownError:
        return None
    if found := DIGEST.search(said):
        return found.group()
    raise RegistryError(f"the registry names no digest for {version}", where=registry.address)


def holds(registry: Registry, digest: str) -> bool:
    """Whether the registry has the image. Raises RegistryError."""
    return resolve(registry, digest) is not None


def tags(registry: Registry) -> list[str]:
    """Every tag of an image in the repository, sorted; none when nothing was pushed yet. Raises RegistryError."""
    try:
        said = _skopeo(
            "list-tags", [*_ways_in(registry), f"docker://{registry.name('')[:-1]}"], registry, "look"
        )
    except _UnknownError:
        return []
    found = json.loads(said[said.index("{") :])["Tags"] or []
    return sorted(name for name in found if not ATTACHED.fullmatch(name))


def remove(registry: Registry, version: str) -> bool:
    """Removes the image that a tag or digest names, and with it every other tag of the same image and what is said of
    it; tells whether it was there. Its layers go when the registry collects its garbage. Raises RegistryError."""
    digest = resolve(registry, version)
    if digest is None:
        return False
    for name in (_about(digest), digest):
        with contextlib.suppress(_UnknownError):
            _skopeo("delete", [*_ways_in(registry), f"docker://{registry.name(name)}"], registry, "remove")
    return True


class _UnknownError(RegistryError):
    """It has nothing of that name."""


def _about(digest: str) -> str:
    """The tag of what is said of an image, as cosign makes it too."""
    return f"{digest.replace(':', '-')}.sbom"


def _ways_in(registry: Registry, side: Literal["", "dest-"] = "") -> list[str]:
    found = [f"--{side}authfile={registry.authfile}"] if registry.authfile else []
    return [*found, f"--{side}cert-dir={registry.authorities}"] if registry.authorities else found


def _skopeo(
    verb: str, words: Sequence[str], registry: Registry, doing: str, *, log: Path | None = None
) -> str:
    argv = ["skopeo", verb, f"--retry-times={RETRIES}", *words]
    for left in reversed(range(BUSY_TRIES)):
        try:
            return subprocess.run(argv, log=log)
        except CommandError as failure:
            if not left or not any(BUSY in line.lower() for line in failure.last_lines):
                raise explained(failure, registry, doing) from failure
            time.sleep(BUSY_PAUSE)
    raise AssertionError("the last try returns or raises")


def explained(failure: CommandError, registry: Registry, doing: str) -> ShopctlError:
    """What skopeo's failure means, in the words of somebody who wants to `doing` something."""
    if failure.exit_status == subprocess.NOT_FOUND:
        return failure
    said = " ".join(failure.last_lines).lower()

    def told(kind: type[RegistryError], what: str, next_step: str | None) -> RegistryError:
        return kind(
            what,
            where=registry.address,
            command=failure.command,
            exit_status=failure.exit_status,
            last_lines=failure.last_lines[-3:],
            next_step=next_step,
        )

    if any(word in said for word in UNKNOWN):
        return told(_UnknownError, f"the registry has no such image to {doing}", None)
    for words, what, next_step in FAILURES:
        if any(word in said for word in words):
            return told(RegistryError, what, next_step)
    return told(RegistryError, f"skopeo could not {doing}", failure.next_step)
