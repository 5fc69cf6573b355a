"""Images in a real registry, with TLS and a password."""

from __future__ import annotations

import json
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from shopctl.drivers import oci
from shopctl.drivers.oci import Registry
from shopctl.drivers.subprocess import CommandError
from shopctl.release import layout
from tests.unit.shopctl import docker_registry
from tests.unit.shopctl.docker_registry import PASSWORD, USER, Running

NOWHERE = "sha256:" + "0" * 64


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with docker_registry.running(tmp_path_factory.mktemp("registry")) as running:
        yield running


@pytest.fixture
def registry(server: Running, tmp_path: Path) -> Registry:
    authfile = tmp_path / "secrets" / "registry.json"
    oci.login(authfile, server.address, USER, PASSWORD)
    # A repository for each test: they meet in one registry.
    return Registry(server.address, tmp_path.name.lower(), authfile, server.authorities)


def test_what_is_pushed_has_the_same_digest_there(registry: Registry, tmp_path: Path) -> None:
    digest = docker_registry.layout(tmp_path / "layout")
    assert not oci.holds(registry, digest)
    assert oci.tags(registry) == []
    oci.push(tmp_path / "layout", registry, "0123456789ab")
    assert oci.resolve(registry, "0123456789ab") == digest
    assert oci.holds(registry, digest)
    assert oci.tags(registry) == ["0123456789ab"]


def test_it_is_pushed_again_without_harm(registry: Registry, tmp_path: Path) -> None:
    digest = docker_registry.layout(tmp_path / "layout")
    for _ in range(2):
        oci.push(tmp_path / "layout", registry, "again")
    assert oci.resolve(registry, "again") == digest


def test_it_is_removed_with_all_its_tags(registry: Registry, tmp_path: Path) -> None:
    digest = docker_registry.layout(tmp_path / "layout")
    oci.push(tmp_path / "layout", registry, "one")
    oci.push(tmp_path / "layout", registry, "two")
    assert oci.tags(registry) == ["one", "two"]
    assert oci.remove(registry, "one")
    assert not oci.holds(registry, digest)
    assert oci.resolve(registry, "two") is None
    assert not oci.remove(registry, "one")


def test_what_is_said_of_an_image_comes_and_goes_with_it(registry: Registry, tmp_path: Path) -> None:
    digest = docker_registry.layout(tmp_path / "layout")
    image = {"mediaType": layout.MANIFEST, "digest": digest, "size": 1}
    document = layout.attach(tmp_path / "layout", tmp_path / "blobs", image, "text/plain", b"all its parts")
    (tmp_path / "layout" / "attached" / "blobs").unlink()
    (tmp_path / "layout" / "attached" / "blobs").symlink_to(tmp_path / "blobs")
    oci.attach(tmp_path / "layout" / "attached", registry, digest)
    oci.push(tmp_path / "layout", registry, "one")
    artifact = asked(registry, f"{digest.replace(':', '-')}.sbom")
    assert (artifact["subject"]["digest"], artifact["layers"][0]["digest"]) == (digest, document)
    assert oci.tags(registry) == ["one"]
    assert oci.remove(registry, "one")
    with pytest.raises(AssertionError, match="manifest unknown"):
        asked(registry, f"{digest.replace(':', '-')}.sbom")


def asked(registry: Registry, version: str) -> Any:
    """A manifest as a client of the registry sees it."""
    ways = [f"--authfile={registry.authfile}", f"--cert-dir={registry.authorities}"]
    argv = ["skopeo", "inspect", "--raw", *ways, f"docker://{registry.name(version)}"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_digest_that_is_not_there_is_no_failure(registry: Registry) -> None:
    assert not oci.holds(registry, NOWHERE)
    assert not oci.remove(registry, NOWHERE)


def test_a_wrong_password_is_called_so(registry: Registry, tmp_path: Path) -> None:
    docker_registry.layout(tmp_path / "layout")
    wrong = tmp_path / "wrong.json"
    oci.login(wrong, registry.address, USER, "not-it")
    stranger = replace(registry, authfile=wrong)
    for attempt in (
        lambda: oci.push(tmp_path / "layout", stranger, "tag"),
        lambda: oci.tags(stranger),
        lambda: oci.holds(stranger, NOWHERE),
        lambda: oci.remove(stranger, "tag"),
    ):
        with pytest.raises(oci.RegistryError, match="refuses the name or password") as caught:
            attempt()
        assert caught.value.where == registry.address
        assert "not-it" not in caught.value.render()


def test_a_certificate_of_nobody_is_called_so(registry: Registry) -> None:
    with pytest.raises(oci.RegistryError, match="certificate"):
        oci.tags(replace(registry, authorities=None))


def test_a_registry_that_is_down_is_called_so(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oci, "RETRIES", 0)
    # Port 1 is tcpmux, which nobody runs.
    with pytest.raises(oci.RegistryError, match="does not answer"):
        oci.tags(replace(registry, address="127.0.0.1:1"))


def test_a_registry_without_room_is_called_so(tmp_path: Path) -> None:
    # A limit on the size of its files, as a full disk would need root: the registry meets both in the same call.
    with docker_registry.running(tmp_path, through=["prlimit", "--fsize=1000000"]) as small:
        authfile = tmp_path / "auth.json"
        oci.login(authfile, small.address, USER, PASSWORD)
        registry = Registry(small.address, "shop", authfile, small.authorities)
        docker_registry.layout(tmp_path / "layout", size=3_000_000)
        with pytest.raises(oci.RegistryError, match="no room"):
            oci.push(tmp_path / "layout", registry, "large")
        assert oci.tags(registry) == []


def test_the_password_is_for_its_owner_alone_and_joins_others(tmp_path: Path) -> None:
    authfile = tmp_path / "auth.json"
    oci.login(authfile, "one.example", "a", "first")
    oci.login(authfile, "two.example", "b", "second")
    assert stat.S_IMODE(authfile.stat().st_mode) == 0o600
    assert authfile.read_text().count('"auth":') == 2
    assert list(tmp_path.iterdir()) == [authfile]


def test_what_nobody_foresaw_is_told_as_skopeo_says_it() -> None:
    failure = CommandError(
        "skopeo failed", command="skopeo copy", exit_status=1, last_lines=["level=fatal msg=odd"]
    )
    told = oci.explained(failure, Registry("registry.example", "shop"), "push")
    assert told.what == "skopeo could not push"
    assert told.last_lines == ("level=fatal msg=odd",)
