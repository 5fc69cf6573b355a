"""What shopctl reads from Ansible: progress, recap, and a failure that names host and task."""

from pathlib import Path

import pytest

from shopctl.drivers import ansible
from shopctl.drivers.ansible import HostRecap, TaskEvent
from shopctl.environment import Environment
from shopctl.errors import ShopctlError

LOCAL = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return Environment("local", tmp_path / "Pulumi.local.yaml", tmp_path)


def play(environment: Environment, tasks: str, **more: str) -> tuple[ansible.Result, list[TaskEvent]]:
    playbook = environment.state_dir / "play.yml"
    playbook.write_text(f"- hosts: all\n  gather_facts: false\n  tasks:\n{tasks}")
    seen: list[TaskEvent] = []
    result = ansible.play(
        environment, str(playbook), inventory="web-1,", variables={**LOCAL, **more}, on_event=seen.append
    )
    return result, seen


def test_progress_and_recap_of_a_real_run(environment: Environment) -> None:
    tasks = (
        "    - {name: Look, command: 'true', changed_when: false}\n    - {name: Change, command: 'true'}\n"
    )
    result, seen = play(environment, tasks)
    assert result.hosts == {"web-1": HostRecap(ok=2, changed=1, failed=0, unreachable=0)}
    assert result.changed == 1
    assert [(event.kind, event.task, event.changed) for event in seen] == [
        ("task", "Look", False),
        ("ok", "Look", False),
        ("task", "Change", False),
        ("ok", "Change", True),
    ]


def test_a_failure_names_host_task_and_what_was_said(environment: Environment) -> None:
    with pytest.raises(ShopctlError) as raised:
        play(environment, "    - {name: Reload nginx, command: ls /nonexistent}\n")
    assert raised.value.what == "the task 'Reload nginx' failed"
    assert raised.value.where == "web-1"
    assert any("/nonexistent" in line for line in raised.value.last_lines)


def test_what_must_not_be_logged_is_not_shown(environment: Environment) -> None:
    with pytest.raises(ShopctlError) as raised:
        play(environment, "    - {name: Secret, command: 'ls /hunter2', no_log: true}\n")
    assert "hunter2" not in raised.value.render()
    assert "hunter2" not in (environment.logs / "ansible.log").read_text()


def test_a_broken_playbook_shows_ansibles_own_words(environment: Environment) -> None:
    with pytest.raises(ShopctlError) as raised:
        play(environment, "    - {name: Typo, no_such_module: {}}\n")
    assert any("no_such_module" in line for line in raised.value.last_lines)


def test_outputs_go_by_a_private_file_that_is_gone_afterwards(environment: Environment) -> None:
    note = environment.state_dir / "note"
    playbook = environment.state_dir / "play.yml"
    playbook.write_text(
        "- hosts: all\n  gather_facts: false\n  tasks:\n"
        "    - name: Look\n      shell: stat -c '%a %n' \"$SHOPCTL_OUTPUTS_FILE\" > " + str(note) + "\n"
    )
    ansible.play(environment, str(playbook), inventory="web-1,", variables=LOCAL, outputs={"password": "x"})
    mode, file = note.read_text().split()
    assert mode == "600"
    assert not Path(file).exists()
