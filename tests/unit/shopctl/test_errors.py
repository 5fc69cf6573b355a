"""What a failure looks like."""

import subprocess
import sys
from pathlib import Path

import pytest

from shopctl.drivers import subprocess as door
from shopctl.errors import BadInputError, LeaseHeldError, ShopctlError, StoppedError

ROOT = Path(__file__).resolve().parents[3]

GOLDEN = """\
error: the task 'nginx : Reload' failed
  on: web-1
  command: ansible-playbook playbooks/site.yml  (exit 2)
  | unknown directive "servr"
  next: mend the cause and run it again"""


def test_text_names_what_where_how_and_what_next() -> None:
    error = ShopctlError(
        "the task 'nginx : Reload' failed",
        where="web-1",
        command="ansible-playbook playbooks/site.yml",
        exit_status=2,
        last_lines=['unknown directive "servr"'],
        next_step="mend the cause and run it again",
    )
    assert error.render() == GOLDEN


def test_a_short_error_stays_short() -> None:
    assert ShopctlError("it is down").render() == "error: it is down"


def test_only_the_last_lines_are_kept() -> None:
    rendered = ShopctlError("x", last_lines=[str(n) for n in range(500)]).render().splitlines()
    assert len(rendered) == 21
    assert rendered[-1] == "  | 499"


def test_exit_codes() -> None:
    assert [e("x").exit_code for e in (ShopctlError, BadInputError, LeaseHeldError, StoppedError)] == [
        1,
        2,
        3,
        130,
    ]


def test_a_failed_process_shows_its_command_as_it_can_be_pasted() -> None:
    argv = [sys.executable, "-c", "print('one'); print('two words'); raise SystemExit(4)"]
    with pytest.raises(door.CommandError) as raised:
        door.run(argv)
    assert raised.value.exit_status == 4
    assert raised.value.last_lines == ("one", "two words")
    again = subprocess.run(
        ["sh", "-c", raised.value.command or ""], capture_output=True, text=True, check=False
    )
    assert (again.returncode, again.stdout) == (4, "one\ntwo words\n")


def test_a_missing_program_is_told_as_such() -> None:
    with pytest.raises(door.CommandError, match="no-such-program is not installed"):
        door.run(["no-such-program"])


def test_expected_exit_codes_are_no_failure() -> None:
    assert door.run([sys.executable, "-c", "print('x'); raise SystemExit(1)"], expected=(0, 1)) == "x\n"


def test_output_is_logged_and_seen_line_by_line(tmp_path: Path) -> None:
    seen: list[str] = []
    log = tmp_path / "logs" / "x.log"
    door.run([sys.executable, "-c", "print('a'); print('b')"], log=log, on_line=seen.append)
    assert seen == ["a", "b"]
    assert log.read_text() == "a\nb\n"


def _shopctl(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", **variables}
    return subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), *arguments],
        capture_output=True,
        text=True,
        env=env,
        check=False,
    )


def test_an_unknown_environment_exits_2_and_names_the_known_ones(tmp_path: Path) -> None:
    done = _shopctl("--env", "lokal", "hosts", SHOPCTL_STATE_DIR=str(tmp_path))
    assert done.returncode == 2
    assert "there is no environment 'lokal'" in done.stderr
    assert "local, production, staging, test" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_commands_own_option_wins_over_the_variable(tmp_path: Path) -> None:
    done = _shopctl("hosts", "--env", "one", SHOPCTL_ENV="two", SHOPCTL_STATE_DIR=str(tmp_path))
    assert "'one'" in done.stderr


def test_a_machine_gets_the_error_as_json_on_standard_output(tmp_path: Path) -> None:
    import json

    done = _shopctl("--env", "lokal", "hosts", "--json", SHOPCTL_STATE_DIR=str(tmp_path))
    assert json.loads(done.stdout)["error"]["exit_code"] == 2


def test_destroy_without_a_terminal_and_without_yes_touches_nothing(tmp_path: Path) -> None:
    done = _shopctl("--env", "staging", "destroy", SHOPCTL_STATE_DIR=str(tmp_path))
    assert done.returncode == 2
    assert "--yes" in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    argv = [sys.executable, str(ROOT / "cli.py"), "--help"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait() in {0, 1, 141}, "click ends with 1, and as quietly"
