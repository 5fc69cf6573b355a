"""The whole stack of the `test` environment, brought up once by the command that operators use.

`SHOPCTL_KEEP=1` leaves it running afterwards, for looking at what failed and for the next run, which then has
nothing to interrupt: the test of that fails there.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import testinfra
from testinfra.host import Host

from region import teardown
from region.hosts import list_hosts
from shopctl.environment import Environment
from tests.region.machine import machine
from tests.stack.kills import Moment, kills, moments, seed

REPOSITORY = Path(__file__).resolve().parents[2]
ENVIRONMENT = "test"
LAST = "test_destroy.py"
KILLS = 10
"""How often each of up, repair and destroy is killed."""
UP_SECONDS = 20.0
"""Until about when a new stack's resources are made."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests here run in any order, but for the one that takes the stack away: it comes last."""
    items.sort(key=lambda item: item.path.name == LAST)


def shopctl(*words: str, expect: int = 0, timeout: float = 900) -> str:
    """Run shopctl on the test environment as its user would; returns standard output."""
    argv = [sys.executable, str(REPOSITORY / "cli.py"), "--env", ENVIRONMENT, *words]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=timeout, cwd=REPOSITORY, check=False)
    assert done.returncode == expect, (
        f"exit {done.returncode} of {words}\n{done.stdout[-3000:]}\n{done.stderr[-6000:]}"
    )
    return done.stdout


@dataclass(frozen=True)
class Answer:
    """What curl got."""

    status: int
    headers: str
    body: bytes


@dataclass(frozen=True)
class Stack:
    """The running stack: what `up` said and what it put out; what the machine had before."""

    before: dict[str, set[str]]
    killed: tuple[Moment, ...]
    stopped: tuple[int, str] | None
    up: dict[str, Any]
    outputs: dict[str, Any]
    ca: Path

    @property
    def vip(self) -> str:
        return str(self.outputs["loadBalancer"]["vip"])

    @property
    def cdn_address(self) -> str:
        return next(host.address for host in list_hosts(ENVIRONMENT) if host.kind == "cdn")

    def address_of(self, name: str) -> str:
        """The address of a host of the region, managed ones included."""
        return next(host.address for host in list_hosts(ENVIRONMENT) if host.name == name)

    def curl(self, url: str, address: str, *words: str) -> Answer:
        """Get `url` from `address` with the region's CA alone trusted."""
        domain = url.split("/")[2]
        resolve = [word for port in (80, 443) for word in ("--resolve", f"{domain}:{port}:{address}")]
        argv = ["curl", "--silent", "--show-error", "--include", "--max-time", "15", "--noproxy", "*"]
        argv += ["--http1.1", "--cacert", str(self.ca), *resolve, *words, url]
        done = subprocess.run(argv, capture_output=True, check=False)
        assert done.returncode == 0, f"curl {url}: {done.stderr.decode()}"
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        return Answer(int(head.split()[1]), head.decode().lower(), body)


def interrupted_up(how: signal.Signals, marker: str, times: int) -> tuple[int, str]:
    """Start `up` and signal it once `marker` was printed `times` times; returns its exit code and last lines.

    A run that ends before is nothing to interrupt: then it is the exit code of a whole run.
    """
    # A shell that starts the tests in the background has its children ignore SIGINT.
    argv = ["env", "--default-signal=INT"]
    argv += [sys.executable, str(REPOSITORY / "cli.py"), "--env", ENVIRONMENT, "up", "--yes"]
    with subprocess.Popen(argv, stderr=subprocess.PIPE, text=True, cwd=REPOSITORY) as process:
        assert process.stderr
        said: list[str] = []
        for line in process.stderr:
            said.append(line)
            times -= marker in line
            if times == 0:
                process.send_signal(how)
        return process.wait(timeout=900), "".join(said[-30:])


def until_healthy(seconds: float = 120) -> None:
    """Wait until nothing is wrong: for tests that ended something, as the next one takes the stack for whole."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        try:
            shopctl("status", "--json")
        except AssertionError:
            time.sleep(1)
        else:
            return
    shopctl("status", "--json")


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The stack, up: killed again and again while it is made, stopped while it configures hosts, then let finish."""
    before: dict[str, set[str]] = {}
    killed: tuple[Moment, ...] = ()
    stopped: tuple[int, str] | None = None
    kept = bool(os.environ.get("SHOPCTL_KEEP")) and bool(teardown.find(ENVIRONMENT))
    if not kept:
        # What an earlier run left when it was ended would be repaired rather than made, with nothing to interrupt.
        shopctl("destroy", "--yes")
        before = machine(ENVIRONMENT, "10.78.")
        after = moments(KILLS, UP_SECONDS, seed())
        killed = tuple(kills(ENVIRONMENT, "up", after, tmp_path_factory.mktemp("kills")))
        stopped = interrupted_up(signal.SIGINT, "==> configuration", 1)
    up = json.loads(shopctl("up", "--yes", "--json"))
    outputs = json.loads(shopctl("outputs", "--json", "--show-secrets"))
    yield Stack(before, killed, stopped, up, outputs, Environment.load(ENVIRONMENT).ca_file)
    if not os.environ.get("SHOPCTL_KEEP"):
        shopctl("destroy", "--yes")


@pytest.fixture
def reach(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Host]:
    """A host by name, through the inventory and SSH, as testinfra sees it."""

    # testinfra looks for Ansible's programs on PATH.
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")

    def connect(name: str) -> Host:
        inventory = REPOSITORY / "inventories" / ENVIRONMENT
        return testinfra.get_host(f"ansible://{name}?ansible_inventory={inventory}&force_ansible=False")

    return connect
