"""Releases that are no good, and rollouts that something happens to: each ends with the old version serving."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from shopctl.drivers import http
from shopctl.errors import LEASE_HELD
from tests.stack import releases
from tests.stack.conftest import ENVIRONMENT, REPOSITORY, Stack, shopctl
from tests.stack.releases import running, serving
from tests.stack.shoppers import shopping
from tests.stack.test_crashes import crash
from tests.stack.test_firewall import control

BAD: dict[str, tuple[Callable[[Path], str], str, str]] = {
    "does not start": (releases.dead, "again and again before it is ready", "no spell"),
    "is not ready": (lambda f: releases.faulty(f, "is not ready"), "is not ready", ""),
    "answers 500 when it is warmed": (
        lambda f: releases.faulty(f, "answers 500 when it is warmed"),
        "answers 500 to /api/v1/products",
        "",
    ),
    "answers 500 to shoppers": (lambda f: releases.faulty(f, "answers 500 to shoppers"), "error rate", ""),
    "is slow": (lambda f: releases.faulty(f, "is slow"), "response time", ""),
    "eats memory": (lambda f: releases.faulty(f, "eats memory"), "memory", ""),
}
BY_TRAFFIC = ("answers 500 to shoppers", "is slow")
LOOKING = ("browse", "find", "service")
"""Journeys that nearly always ask one group: in the seconds of a watch a gate gets enough of its requests to judge by,
also where each of them is slow."""


@pytest.fixture(autouse=True)
def as_before(stack: Stack) -> Iterator[None]:
    """Whatever a test does, the stack ends on the version that it began with."""
    (before,) = serving()
    yield
    if serving() != {before} or running() != {before}:
        shopctl("rollback", before, "--yes")


def refused(release: str, *, expect: int = 1) -> dict[str, Any]:
    """What `deploy` said of a release that it did not bring."""
    return dict(json.loads(shopctl("deploy", release, "--yes", "--json", expect=expect))["error"])


def answers(stack: Stack) -> bool:
    answer = http.get(stack.outputs["domain"], "/api/v1/products", address=stack.vip, ca=stack.ca, timeout=10)
    return answer.status == 200


@pytest.mark.parametrize("kind", BAD)
def test_a_release_that_is_no_good_goes_back_by_itself(stack: Stack, tmp_path: Path, kind: str) -> None:
    make, reason, line = BAD[kind]
    (before,) = serving()
    release = make(tmp_path / "release")
    with shopping(10 if kind in BY_TRAFFIC else 8, LOOKING if kind in BY_TRAFFIC else ()) as told:
        time.sleep(3)
        error = refused(release)
    assert reason in error["what"]
    assert "serves again" in error["what"]
    assert error["where"].startswith("web-")
    assert any(line in said for said in error["last_lines"]) or not line
    assert serving() == running() == {before}
    entry = next(e for e in reversed(json.loads(shopctl("journal", "--json"))) if e["operation"] == "deploy")
    assert entry["outcome"] == "failed"
    assert set(entry["evidence"]["rolled_back"]["to"].values()) == {before}
    told.assert_kept()
    if kind != "answers 500 to shoppers":
        assert told.failed == 0, told.report["troubles"]


def test_a_migration_that_old_code_would_not_survive_is_refused(stack: Stack, tmp_path: Path) -> None:
    removing = "migrations.RemoveField('order', 'note')"
    release = releases.migrating(tmp_path / "release", "0099_remove", removing)
    error = refused(release, expect=2)
    assert "migrations" in error["what"]
    assert any("0099_remove" in line for line in error["last_lines"])


def test_a_migration_that_fails_changes_nothing_that_serves(stack: Stack, tmp_path: Path) -> None:
    (before,) = serving()
    failing = "migrations.RunSQL('INSERT INTO there_is_no_such_table VALUES (1)', migrations.RunSQL.noop)"
    release = releases.migrating(tmp_path / "release", "0099_fail", failing)
    # The preparation is short: there must be enough shoppers to have noticed something.
    with shopping(10) as told:
        error = refused(release)
    assert any("there_is_no_such_table" in line for line in error["last_lines"])
    assert serving() == running() == {before}
    told.assert_kept()
    assert told.failed == 0, told.report["troubles"]


@contextmanager
def deploying(release: str) -> Iterator["subprocess.Popen[str]"]:
    """A deploy under way; its progress is on standard error."""
    argv = [sys.executable, str(REPOSITORY / "cli.py"), "--env", ENVIRONMENT, "deploy", release, "--yes"]
    with subprocess.Popen(argv, stderr=subprocess.PIPE, text=True, cwd=REPOSITORY) as process:
        yield process


def said_until(process: "subprocess.Popen[str]", marker: str) -> list[str]:
    """Its lines until one with the marker, or all of them."""
    assert process.stderr
    lines: list[str] = []
    for line in process.stderr:
        lines.append(line)
        if marker in line:
            break
    return lines


def test_a_host_that_is_lost_in_the_middle_stops_the_rollout(stack: Stack, tmp_path: Path) -> None:
    (before,) = serving()
    release = releases.good(tmp_path / "release", "host lost")
    with deploying(release) as process:
        said_until(process, "web-1: flip")
        crash("web-2")
        lines = said_until(process, "there is no such line")
        assert process.wait(timeout=300) == 1
    assert "web-2" in "".join(lines)
    until(lambda: answers(stack))
    shopctl("deploy", release, "--yes")
    assert releases.releases(serving()) == releases.releases(running()) == {release}
    shopctl("rollback", before, "--yes")


def test_without_the_registry_nothing_is_touched_and_the_way_back_is_open(
    stack: Stack, tmp_path: Path
) -> None:
    (before,) = serving()
    first = releases.good(tmp_path / "first", "registry there")
    shopctl("deploy", first, "--yes", "--no-judge")
    second = releases.good(tmp_path / "second", "registry away")
    registry = next(host for host in stack_hosts() if host.kind == "registry")
    control(registry.name).run(["systemctl", "stop", "docker-registry"])
    try:
        error = refused(second)
        assert "registry" in error["what"]
        assert releases.releases(serving()) == {first}
        shopctl("rollback", before, "--yes")
        assert serving() == {before}
    finally:
        control(registry.name).run(["systemctl", "start", "docker-registry"])
    shopctl("deploy", second, "--yes", "--no-judge")
    assert releases.releases(serving()) == {second}


def stack_hosts() -> Any:
    from region.hosts import list_hosts

    return list_hosts(ENVIRONMENT)


def test_a_host_without_room_for_the_image_says_so(stack: Stack, tmp_path: Path) -> None:
    (before,) = serving()
    release = releases.good(tmp_path / "release", "disk full")
    full = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", "/var/tmp"]
    shopctl("run", "web-2", "--", *full)
    try:
        error = refused(release)
        assert error["where"] == "web-2"
        assert any("no space left" in line for line in error["last_lines"])
    finally:
        shopctl("run", "web-2", "--", "umount", "/var/tmp")
    assert serving() == running() == {before}
    shopctl("deploy", release, "--yes", "--no-judge")
    assert releases.releases(serving()) == {release}


def test_two_deploys_at_once_do_not_mix(stack: Stack, tmp_path: Path) -> None:
    first = releases.good(tmp_path / "first", "first of two")
    second = releases.good(tmp_path / "second", "second of two")
    with deploying(first) as process:
        said_until(process, "==> preparation")
        error = refused(second, expect=LEASE_HELD)
        assert "being worked on" in error["what"]
        said_until(process, "there is no such line")
        assert process.wait(timeout=300) == 0
    assert releases.releases(serving()) == releases.releases(running()) == {first}


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    limit = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < limit
        time.sleep(0.5)
