"""The inventory made from the stack's outputs."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from inventories.stack_inventory import InventoryError, inventory, read_outputs, state_dir

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[2]
SSH = Path("/state/local/ssh")
KEYS = ["ssh-ed25519 AAAAC3operator operator"]


@pytest.fixture
def outputs() -> dict[str, Any]:
    return json.loads((HERE / "outputs.json").read_text())


def test_the_outputs_become_this_inventory(outputs: dict[str, Any]) -> None:
    made = inventory(outputs, SSH, KEYS)
    assert made["all"]["vars"].pop("stack") == outputs
    assert made == json.loads((HERE / "golden" / "inventory.json").read_text())


def test_behind_a_bastion_every_other_host_is_reached_through_it(outputs: dict[str, Any]) -> None:
    outputs["operator"]["bastion"] = True
    hosts = inventory(outputs, SSH, KEYS)["_meta"]["hostvars"]
    assert "ProxyCommand" not in hosts["ops-1"]["ansible_ssh_common_args"]
    for name in ("web-1", "web-2"):
        arguments = hosts[name]["ansible_ssh_common_args"]
        assert "-W %h:%p root@10.77.21.11" in arguments
        assert "-i /state/local/ssh/id_ed25519" in arguments
        assert arguments.count("UserKnownHostsFile=/state/local/ssh/known_hosts") == 2


def test_a_state_folder_with_a_space_survives_the_ssh_command_line(outputs: dict[str, Any]) -> None:
    arguments = inventory(outputs, Path("/my state/ssh"), KEYS)["_meta"]["hostvars"]["web-1"][
        "ansible_ssh_common_args"
    ]
    assert "'UserKnownHostsFile=/my state/ssh/known_hosts'" in arguments


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"SHOPCTL_STATE_DIR": "/s", "XDG_STATE_HOME": "/x"}, Path("/s/local")),
        ({"XDG_STATE_HOME": "/x"}, Path("/x/shopctl/local")),
        ({}, Path.home() / ".local/state/shopctl/local"),
    ],
)
def test_it_looks_where_shopctl_keeps_its_state(variables: dict[str, str], expected: Path) -> None:
    assert state_dir("local", variables) == expected


def test_without_a_stack_the_error_carries_shopctls_own_words() -> None:
    with pytest.raises(InventoryError, match=r"no stack outputs for 'nowhere'.*nowhere"):
        read_outputs("nowhere", {})


@pytest.mark.parametrize("environment", ["local", "test", "staging", "production"])
def test_every_environment_has_a_script_that_lists_its_hosts(environment: str, tmp_path: Path) -> None:
    # -I: like the system's Python, which knows nothing of the checkout.
    done = subprocess.run(
        [sys.executable, "-I", str(REPOSITORY / "inventories" / environment / "hosts.py"), "--list"],
        env={
            **os.environ,
            "SHOPCTL_OUTPUTS_FILE": str(HERE / "outputs.json"),
            "SHOPCTL_STATE_DIR": str(tmp_path),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert sorted(json.loads(done.stdout)["_meta"]["hostvars"]) == ["ops-1", "web-1", "web-2"]
    assert f"{tmp_path}/{environment}/ssh" in done.stdout


def test_every_environment_of_the_stack_has_an_inventory() -> None:
    stacks = {file.name.split(".")[1] for file in (REPOSITORY / "infra").glob("Pulumi.*.yaml")}
    assert stacks == {folder.parent.name for folder in (REPOSITORY / "inventories").glob("*/hosts.py")}
