"""The inventory that all environments share, made from the stack's outputs. Standard library only.

Ansible runs `<environment>/hosts.py`, possibly with a Python that lacks shopctl's dependencies; so the outputs come
from a shopctl of its own, or from the file that a running shopctl names.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent


class InventoryError(Exception):
    """There is no inventory to be had; the message says what to do."""


def inventory(outputs: Mapping[str, Any], ssh_dir: Path, operator_keys: Sequence[str]) -> dict[str, Any]:
    """The stack's outputs as Ansible's inventory."""
    hosts = {host["name"]: host for host in outputs["hosts"]}
    key = ssh_dir / "id_ed25519"
    known = f"UserKnownHostsFile={ssh_dir / 'known_hosts'}"
    options = [known, "StrictHostKeyChecking=accept-new", "IdentitiesOnly=yes"]
    ssh_arguments = [argument for option in options for argument in ("-o", option)]
    return {
        "_meta": {
            "hostvars": {
                name: {
                    "ansible_host": host["address"],
                    "ansible_ssh_common_args": shlex.join(
                        [*ssh_arguments, *_proxy(name, outputs, ["-i", str(key), *ssh_arguments])]
                    ),
                    "host_zone": host["zone"],
                    "host_instance": host["instanceId"],
                }
                for name, host in hosts.items()
            }
        },
        "all": {
            "children": ["app", "ops", "web"],
            "vars": {
                "ansible_user": "root",
                "ansible_ssh_private_key_file": str(key),
                "operator_keys": list(operator_keys),
                "stack": dict(outputs),
            },
        },
        "web": {"hosts": [name for name, host in hosts.items() if host["role"] == "web"]},
        "ops": {"hosts": [name for name, host in hosts.items() if host["role"] == "ops"]},
        # The shop's containers, web server and worker, run on the web hosts.
        "app": {"children": ["web"]},
    }


def _proxy(name: str, outputs: Mapping[str, Any], ssh_arguments: Sequence[str]) -> list[str]:
    """How to reach a host that only the bastion can see."""
    bastion = next((host for host in outputs["hosts"] if host["role"] == "ops"), None)
    if not outputs["operator"]["bastion"] or bastion is None or bastion["name"] == name:
        return []
    command = ["ssh", *ssh_arguments, "-W", "%h:%p", f"root@{bastion['address']}"]
    return ["-o", f"ProxyCommand={shlex.join(command)}"]


def state_dir(environment: str, variables: Mapping[str, str]) -> Path:
    """The environment's folder of state, as shopctl places it."""
    if own := variables.get("SHOPCTL_STATE_DIR"):
        root = Path(own).absolute()
    elif xdg := variables.get("XDG_STATE_HOME"):
        root = Path(xdg) / "shopctl"
    else:
        root = Path.home() / ".local" / "state" / "shopctl"
    return root / environment


def shopctl() -> list[str]:
    """The shopctl of this interpreter, of the search path or of the checkout's own virtual environment."""
    candidates = [Path(sys.executable).parent / "shopctl", REPOSITORY / ".venv" / "bin" / "shopctl"]
    if found := shutil.which("shopctl"):
        candidates.insert(1, Path(found))
    for candidate in candidates:
        if candidate.exists():
            return [str(candidate)]
    return [sys.executable, str(REPOSITORY / "cli.py")]


def read_outputs(environment: str, variables: Mapping[str, str]) -> dict[str, Any]:
    """The stack's outputs, secrets included. They stay in memory."""
    if file := variables.get("SHOPCTL_OUTPUTS_FILE"):
        return json.loads(Path(file).read_text())
    command = [*shopctl(), "--env", environment, "outputs", "--json", "--show-secrets"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if done.returncode:
        raise InventoryError(
            f"no stack outputs for {environment!r}: `{shlex.join(command)}` exited {done.returncode}\n"
            f"{done.stderr.strip()}"
        )
    return json.loads(done.stdout)


def main(environment: str, arguments: Sequence[str]) -> int:
    """What an inventory script does: `--list`, or `--host NAME`, whose answer `--list` has already given."""
    if "--host" in arguments:
        print("{}")
        return 0
    ssh_dir = state_dir(environment, os.environ) / "ssh"
    public_key = ssh_dir / "id_ed25519.pub"
    keys = [public_key.read_text().strip()] if public_key.exists() else []
    try:
        print(json.dumps(inventory(read_outputs(environment, os.environ), ssh_dir, keys)))
    except InventoryError as error:
        print(error, file=sys.stderr)
        return 1
    return 0
