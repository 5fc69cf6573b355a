"""Which Node is good enough."""

from pathlib import Path

import pytest

from tools import node

OURS = node.Node(Path("/the/wheel/node"), ("npm",), "the wheel's", {})


def program(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


@pytest.fixture
def bin_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on PATH, on a machine where the wheel is there already."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(node, "_from_wheel", lambda: OURS)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "version"),
    [("v22.20.0\n", (22, 20, 0)), ("v20.1.0", (20, 1, 0)), ("v23.0.0-nightly", None), ("", None)],
)
def test_parse_version(text: str, version: tuple[int, int, int] | None) -> None:
    assert node.parse_version(text) == version


@pytest.mark.parametrize("version", ["v20.20.2", "v22.20.0", "v24.1.0"])
def test_the_machines_own_node_is_used(bin_dir: Path, version: str) -> None:
    program(bin_dir / "node", f"echo {version}")
    program(bin_dir / "npm", "exit 0")
    found = node.find()
    assert (found.command, found.npm, found.version) == (bin_dir / "node", (str(bin_dir / "npm"),), version)
    assert found.environment["PATH"].split(":")[0] == str(bin_dir), "scripts must start the same node"


@pytest.mark.parametrize("answer", ["echo v18.20.0", "echo v23.1.0", "exit 1", "echo nonsense"])
def test_any_other_node_is_not_used(bin_dir: Path, answer: str) -> None:
    program(bin_dir / "node", answer)
    program(bin_dir / "npm", "exit 0")
    assert node.find() is OURS


def test_node_without_npm_is_not_used(bin_dir: Path) -> None:
    program(bin_dir / "node", "echo v22.20.0")
    assert node.find() is OURS
