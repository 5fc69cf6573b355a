"""The mini-program's own tests and the compiler's look at its types, as part of all tests."""

import re
import shutil
from pathlib import Path

import pytest

from tools import miniprogram
from tools.errors import ToolError

LEAST = 80
"""How many unit tests there are at least: a runner that finds none must not pass."""


@pytest.mark.slow
def test_the_front_ends_unit_tests_pass() -> None:
    said = miniprogram.run("test")
    found = re.search(r"^(?:#|ℹ) pass (\d+)$", said, re.MULTILINE)
    assert found, said[-2000:]
    assert int(found[1]) >= LEAST
    assert re.search(r"^(?:#|ℹ) fail 0$", said, re.MULTILINE)


@pytest.mark.slow
def test_types_are_right() -> None:
    miniprogram.run("check")


@pytest.mark.slow
def test_a_wrong_type_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    copy = tmp_path / "miniprogram"
    shutil.copytree(miniprogram.SOURCE, copy, ignore=shutil.ignore_patterns(*miniprogram.NOT_SOURCES))
    monkeypatch.setattr(miniprogram, "SOURCE", copy)
    with (copy / "src" / "logic" / "money.ts").open("a") as file:
        file.write("export const wrong: number = 'text';\n")
    with pytest.raises(ToolError, match="TS2322"):
        miniprogram.run("check")
