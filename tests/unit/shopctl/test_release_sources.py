"""What gives a release its name, and with which modes its files go into the image."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from shopctl.errors import BadInputError
from shopctl.release import sources

BASE = "sha256:" + "1" * 64


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "app"
    (folder / "cart" / "static").mkdir(parents=True)
    (folder / "bin").mkdir()
    (folder / "Containerfile").write_text("FROM base\n")
    (folder / "requirements.lock").write_text("django==5.2\n")
    (folder / "cart" / "api.py").write_text("print()\n")
    (folder / "cart" / "static" / "cart.css").write_text("a {}\n")
    (folder / "bin" / "web").write_text("#!/bin/sh\n")
    (folder / "bin" / "web").chmod(0o755)
    return folder


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "h5"
    folder.mkdir()
    (folder / "index.html").write_text("<html>\n")
    return folder


CHANGES: dict[str, Callable[[Path], object]] = {
    "content": lambda folder: (folder / "cart" / "api.py").write_text("print(1)\n"),
    "a name": lambda folder: (folder / "cart" / "api.py").rename(folder / "cart" / "views.py"),
    "a mode": lambda folder: (folder / "bin" / "web").chmod(0o644),
    "the lock": lambda folder: (folder / "requirements.lock").write_text("django==5.3\n"),
    "how it is built": lambda folder: (folder / "Containerfile").write_text("FROM other\n"),
    "a file more": lambda folder: (folder / "cart" / "new.py").write_text(""),
    "the pages": lambda folder: (folder.parent / "h5" / "index.html").write_text("<html lang=zh>\n"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_changes_the_image_changes_the_name(change: str, shop: Path, pages: Path) -> None:
    before = sources.identify(shop, BASE, pages)
    CHANGES[change](shop)
    assert sources.identify(shop, BASE, pages) != before


def test_another_base_is_another_release(shop: Path, pages: Path) -> None:
    assert sources.identify(shop, BASE, pages) != sources.identify(shop, BASE[:-1] + "2", pages)


def test_where_it_lies_and_what_tools_left_there_change_nothing(shop: Path, pages: Path) -> None:
    before = sources.identify(shop, BASE, pages)
    assert len(before) == 12
    (shop / "cart" / "__pycache__").mkdir()
    (shop / "cart" / "__pycache__" / "api.cpython-313.pyc").write_bytes(b"\0")
    (shop / "README.md").write_text("words")
    os.utime(shop / "cart" / "api.py", (0, 0))
    (shop / "cart" / "api.py").chmod(0o600)
    assert sources.identify(shop.rename(shop.with_name("elsewhere")), BASE, pages) == before


def test_files_have_the_same_modes_whatever_the_umask(shop: Path, tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        (shop / "cart" / "secretive.py").write_text("")
        sources.copy(shop, tmp_path / "context" / "shop")
    finally:
        os.umask(before)
    copied = tmp_path / "context" / "shop"
    modes = {path.name: oct(stat.S_IMODE(path.stat().st_mode)) for path in (copied, *copied.rglob("*"))}
    assert (modes["secretive.py"], modes["web"], modes["cart"], modes["shop"]) == (
        "0o644",
        "0o755",
        "0o755",
        "0o755",
    )


def test_static_files_have_a_digest_of_their_own(shop: Path, pages: Path) -> None:
    before = sources.static_files(shop, pages)
    (shop / "cart" / "api.py").write_text("print(1)\n")
    assert sources.static_files(shop, pages) == before
    (shop / "cart" / "static" / "cart.css").write_text("a { color: red }\n")
    assert sources.static_files(shop, pages) != before


def test_a_folder_without_a_shop_is_refused(shop: Path) -> None:
    (shop / "Containerfile").unlink()
    with pytest.raises(BadInputError, match="Containerfile"):
        sources.checked(shop)
