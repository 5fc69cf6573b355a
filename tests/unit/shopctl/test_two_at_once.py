"""Two operations at once, as real processes: the second says who works and since when, or waits."""

import os
import re
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from shopctl import journal, paths

OPERATION = """
import sys, time
from pathlib import Path
from shopctl import paths
from shopctl.environment import Environment
from shopctl.operation import Options, perform
from shopctl.plan import Plan
from shopctl.report import Report

state, name, seconds, *rest = sys.argv[1:]
environment = Environment("local", paths.stack_files()["local"], Path(state) / "local")


class Work:
    def __init__(self):
        self.name = name

    def plan(self):
        return Plan(name, "local")

    def apply(self, planned):
        print("at work", flush=True)
        time.sleep(float(seconds))
        return Plan(name, "local"), None


how = Options(yes=True, wait="--wait" in rest)
perform(Work(), environment, how, Report(), show=print, confirm=lambda plan: True)
"""


def start(state: Path, name: str, seconds: float, *rest: str) -> subprocess.Popen[str]:
    argv = [sys.executable, "-c", textwrap.dedent(OPERATION), str(state), name, str(seconds), *rest]
    return subprocess.Popen(
        argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=paths.REPOSITORY
    )


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    with start(tmp_path, "up", 120) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "at work\n"
        yield process
        process.kill()


def test_the_second_up_says_who_holds_the_lease_and_since_when(
    holder: subprocess.Popen[str], tmp_path: Path
) -> None:
    argv = [sys.executable, str(paths.REPOSITORY / "cli.py"), "--env", "local", "up", "--yes"]
    environ = {**os.environ, "SHOPCTL_STATE_DIR": str(tmp_path)}
    second = subprocess.run(argv, env=environ, capture_output=True, text=True, check=False, timeout=60)
    assert second.returncode == 3
    words = rf"local is being worked on: up of local by \S+ \(pid {holder.pid}\), since \d{{4}}-\d\d-\d\dT"
    assert re.search(words, second.stderr)
    assert "--wait" in second.stderr


def test_a_waiting_one_goes_on_when_the_first_is_killed_and_writes_that_down(
    holder: subprocess.Popen[str], tmp_path: Path
) -> None:
    with start(tmp_path, "destroy", 0, "--wait") as second:
        assert second.stderr is not None
        assert f"waiting for up of local by {os.environ.get('USER', '')}" in second.stderr.readline()
        time.sleep(0.2)
        assert second.poll() is None
        holder.kill()
        assert second.wait(30) == 0
    killed, done = journal.read(tmp_path / "local/journal.jsonl")
    assert (killed.operation, killed.outcome) == ("up", "killed")
    assert (done.operation, done.outcome) == ("destroy", "succeeded")
