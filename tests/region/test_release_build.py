"""Releases built for real: the same bit for bit in two places, whole or not there at all, clear about a full disk."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shopctl import paths, release
from shopctl.release import base as below
from shopctl.release import workshop
from shopctl.report import Report

pytestmark = [pytest.mark.region, pytest.mark.slow]

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def base() -> str:
    """The base that this machine has: a release is built on it, here as for the stack."""
    release.build(Report(quiet=True))
    return f"localhost/shop-base:{below.SUITE}-{below.key()}"


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """The shop, with packages of few megabytes."""
    folder = tmp_path / "app"
    shutil.copytree(REPOSITORY / "app", folder, ignore=shutil.ignore_patterns("__pycache__", "wheels"))
    lines = (folder / "requirements.lock").read_text().split("\n")
    (folder / "requirements.lock").write_text(
        "\n".join(_locked(lines, {"django", "asgiref", "sqlparse", "cffi", "pycparser"}))
    )
    return folder


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """Where caches are made, which hold some hundred megabytes each: gone afterwards, with podman's mounts."""
    folder = tmp_path / "caches"
    folder.mkdir()
    yield folder
    for home in [*folder.glob("*/podman"), *folder.glob("*/*/podman")]:
        mount = str(home / "storage" / "overlay")
        subprocess.run(["umount", "--lazy", "--recursive", mount], capture_output=True, check=False)
        shutil.rmtree(workshop.run_root(home), ignore_errors=True)
    shutil.rmtree(folder)


def _locked(lines: list[str], names: set[str]) -> Iterator[str]:
    wanted = False
    for line in lines:
        if not line.startswith((" ", "#")):
            wanted = line.partition("=")[0] in names
        if wanted:
            yield line


def elsewhere(folder: Path, base: str) -> dict[str, str]:
    """A cache of its own with the base of this machine in it; what other tests hold to account is shared."""
    folder.mkdir()
    for name in ("miniprogram", "wheels", "tools"):
        (folder / name).symlink_to(paths.cache_root() / name)
    saved = folder / "base.tar"
    _run(*workshop.podman("save", "--quiet", f"--output={saved}", base))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHOPCTL_CACHE_DIR", str(folder))
        _run(*workshop.podman("load", "--quiet", f"--input={saved}"))
    saved.unlink()
    return {**os.environ, "SHOPCTL_CACHE_DIR": str(folder)}


def _run(*argv: str) -> None:
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _leftover_containers(cache: Path) -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHOPCTL_CACHE_DIR", str(cache))
        argv = workshop.podman("ps", "--all", "--external", "--quiet")
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout


def command(*words: str) -> list[str]:
    return [sys.executable, str(REPOSITORY / "cli.py"), "release", *words]


def build(environment: dict[str, str], sources: Path, umask: int = 0o022) -> Any:
    done = subprocess.run(
        command("build", "--from", str(sources), "--json"),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        umask=umask,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def listed(environment: dict[str, str]) -> list[str]:
    done = subprocess.run(
        command("list", "--json"), env=environment, capture_output=True, text=True, check=True
    )
    return [one["id"] for one in json.loads(done.stdout)]


def test_two_builds_in_two_places_are_the_same_bit_for_bit(base: str, sources: Path, place: Path) -> None:
    first = build(elsewhere(place / "here", base), sources)
    moved = sources.rename(place / "the-same-elsewhere")
    (moved / "manage.py").touch()
    second = build({**elsewhere(place / "there", base), "TZ": "Asia/Shanghai"}, moved, umask=0o077)
    assert (first["id"], first["layers"]) == (second["id"], second["layers"])
    assert first["digest"] == second["digest"]
    shutil.copy(moved / "manage.py", moved / "another.py")
    third = build({**os.environ, "SHOPCTL_CACHE_DIR": str(place / "there")}, moved)
    new = [layer for layer in third["layers"] if layer not in second["layers"]]
    assert third["digest"] != second["digest"]
    assert sum(layer["bytes"] for layer in new) < 2_000_000, "a change of code sends code, and nothing else"
    # Somebody writes into what podman keeps: it is noticed, and made anew as it was.
    (damaged,) = (place / "there" / "podman").rglob("site-packages/django/__main__.py")
    damaged.write_text("raise SystemExit\n")
    (moved / "another.py").unlink()
    (moved / "yet_another.py").write_text("")
    fourth = build({**os.environ, "SHOPCTL_CACHE_DIR": str(place / "there")}, moved)
    kept = [layer["digest"] for layer in fourth["layers"] if layer["bytes"] > 2_000_000]
    assert kept == [layer["digest"] for layer in second["layers"] if layer["bytes"] > 2_000_000]
    (again,) = (place / "there" / "podman").rglob("site-packages/django/__main__.py")
    assert "SystemExit" not in again.read_text()


def test_a_killed_build_leaves_nothing_that_is_taken_for_whole(base: str, sources: Path, place: Path) -> None:
    environment = elsewhere(place / "here", base)
    for moment in (0.5, 2.0, 4.0, 7.0, 10.0):
        with subprocess.Popen(
            command("build", "--from", str(sources)), env=environment, stderr=subprocess.DEVNULL
        ) as process:
            time.sleep(moment)
            process.send_signal(signal.SIGKILL)
        for id_ in listed(environment):
            assert (place / "here" / "releases" / id_ / "sbom.json").stat().st_size > 0
    whole = build(environment, sources)
    assert listed(environment) == [whole["id"]]
    _run("skopeo", "copy", "--quiet", f"oci:{whole['layout']}", f"dir:{place}/taken")
    subprocess.run(command("prune", "--here", "--keep", "1", "--yes"), env=environment, check=True)
    assert _leftover_containers(place / "here") == ""
    assert {path.name for path in (place / "here").glob("releases/*")} == {
        whole["id"],
        "blobs",
        "build.lock",
        "build.log",
    }


def test_a_full_disk_is_called_so_and_leaves_no_release(base: str, sources: Path, place: Path) -> None:
    small = place / "small"
    small.mkdir()
    _run("mount", "-t", "tmpfs", "-o", "size=280m", "none", str(small))
    try:
        environment = elsewhere(small / "cache", base)
        done = subprocess.run(
            command("build", "--from", str(sources)),
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert "error: the disk ran full" in done.stderr
        assert str(small) in done.stderr
        assert "shopctl release prune" in done.stderr
        assert listed(environment) == []
    finally:
        _run("umount", "--lazy", "--recursive", str(small))
