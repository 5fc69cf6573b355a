"""The gates on a real host, by SSH: what its commands say is what the judges understand."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest

from shopctl import outputs
from shopctl.drivers.ssh import Fleet, Line
from shopctl.environment import Environment
from shopctl.report import Report
from shopctl.rollout import commands, facts, fleet, traffic, watch
from shopctl.rollout.gates import Gate
from shopctl.rollout.limits import Limits
from shopctl.rollout.watch import Watched
from tests.stack.conftest import ENVIRONMENT, Stack

GROUPS = ("catalogue", "trade", "user", "service", "admin")
LIMITS = Limits(watch_seconds=4.0, min_requests=10)
PAGES = ("home", "products", "client", "flash-sales")


@pytest.fixture
def line(stack: Stack) -> Iterator[Line]:
    environment = Environment.load(ENVIRONMENT)
    hosts = Fleet(environment, outputs.read(environment, Report(quiet=True)))
    with hosts.line(hosts.choose("web-2")[0]) as opened:
        yield opened


@pytest.fixture
def run(line: Line) -> Callable[[Sequence[str]], str]:
    return lambda argv: line.run(argv, timeout=60).stdout


@pytest.fixture
def watched(run: watch.Run) -> Watched:
    version = facts.serving(run(commands.LINKS))["trade"]
    return Watched("web-2", version, facts.release_of(version), GROUPS, ("worker",))


def ask(line: Line, *paths: str) -> None:
    """As a shopper by way of the balancer, but of this host."""
    for path in paths:
        line.run(["curl", "--silent", "--output", "/dev/null", f"http://127.0.0.1{path}"], timeout=60)


def judged(watched: Watched, run: watch.Run, limits: Limits = LIMITS, **more: object) -> dict[str, Gate]:
    found = watch.watch(watched, run, limits, before=watch.usual(run, limits), **more)  # type: ignore[arg-type]
    return {gate.name: gate for gate in found}


def test_what_serves_well_passes_every_gate(line: Line, run: watch.Run, watched: Watched) -> None:
    # It begins to serve anew: what failed while others stopped a database under it is not looked at.
    fleet.must(line, commands.flip(GROUPS, watched.version))
    ask(
        line,
        *(f"/api/v1/{page}" for page in PAGES * 5),
        "/healthz",
        "/readyz",
        "/metrics/trade",
        "/static/none.css",
    )
    time.sleep(1.5)
    found = judged(watched, run)
    assert {name: (gate.passed, gate.said) for name, gate in found.items() if gate.passed is not True} == {}
    # Of its own release, by the groups that the addresses belong to.
    after = found["error rate"].figures["after"]
    assert {"catalogue", "trade", "user"} <= set(after)
    assert after["trade"]["count"] >= 5
    memory = found["memory"].figures["mb"]
    assert set(memory) == {*GROUPS, "worker"}
    assert min(memory.values()) > 20
    assert watched.release in {request.release for request in traffic.requests(run(traffic.RECENT))}


def test_nginx_tells_the_log_and_not_the_world_which_release_answered(stack: Stack, line: Line) -> None:
    answer = stack.curl(f"{stack.outputs['address']}/api/v1/client", stack.vip)
    assert "x-shop-release" not in answer.headers
    assert "x-served-by: web-" in answer.headers


def test_a_group_that_dies_while_it_is_watched_ends_the_watch(
    line: Line, run: watch.Run, watched: Watched
) -> None:
    killed: list[float] = []

    def sleep(seconds: float) -> None:
        if not killed:
            done = line.run(["podman", "kill", "--signal=KILL", f"shop-admin-{watched.version}"], timeout=60)
            assert done.code == 0, done.stderr
            killed.append(time.monotonic())
        time.sleep(seconds)

    long = replace(LIMITS, watch_seconds=60.0)
    found = judged(watched, run, long, sleep=sleep)
    assert found["restarts"].passed is False
    assert found["restarts"].said.startswith(("admin ended", "the unit of admin"))
    assert time.monotonic() - killed[0] < long.watch_seconds / 2
    limit = time.monotonic() + 60
    while not judged(watched, run)["ready"].passed:
        assert time.monotonic() < limit
