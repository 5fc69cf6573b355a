"""The pinned tools: what the catalog says and what the Go modules say are one."""

import pytest

from tools.catalog import NAMES, TOOLS, Tool


def provider(tool: Tool) -> str:
    """The module, of those in go.mod, that gives the tool's package."""
    required = [line.split() for line in (tool.module / "go.mod").read_text().splitlines() if " v" in line]
    modules = [words[words[0] == "require"] for words in required]
    return max((module for module in modules if tool.package.startswith(module)), key=len)


@pytest.mark.parametrize("tool", TOOLS.values(), ids=NAMES)
def test_go_mod_pins_the_version(tool: Tool) -> None:
    text = (tool.module / "go.mod").read_text()
    assert f"{provider(tool)} v{tool.version}" in text
    assert f"tool {tool.package}" in text


@pytest.mark.parametrize("tool", TOOLS.values(), ids=NAMES)
def test_go_sum_holds_the_module_itself(tool: Tool) -> None:
    assert f"{provider(tool)} v{tool.version} h1:" in (tool.module / "go.sum").read_text()


@pytest.mark.parametrize("answer", ["v3.210.0\n", "3.210.0", "Version  : v3.210.0\nBuild: norev"])
def test_right_version_is_recognised(answer: str) -> None:
    assert TOOLS["pulumi"].is_right_version(answer)


@pytest.mark.parametrize("answer", ["v3.210.1", "v13.210.0", "v3.210.0-alpha.1", "v3.210.0.1", "", "3x210.0"])
def test_other_versions_are_refused(answer: str) -> None:
    assert not TOOLS["pulumi"].is_right_version(answer)


def test_changed_module_is_another_build(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("tools.catalog.ROOT", tmp_path)
    module = tmp_path / "tools" / "versitygw"
    module.mkdir(parents=True)
    (module / "go.mod").write_text("module a\n")
    before = TOOLS["versitygw"].fingerprint()
    (module / "go.sum").write_text("a v1.0.0 h1:x=\n")
    assert TOOLS["versitygw"].fingerprint() != before
