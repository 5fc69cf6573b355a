"""Toolchains from wheels: made once for each lock, and told in words when they can't be."""

import threading
from pathlib import Path

import pytest

from tools import wheel
from tools.errors import ToolError


@pytest.fixture
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty lock of a toolchain named `some`."""
    monkeypatch.setattr(wheel, "ROOT", tmp_path)
    monkeypatch.setenv("SHOPCTL_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "requirements").mkdir()
    path = tmp_path / "requirements" / "some.lock"
    path.write_text("")
    return path


def test_it_is_made_once_also_by_two_at_once(lock: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Path] = []

    def install(home: Path, lock: Path, what: str, instead: str) -> None:
        made.append(home)
        home.mkdir(parents=True)

    monkeypatch.setattr(wheel, "_install", install)
    threads = [threading.Thread(target=wheel.installed, args=("some", "Some", "Some 2")) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [wheel.installed("some", "Some", "Some 2")]
    lock.write_text("# newer\n")
    assert wheel.installed("some", "Some", "Some 2") != made[0]


def test_a_package_without_a_hash_is_refused_in_words(lock: Path) -> None:
    lock.write_text("six==1.17.0\n")
    with pytest.raises(ToolError) as caught:
        wheel.installed("some", "Some", "Some 2 or newer")
    assert "Installing the Some toolchain's wheel failed" in str(caught.value)
    assert "or install Some 2 or newer" in str(caught.value)
    assert not list((lock.parents[1] / "cache").rglob("complete"))
