"""What the operator's code imports is what the runtime lock gives."""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tools.paths import ROOT

OWN = {"shopctl", "infra", "region", "tools", "cli"}


def imported(folder: Path) -> set[str]:
    """Top-level modules that the folder's code imports, those for type checkers left out.

    What is `inside` runs in the shop's containers, with what those have.
    """
    names: set[str] = set()
    for path in folder.rglob("*.py"):
        if "inside" in path.parts:
            continue
        tree = ast.parse(path.read_text())
        typing_only = {
            inner
            for node in ast.walk(tree)
            if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
            for inner in ast.walk(node)
        }
        for node in ast.walk(tree):
            if node in typing_only:
                continue
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                names.add(node.module.split(".")[0])
    return names - OWN - set(sys.stdlib_module_names)


@pytest.mark.parametrize("folder", ["shopctl", "infra", "region"])
def test_imports_are_asked_for(folder: str) -> None:
    text = (ROOT / "requirements" / "runtime.in").read_text()
    asked = {name.lower() for name in re.findall(r"^[A-Za-z0-9-]+", text, re.MULTILINE)}
    distributions = packages_distributions()
    missing = {
        name
        for name in imported(ROOT / folder)
        if asked.isdisjoint(distribution.lower().replace("_", "-") for distribution in distributions[name])
    }
    assert not missing


def test_tools_import_the_standard_library_only() -> None:
    assert not imported(ROOT / "tools")
