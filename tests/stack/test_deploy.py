"""A rollout under shoppers: no request is lost, a release that is no good goes back, a killed one is finished."""

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from shopctl.drivers import http
from tests.stack.conftest import ENVIRONMENT, REPOSITORY, Stack, shopctl


def built(folder: Path, files: dict[str, str]) -> str:
    """A release of the checkout's shop with these files in it as well."""
    shutil.copytree(REPOSITORY / "app", folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name, content in files.items():
        (folder / name).write_text(content)
    return str(json.loads(shopctl("release", "build", "--from", str(folder), "--json"))["id"])


def running() -> set[str]:
    """The releases that the web hosts' containers were started from."""
    said = shopctl("run", "web", "--", "podman", "ps", "--format", "{{.Image}}")
    return {line.rpartition(":")[2] for line in said.splitlines() if "localhost/shop:" in line}


@pytest.mark.timeout(600)
def test_shoppers_notice_neither_a_rollout_nor_one_that_goes_back(stack: Stack, tmp_path: Path) -> None:
    before = running()
    good = built(tmp_path / "good", {"marker.txt": "good"})
    bad = built(tmp_path / "bad", {"bin/web": "#!/bin/sh\necho no spell >&2\nexit 3\n"})
    argv = [sys.executable, str(REPOSITORY / "cli.py"), "--env", ENVIRONMENT, "load", "--json"]
    argv += ["--shoppers", "20", "--for", "10m"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as load:
        try:
            done = json.loads(shopctl("deploy", good, "--yes", "--json"))
            assert set(done["hosts"]) == {"web-1", "web-2"}
            assert running() == {good}
            said = json.loads(shopctl("deploy", bad, "--yes", "--json", expect=1))["error"]
            assert f"{good} serves again" in said["what"]
            assert any("no spell" in line for line in said["last_lines"])
            assert running() == {good}
        finally:
            load.send_signal(signal.SIGINT)
            told = json.loads(load.communicate(timeout=120)[0])
    assert told["errors"] == 0, told["troubles"]
    assert told["verdict"]["findings"] == []
    assert told["figures"]["requests"] >= 500
    again = json.loads(shopctl("deploy", good, "--yes", "--json"))
    assert "runs on web-1, web-2" in again["reason"]
    back = json.loads(shopctl("rollback", "--yes", "--json"))
    assert {back["release"]} == before == running()


@pytest.mark.timeout(600)
def test_a_killed_deploy_is_finished_by_the_next(stack: Stack, tmp_path: Path) -> None:
    (before,) = running()
    release = built(tmp_path / "next", {"marker.txt": "next"})
    argv = [sys.executable, str(REPOSITORY / "cli.py"), "--env", ENVIRONMENT, "deploy", release, "--yes"]
    with subprocess.Popen(argv, stderr=subprocess.PIPE, text=True, cwd=REPOSITORY) as process:
        assert process.stderr
        for line in process.stderr:
            if "Start the release" in line:
                process.kill()
                break
    time.sleep(1)
    # The other host carries everything meanwhile.
    answer = http.get(stack.outputs["domain"], "/api/v1/products", address=stack.vip, ca=stack.ca, timeout=10)
    assert answer.status == 200
    shopctl("deploy", release, "--yes")
    assert running() == {release}
    drained = ["run", "web", "--", "test", "!", "-e", "/run/shop-drained"]
    shopctl(*drained)
    shopctl("rollback", before, "--yes")
