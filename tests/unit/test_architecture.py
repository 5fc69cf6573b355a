"""Dependencies point one way, and only drivers touch processes and the network."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Ansible loads its plugins itself, in its own process.
PLUGINS = ROOT / "shopctl" / "drivers" / "ansible_plugins"


def modules(*folders: str) -> Iterator[tuple[str, set[str]]]:
    for folder in folders:
        for file in sorted((ROOT / folder).rglob("*.py")):
            if ".venv" not in file.parts and "wheels" not in file.parts:
                yield str(file.relative_to(ROOT)), imported(file)


def imported(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def breaches(folders: tuple[str, ...], forbidden: tuple[str, ...]) -> list[str]:
    return [
        f"{name} imports {module}"
        for name, names in modules(*folders)
        for module in sorted(names)
        if any(module == prefix or module.startswith(f"{prefix}.") for prefix in forbidden)
    ]


@pytest.mark.parametrize("package", ["infra", "region", "app", "tools"])
def test_what_stands_below_knows_nothing_of_shopctl(package: str) -> None:
    assert breaches((package,), ("shopctl", "cli")) == []


@pytest.mark.parametrize("package", ["infra", "app"])
def test_the_program_and_the_shop_know_nothing_of_the_region(package: str) -> None:
    assert breaches((package,), ("region",)) == []


def test_only_drivers_start_processes_and_open_sockets() -> None:
    found = breaches(("shopctl",), ("subprocess", "socket", "paramiko", "fabric", "http.client"))
    # What a rehearsal runs inside a host or a container is sent there as text, and is no part of this process.
    elsewhere = ("shopctl/drivers/", "shopctl/rehearse/inside/")
    assert [line for line in found if not line.startswith(elsewhere)] == []


def test_commands_leave_the_work_to_operations() -> None:
    assert breaches(("shopctl/commands",), ("shopctl.drivers", "infra", "region", "tools")) == []


def test_operations_do_not_know_the_command_line() -> None:
    found = breaches(("shopctl",), ("typer", "shopctl.commands", "cli"))
    assert [line for line in found if not line.startswith("shopctl/commands/")] == []


def test_drivers_do_not_reach_up_to_operations() -> None:
    shared = {"errors", "plan", "report", "environment", "paths", "drivers", "clock"}
    reached = [
        f"{name} imports {module}"
        for name, names in modules("shopctl/drivers")
        for module in sorted(names)
        if module.startswith("shopctl.") and module.split(".")[1] not in shared
    ]
    assert reached == []


def test_every_command_has_an_operation_of_the_same_noun() -> None:
    helpers = {"__init__", "options", "output"}
    nouns = {file.stem for file in (ROOT / "shopctl/commands").glob("*.py")} - helpers
    operations = {path.stem for path in (ROOT / "shopctl").iterdir()}
    assert nouns - operations == set()
