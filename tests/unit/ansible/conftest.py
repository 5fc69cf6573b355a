"""What the tests of Ansible's side share: a way to run it against made-up outputs, without a host."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]
HERE = Path(__file__).resolve().parent

Run = Callable[..., str]


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs one of Ansible's commands from the repository's root and returns what it printed."""
    state = tmp_path_factory.mktemp("state")
    ssh = state / "local" / "ssh"
    ssh.mkdir(parents=True)
    (ssh / "id_ed25519.pub").write_text("ssh-ed25519 AAAAC3operator operator\n")

    def runner(command: str, *arguments: str) -> str:
        variables = {
            **os.environ,
            "ANSIBLE_CONFIG": str(REPOSITORY / "ansible.cfg"),
            "ANSIBLE_LOCAL_TEMP": str(state / "tmp"),
            "ANSIBLE_REMOTE_TEMP": str(state / "remote"),
            "ANSIBLE_ROLES_PATH": str(REPOSITORY / "roles"),
            "ANSIBLE_NOCOLOR": "1",
            "SHOPCTL_OUTPUTS_FILE": str(HERE / "outputs.json"),
            "SHOPCTL_STATE_DIR": str(state),
        }
        done = subprocess.run(
            [str(Path(sys.executable).parent / command), *arguments],
            cwd=REPOSITORY,
            env=variables,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    return runner


@pytest.fixture(scope="session")
def rendered(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The roles' files for web-1 of the local environment."""
    root = tmp_path_factory.mktemp("rendered")
    # Laid out like the repository: the settings of playbooks/group_vars count for a playbook that is next to them.
    for name in ("roles", "templates", "playbooks/group_vars", "playbooks/filter_plugins"):
        link = root / name
        link.parent.mkdir(exist_ok=True)
        link.symlink_to(REPOSITORY / name)
    playbook = root / "playbooks" / "render.yml"
    playbook.write_text((HERE / "render.yml").read_text())
    files = root / "files"
    files.mkdir()
    run(
        "ansible-playbook", "-i", "inventories/local", str(playbook), "-e", f"render_to={files}",
        "-e", f"ansible_python_interpreter={sys.executable}",
    )  # fmt: skip
    return files
