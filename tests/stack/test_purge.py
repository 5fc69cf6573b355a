"""A purge: the CDN fetches the object anew, each time; the environment's own stack knows nothing of it."""

import json
import signal
import subprocess
import sys
import time

import pytest

from shopctl.drivers import engine_state
from shopctl.environment import Environment
from tests.stack.conftest import ENVIRONMENT, REPOSITORY, Stack, shopctl

PATH = "/static/h5/index.html"


def kept(stack: Stack) -> bool:
    """Whether the edge had it."""
    answer = stack.curl(f"https://{stack.outputs['cdnDomain']}{PATH}", stack.cdn_address)
    assert answer.status == 200
    return "x-cache-lookup: hit" in answer.headers


def fill(stack: Stack) -> None:
    kept(stack)
    assert kept(stack)


def test_each_purge_has_the_object_fetched_anew_and_nothing_else_changes(stack: Stack) -> None:
    environment = Environment.load(ENVIRONMENT)
    before = engine_state.fingerprint(environment)
    for _ in range(3):
        fill(stack)
        said = json.loads(shopctl("purge", PATH, "--yes", "--json"))
        assert not kept(stack)
        assert said["seconds"] < 15
    assert engine_state.fingerprint(environment) == before
    assert not (environment.state_dir / "once").exists()


@pytest.mark.parametrize("seconds", [0.7, 1.2, 1.7])
def test_a_killed_purge_is_in_nobodys_way(stack: Stack, seconds: float) -> None:
    argv = [sys.executable, str(REPOSITORY / "cli.py"), "--env", ENVIRONMENT, "purge", PATH, "--yes"]
    with subprocess.Popen(argv, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
    fill(stack)
    shopctl("purge", PATH, "--yes")
    assert not kept(stack)


def test_what_is_no_path_is_refused(stack: Stack) -> None:
    said = json.loads(shopctl("purge", "static/*", "--yes", "--json", expect=2))
    assert "no paths" in said["error"]["what"]
