"""The lock files: complete, hashed, and the same wherever one installs from."""

import re
from pathlib import Path

import pytest

from tools.lock import NAMES
from tools.paths import ROOT

LOCKS = [ROOT / "requirements" / f"{name}.lock" for name in NAMES]
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^\s;]+)", re.MULTILINE)
WANTED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)", re.MULTILINE)


def pins(lock: Path) -> dict[str, str]:
    return dict(PIN.findall(lock.read_text()))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_names_no_address(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text
    assert not re.search(r"^(--|-i |-f )", text, re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_pin_has_a_hash(lock: Path) -> None:
    requirements = re.split(r"\n(?=[a-z0-9])", lock.read_text().strip())
    assert requirements
    for requirement in requirements:
        assert PIN.match(requirement), requirement
        assert "--hash=sha256:" in requirement, requirement


@pytest.mark.parametrize("name", NAMES)
def test_locks_all_that_is_asked_for(name: str) -> None:
    asked = {match.lower() for match in WANTED.findall((ROOT / "requirements" / f"{name}.in").read_text())}
    assert asked <= pins(ROOT / "requirements" / f"{name}.lock").keys()


def test_tests_run_with_the_versions_that_operators_get() -> None:
    runtime, dev = (pins(ROOT / "requirements" / f"{name}.lock") for name in ("runtime", "dev"))
    assert runtime.items() <= dev.items()


def test_engine_and_its_python_package_are_the_same_version() -> None:
    from tools.catalog import TOOLS

    assert pins(ROOT / "requirements" / "runtime.lock")["pulumi"] == TOOLS["pulumi"].version
