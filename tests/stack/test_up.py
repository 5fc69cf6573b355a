"""`up` a second time changes nothing, and plain Ansible works on the same inventory."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from region.hosts import all_hosts
from region.revive import OF_THE_REGION
from shopctl.environment import Environment
from tests.stack.conftest import ENVIRONMENT, REPOSITORY, Stack, shopctl
from tests.stack.kills import table


def test_killed_ups_and_a_stopped_one_were_finished_by_the_next(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        print(f"\n{table(stack.killed)}")
    # A run that was over before its moment has to have succeeded.
    assert {moment.ended for moment in stack.killed} <= {None, 0}
    assert stack.stopped
    assert stack.stopped[0] == 130, stack.stopped[1]
    assert stack.up["address"] == stack.outputs["address"]


def test_an_interrupted_up_orphans_nothing(stack: Stack) -> None:
    resources = json.loads((_state() / "test.json").read_text())["checkpoint"]["latest"]["resources"]
    known = {resource.get("id") for resource in resources}
    # What has no resource of its own: the VPC's resolver, the region's object store and its WeChat, the standby.
    own = {host.id for host in all_hosts(ENVIRONMENT) if host.kind not in OF_THE_REGION}
    assert {id_.removesuffix("-s") for id_ in own} <= known
    assert len(own) == len(known & own) + 1


def _state() -> Path:
    return Environment.load(ENVIRONMENT).backend / ".pulumi/stacks/shop"


def test_a_second_up_changes_nothing(stack: Stack) -> None:
    again = json.loads(shopctl("up", "--yes", "--json"))
    assert again["changed"] == 0
    assert again["hosts"] == {name: {"changed": 0} for name in ("ops-1", "web-1", "web-2")}
    assert again["address"] == stack.outputs["address"]


def test_preview_says_why_there_is_nothing_to_do(stack: Stack) -> None:
    plan = json.loads(shopctl("preview", "--json"))
    assert plan["changes"] == []
    assert plan["reason"]


def test_plain_ansible_playbook_finds_nothing_to_change(stack: Stack) -> None:
    # The release is what shopctl deployed; everything else comes from the inventory.
    release = {"app_release": stack.up["release"], "app_image": stack.up["image"]}
    argv = [str(Path(sys.executable).parent / "ansible-playbook"), "-i", f"inventories/{ENVIRONMENT}"]
    argv += ["playbooks/site.yml", "--extra-vars", json.dumps(release)]
    done = subprocess.run(argv, cwd=REPOSITORY, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    recap = [line for line in done.stdout.splitlines() if "changed=" in line]
    assert len(recap) == 3
    assert all("changed=0 " in line for line in recap), recap


def test_outputs_hide_secrets_unless_asked(stack: Stack) -> None:
    hidden = json.loads(shopctl("outputs", "--json"))
    assert hidden["mysql"]["groups"]["trade"]["password"] == "***"
    assert stack.outputs["mysql"]["groups"]["trade"]["password"] not in json.dumps(hidden)


def test_no_secret_lies_in_plain_text_in_state_or_logs(stack: Stack) -> None:
    folder = Environment.load(ENVIRONMENT).state_dir
    secrets = {
        *(account["password"] for account in stack.outputs["mysql"]["groups"].values()),
        stack.outputs["redis"]["password"],
        *(key["secretKey"] for key in stack.outputs["storage"]["users"].values()),
    }
    for file in folder.rglob("*"):
        if file.is_file():
            text = file.read_bytes()
            assert not [secret for secret in secrets if secret.encode() in text], file


def test_the_journal_has_a_line_for_the_up(stack: Stack) -> None:
    lines = Environment.load(ENVIRONMENT).journal_file.read_text().splitlines()
    ups = [line for line in map(json.loads, lines) if line["id"] and line["operation"] == "up"]
    # Those that were killed have theirs as well, written by whoever came next; one that had not said a word yet had no
    # lease either, and had done nothing.
    assert len([up for up in ups if up["outcome"] == "killed"]) >= sum(
        moment.ended is None and bool(moment.said) for moment in stack.killed
    )
    assert "succeeded" in {up["outcome"] for up in ups}
