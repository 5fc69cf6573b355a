"""A saved image in blobs: the same digest for the same content, whoever built it and when."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import pytest

from shopctl.drivers import oci
from shopctl.drivers.oci import Registry
from shopctl.release import layout, packing
from tests.unit.shopctl import docker_registry, saved_image

BASE, CODE = {"./bin/sh": b"#!" * 5000}, {"./srv/shop/manage.py": b"print()\n"}
EPOCH = 1_735_689_600


def packed(folder: Path, saved: Path) -> packing.Packed:
    return packing.pack(saved, folder / "blobs", {}, EPOCH, "shop:1")


def test_who_built_it_and_when_is_not_in_the_digest(tmp_path: Path) -> None:
    by_four = saved_image.save(
        tmp_path / "four.tar",
        [BASE, CODE],
        created="2026-11-28T15:43:56Z",
        history=[{"created": "2026-11-28T15:43:56Z", "comment": "FROM 5ea07a411fec"}],
        config={"Cmd": ["web"], "Labels": {"io.buildah.version": "1.28.2", "title": "shop"}},
    )
    by_five = saved_image.save(
        tmp_path / "five.tar", [BASE, CODE], config={"Labels": {"title": "shop"}, "Cmd": ["web"]}
    )
    first, second = packed(tmp_path / "1", by_four), packed(tmp_path / "2", by_five)
    assert first == second


def test_what_podman_4_writes_and_5_does_not_is_not_in_the_digest(tmp_path: Path) -> None:
    mounted = {"./etc/hostname": b"", "./etc/resolv.conf": b"", "./tmp/wheels": b""}
    by_four = saved_image.save(tmp_path / "four.tar", [{}, {**mounted, **CODE}], mode=0o100644)
    by_five = saved_image.save(tmp_path / "five.tar", [{}, CODE], mode=0o644)
    (_, four), (_, five) = packed(tmp_path, by_four).layers, packed(tmp_path, by_five).layers
    assert (four.digest, four.content) == (five.digest, five.content)
    assert four.saved != five.saved
    executable = saved_image.save(tmp_path / "x.tar", [{}, CODE], mode=0o755)
    assert packed(tmp_path, executable).layers[1].digest != five.digest


def test_a_file_that_is_meant_stays_where_others_are_mounted(tmp_path: Path) -> None:
    meant = saved_image.save(tmp_path / "meant.tar", [{}, {**CODE, "./etc/hosts": b"127.0.0.1 localhost"}])
    plain = saved_image.save(tmp_path / "plain.tar", [{}, CODE])
    assert packed(tmp_path, meant).layers != packed(tmp_path, plain).layers


def test_what_the_image_does_is_in_it(tmp_path: Path) -> None:
    first = packed(tmp_path, saved_image.save(tmp_path / "a.tar", [BASE, CODE]))
    other = packed(tmp_path, saved_image.save(tmp_path / "b.tar", [BASE, CODE], config={"Cmd": ["worker"]}))
    assert first.layers == other.layers
    assert first.descriptor["digest"] != other.descriptor["digest"]


def test_a_layer_that_is_there_is_not_written_again(tmp_path: Path) -> None:
    first = packed(tmp_path, saved_image.save(tmp_path / "a.tar", [BASE, CODE]))
    known = {layer.saved: layer for layer in first.layers}
    below = layout.blob(tmp_path / "blobs", first.layers[0].digest)
    below.write_bytes(b"untouched")
    changed = saved_image.save(tmp_path / "b.tar", [BASE, {"./srv/shop/manage.py": b"print(1)\n"}])
    second = packing.pack(changed, tmp_path / "blobs", known, EPOCH, "shop:1")
    assert below.read_bytes() == b"untouched"
    assert second.layers[0] == first.layers[0]
    assert second.layers[1] != first.layers[1]


def test_nothing_half_written_is_a_blob(tmp_path: Path) -> None:
    saved = saved_image.save(tmp_path / "a.tar", [BASE, CODE])
    wrong = saved_image.save(
        tmp_path / "b.tar", [BASE], rootfs={"type": "layers", "diff_ids": ["sha256:" + "0" * 64]}
    )
    with pytest.raises(ValueError, match="saved a layer"):
        packed(tmp_path, wrong)
    assert [file.name for file in (tmp_path / "blobs" / "sha256").iterdir()] == ["partial"]
    packed(tmp_path, saved)
    assert not (tmp_path / "blobs" / "sha256" / "partial").exists()


def test_a_registry_takes_the_layout_and_calls_it_by_the_same_digest(tmp_path: Path) -> None:
    image = packed(tmp_path, saved_image.save(tmp_path / "a.tar", [BASE, CODE]))
    layout.write(
        tmp_path / "0123456789ab", tmp_path / "blobs", {"localhost/shop:0123456789ab": image.descriptor}
    )
    (tmp_path / "server").mkdir()
    with docker_registry.running(tmp_path / "server") as server:
        authfile = tmp_path / "auth.json"
        oci.login(authfile, server.address, docker_registry.USER, docker_registry.PASSWORD)
        registry = Registry(server.address, "shop", authfile, server.authorities)
        oci.push(tmp_path / "0123456789ab", registry, "0123456789ab")
        assert oci.resolve(registry, "0123456789ab") == image.descriptor["digest"]


def test_the_archive_has_this_image_and_no_other(tmp_path: Path) -> None:
    image = packed(tmp_path, saved_image.save(tmp_path / "a.tar", [BASE, CODE]))
    packed(tmp_path, saved_image.save(tmp_path / "b.tar", [{"./other": b""}]))
    layout.write(
        tmp_path / "0123456789ab", tmp_path / "blobs", {"localhost/shop:0123456789ab": image.descriptor}
    )
    layout.archive(tmp_path / "0123456789ab", tmp_path / "archive.tar")
    with tarfile.open(tmp_path / "archive.tar") as archive:
        names = set(archive.getnames())
        index = json.load(archive.extractfile("index.json") or pytest.fail("no index"))
    assert index["manifests"][0]["digest"] == image.descriptor["digest"]
    blobs = {name for name in names if name.startswith("blobs/")}
    assert len(blobs) == 4
    assert blobs == {
        f"blobs/sha256/{digest.removeprefix('sha256:')}"
        for digest in layout.contents(tmp_path / "0123456789ab")
    }
