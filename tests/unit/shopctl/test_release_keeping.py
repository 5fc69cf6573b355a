"""Releases on this machine: listed, found, checked, pruned, and never taken for whole when they are not."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from shopctl import manifest, release
from shopctl.errors import BadInputError, ShopctlError
from shopctl.manifest import Manifest
from shopctl.release import layout, packing, workshop
from shopctl.report import Report
from tests.unit.shopctl import saved_image

BASE = {"./bin/sh": b"#!" * 5000}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SHOPCTL_CACHE_DIR", str(tmp_path))
    return tmp_path


class Lines(Report):
    """A report that remembers."""

    def __init__(self) -> None:
        super().__init__(quiet=True)
        self.lines: list[str] = []

    def __call__(self, line: str, style: str = "") -> None:
        self.lines.append(line)


def keep(id_: str, built: str) -> Manifest:
    """A release whose base is that of every other and whose code is its own."""
    home = manifest.folder()
    home.mkdir(exist_ok=True)
    saved = saved_image.save(home / "image.tar", [BASE, {"./srv/shop/id": id_.encode()}])
    packed = packing.pack(saved, manifest.blobs(), {}, 0, f"shop:{id_}")
    saved.unlink()
    layout.write(home / id_, manifest.blobs(), {f"localhost/shop:{id_}": packed.descriptor})
    layout.attach(home / id_, manifest.blobs(), packed.descriptor, "text/plain", id_.encode())
    made = Manifest(
        id=id_,
        digest=packed.descriptor["digest"],
        bytes=packed.bytes,
        layers=packed.layers,
        commit="abc",
        author="me",
        built=built,
        base=packed.layers[0].content,
        static="sha256:0",
        migrations={"cart.0001_initial": "", "cart.0002_more": ""},
        post_deploy=("cart.0002_more",),
        tools={"podman": "4.3.1"},
    )
    manifest.write(made, home / id_)
    return made


def three() -> Sequence[Manifest]:
    return [keep(digit * 12, f"2026-05-0{digit}T12:00:00Z") for digit in "123"]


def test_what_is_written_is_read_again() -> None:
    made = keep("1" * 12, "2026-05-01T12:00:00Z")
    assert manifest.read("1" * 12) == made
    assert json.loads(json.dumps(made.as_json()))["migrations"] == ["cart.0001_initial", "cart.0002_more"]


def test_the_newest_comes_first() -> None:
    assert [one.id[0] for one in manifest.listing()] == []
    three()
    assert [one.id[0] for one in manifest.listing()] == ["3", "2", "1"]


def test_one_is_found_by_its_beginning() -> None:
    three()
    assert release.find("2").id == "2" * 12
    with pytest.raises(BadInputError, match="there is no release '9'") as caught:
        release.find("9")
    assert "111111111111" in (caught.value.next_step or "")


def test_a_folder_without_its_manifest_is_no_release() -> None:
    made = keep("1" * 12, "2026-05-01T12:00:00Z")
    (made.layout / manifest.FILE).unlink()
    assert manifest.read(made.id) is None
    assert manifest.listing() == []


@pytest.mark.parametrize("part", range(4))
def test_a_part_that_is_not_what_was_built_is_named(part: int) -> None:
    made = keep("1" * 12, "2026-05-01T12:00:00Z")
    release.verify(made)
    file = layout.blob(manifest.blobs(), layout.contents(made.layout)[part])
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with pytest.raises(ShopctlError):
        release.verify(made)


def test_pruning_keeps_what_the_others_need() -> None:
    first, second, third = three()
    gone = release.prune(1, needed=[first.id])
    assert [one.id for one in gone.releases] == [second.id]
    assert not second.layout.exists()
    for one in (first, third):
        release.verify(one)
    assert not layout.blob(manifest.blobs(), second.layers[1].digest).exists()
    assert gone.bytes > second.layers[1].bytes


def test_pruning_takes_what_killed_builds_and_earlier_versions_left(cache: Path) -> None:
    made = keep("1" * 12, "2026-05-01T12:00:00Z")
    home = manifest.folder()
    for name in ("2" * 12 + ".tar", "2" * 12 + ".json", "2" * 12 + ".lock", "2" * 12 + ".log"):
        (home / name).write_text("old")
    assert made.archive.exists()
    (home / ".work").mkdir()
    (home / ".work" / "base.tar").write_text("half")
    (manifest.blobs() / "sha256" / "partial").write_text("half")
    (cache / "shopctl-base-3oqudvc2").mkdir()
    assert release.prune(5).releases == ()
    assert {path.name for path in home.iterdir()} == {made.id, "blobs", "build.lock"}
    assert len(list((manifest.blobs() / "sha256").iterdir())) == 4 + 3, (
        "document, its manifest, its empty configuration"
    )
    assert not (cache / "shopctl-base-3oqudvc2").exists()
    release.verify(made)


def test_the_second_build_waits_for_the_first_and_says_so() -> None:
    first_is_in, go_on, done = threading.Event(), threading.Event(), list[str]()

    def first() -> None:
        with workshop.opened(Report(quiet=True)):
            first_is_in.set()
            assert go_on.wait(60)
            done.append("first")

    def second() -> None:
        with workshop.opened(lines):
            done.append("second")

    lines, threads = Lines(), [threading.Thread(target=first), threading.Thread(target=second)]
    threads[0].start()
    assert first_is_in.wait(60)
    threads[1].start()
    limit = time.monotonic() + 30
    while not any("waiting for its end" in line for line in lines.lines):
        assert time.monotonic() < limit, lines.lines
        time.sleep(0.01)
    assert threads[1].is_alive()
    go_on.set()
    for thread in threads:
        thread.join(60)
    assert done == ["first", "second"]


def test_a_build_begins_with_nothing_of_a_killed_one() -> None:
    left = manifest.folder() / ".work" / "context" / "shop"
    left.mkdir(parents=True)
    with workshop.opened(Report(quiet=True)) as shop:
        assert list(shop.folder.iterdir()) == []
    assert not shop.folder.exists()


def test_a_full_disk_is_called_so() -> None:
    with workshop.opened(Report(quiet=True)) as shop:
        with pytest.raises(ShopctlError, match="disk ran full") as caught, workshop.roomy():
            shop.run("sh", "-c", "echo write /tmp/x: No space left on device; exit 1")
        with pytest.raises(ShopctlError, match="disk ran full"), workshop.roomy():
            Path("/dev/full").write_text("x")
        with pytest.raises(ShopctlError, match="sh failed"), workshop.roomy():
            shop.run("sh", "-c", "exit 1")
    assert "prune" in (caught.value.next_step or "")


def test_a_manifest_of_an_earlier_version_is_no_release() -> None:
    made = keep("1" * 12, "2026-05-01T12:00:00Z")
    told = json.loads((made.layout / manifest.FILE).read_text())
    (made.layout / manifest.FILE).write_text(json.dumps({"id": told["id"], "digest": told["digest"]}))
    assert manifest.read(made.id) is None
    manifest.write(replace(made, author="you"), made.layout)
    assert [one.author for one in manifest.listing()] == ["you"]


def test_podman_takes_caches_however_long_their_path_is(tmp_path: Path) -> None:
    short, long = Path("/var/cache/shopctl/podman"), tmp_path / ("a" * 40) / "podman"
    assert workshop.run_root(short) == short / "run"
    assert len(str(workshop.run_root(long))) <= workshop.LONGEST_RUN_ROOT
    assert workshop.run_root(long) == workshop.run_root(long) != workshop.run_root(long.parent / "podman2")
