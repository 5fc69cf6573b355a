"""What the role app runs to prepare the data, by what it finds on the hosts."""

import json
import sys
from pathlib import Path

import pytest

from tests.unit.ansible.conftest import HERE, REPOSITORY, Run

OLD = "trade.sock /run/shop/0123456789ab-00000000/trade.sock"
NEW = "trade.sock /run/shop/VERSION/trade.sock"
PUBLISHED = "published-MARKER "
FILES = ["--publish", "--demo", "--staff", "admin"]


def told(run: Run, folder: Path, found: dict[str, list[str]]) -> tuple[list[str], list[str]]:
    """The container's argument list, and the steps."""
    for name in ("roles", "templates", "playbooks/group_vars", "playbooks/filter_plugins"):
        link = folder / name
        link.parent.mkdir(exist_ok=True)
        link.symlink_to(REPOSITORY / name)
    playbook = folder / "playbooks" / "steps.yml"
    playbook.write_text((HERE / "steps.yml").read_text())
    extra = {"render_to": str(folder), "ansible_python_interpreter": sys.executable, "found": found}
    run("ansible-playbook", "-i", "inventories/local", str(playbook), "-e", json.dumps(extra))
    prepare, steps = json.loads((folder / "command.json").read_text())
    return prepare, steps


@pytest.mark.parametrize(
    ("first", "second", "steps"),
    [
        pytest.param([], [], ["--rights", "--revoke", *FILES], id="nothing serves yet"),
        pytest.param([OLD], [OLD], ["--rights", *FILES], id="an older version serves and keeps its rights"),
        pytest.param([NEW, PUBLISHED], [OLD], ["--rights"], id="a rollout was cut off after its first host"),
        pytest.param([NEW, PUBLISHED], [NEW], ["--rights", "--revoke"], id="nothing to do"),
        pytest.param(
            [NEW], [NEW], ["--rights", "--revoke", *FILES], id="the files were not published to the end"
        ),
    ],
)
def test_only_what_is_due_is_asked_for(
    run: Run, tmp_path: Path, first: list[str], second: list[str], steps: list[str]
) -> None:
    assert told(run, tmp_path, {"web-1": first, "web-2": second})[1] == steps


def test_one_container_has_the_accounts_that_no_serving_process_has(run: Run, tmp_path: Path) -> None:
    argv, _ = told(run, tmp_path, {"web-1": [], "web-2": []})
    assert argv[:3] == ["podman", "run", "--rm"]
    files = [Path(word.removeprefix("--env-file=")).name for word in argv if word.startswith("--env-file=")]
    # The later file wins.
    assert files == ["app.env", "migrator.env", "publisher.env", "admin_account.env"]
    assert {"--read-only", "--cap-drop=all", "--security-opt=no-new-privileges"} <= set(argv)
    assert argv[-3:] == ["python", "manage.py", "prepare"]
