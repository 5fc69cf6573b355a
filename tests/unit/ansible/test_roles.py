"""What every role promises: its inputs are described, its parts are where image baking and site.yml look for them."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parents[3]
ROLES = sorted(path.name for path in (REPOSITORY / "roles").iterdir())
SETTINGS = [
    *REPOSITORY.glob("playbooks/group_vars/*.yml"),
    *REPOSITORY.glob("inventories/*/group_vars/*.yml"),
]


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def defaults(role: str) -> dict[str, Any]:
    return load(REPOSITORY / "roles" / role / "defaults" / "main.yml")


@pytest.mark.parametrize("role", ROLES)
def test_every_input_has_a_default_and_a_description_that_agree(role: str) -> None:
    spec = load(REPOSITORY / "roles" / role / "meta" / "argument_specs.yml")["argument_specs"]["main"]
    assert {name: option["default"] for name, option in spec["options"].items()} == defaults(role)
    assert all(option["description"].endswith(".") for option in spec["options"].values())


@pytest.mark.parametrize("role", ROLES)
def test_inputs_carry_the_roles_name(role: str) -> None:
    assert [name for name in defaults(role) if not name.startswith(f"{role}_")] == []


@pytest.mark.parametrize("role", ROLES)
def test_it_has_an_install_part_with_a_plain_list_of_packages(role: str) -> None:
    packages = defaults(role)[f"{role}_packages"]
    assert packages == sorted(packages)
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9.+-]+", package) for package in packages)
    for part in ("main", "install", "configure"):
        assert (REPOSITORY / "roles" / role / "tasks" / f"{part}.yml").is_file()


@pytest.mark.parametrize("role", ROLES)
def test_an_install_part_is_made_only_of_what_its_digest_covers(role: str) -> None:
    text = (REPOSITORY / "roles" / role / "tasks" / "install.yml").read_text()
    assert not re.search(r"builtin\.(template|include_tasks|import_tasks|include_vars)", text)
    assert set(re.findall(r"\{\{ (\w+)", text)) <= set(defaults(role))


@pytest.mark.parametrize("role", ROLES)
def test_image_and_site_name_the_role(role: str) -> None:
    image = load(REPOSITORY / "playbooks" / "image.yml")[0]
    assert role in image["vars"]["image_roles"]
    assert role in {
        entry["role"]
        for play in load(REPOSITORY / "playbooks" / "site.yml")
        for entry in play.get("roles", ())
    }
    assert f"{role}_install" in load(REPOSITORY / "playbooks" / "group_vars" / "all.yml")


@pytest.mark.parametrize("file", SETTINGS, ids=lambda file: str(file.relative_to(REPOSITORY)))
def test_settings_are_inputs_of_roles_and_no_package_lists(file: Path) -> None:
    known = {name for role in ROLES for name in defaults(role)}
    own = {"image_trusted", "image_roles_held", "ops_addresses", "monitoring_ports"}
    settings = set(load(file))
    assert settings <= known | own
    assert not {name for name in settings if name.endswith("_packages")}
