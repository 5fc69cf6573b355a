"""Which host a name opens, and how a command on several hosts ends."""

import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
import typer

from shopctl import hosts
from shopctl.commands import hosts as commands
from shopctl.environment import Environment
from shopctl.errors import BadInputError, ShopctlError
from shopctl.hosts import HostResult


class Host:
    def __init__(self, name: str) -> None:
        self.name, self.role = name, name.split("-")[0]


class Outputs:
    hosts = (Host("web-1"), Host("web-2"), Host("ops-1"))


class Fleet:
    """Hosts of which some are away."""

    away: tuple[str, ...] = ()
    opened: Sequence[str] = ()

    def __init__(self, environment: Any, outputs: Any) -> None:
        pass

    def choose(self, name: str) -> list[Host]:
        return [host for host in Outputs.hosts if name in {host.name, host.role, "all"}]

    @contextmanager
    def connected(self, host: Host) -> Iterator[None]:
        if host.name in self.away:
            raise ShopctlError("cannot reach it by SSH", where=host.name)
        yield

    def forget_replaced(self) -> None:
        pass

    def command(self, host: Host, argv: Sequence[str]) -> list[str]:
        return ["ssh", host.name, *argv]

    def run_all(self, chosen: Sequence[Host], argv: Sequence[str], on_line: Any) -> list[Any]:
        return [
            ShopctlError("cannot reach it by SSH", where=host.name)
            if host.name in self.away
            else HostResult(host.name, 1 if argv == ["false"] else 0)
            for host in chosen
        ]


@pytest.fixture(autouse=True)
def fleet(monkeypatch: pytest.MonkeyPatch) -> type[Fleet]:
    class Mine(Fleet):
        pass

    def become(argv: Sequence[str]) -> None:
        Mine.opened = argv

    monkeypatch.setattr(hosts, "Fleet", Mine)
    monkeypatch.setattr("shopctl.outputs.read", lambda *_: Outputs)
    monkeypatch.setattr("shopctl.drivers.subprocess.replace_this_process", become)
    monkeypatch.setattr("shopctl.commands.options.environment", lambda _: Environment.load("local"))
    return Mine


def test_a_role_opens_its_first_host_and_says_which(
    fleet: type[Fleet], capsys: pytest.CaptureFixture[str]
) -> None:
    commands.ssh("web", ["--", "uptime"])
    assert fleet.opened == ["ssh", "web-1", "uptime"]
    assert "web: this is web-1; there are web-2, too" in capsys.readouterr().err


def test_one_host_is_opened_without_a_word(fleet: type[Fleet], capsys: pytest.CaptureFixture[str]) -> None:
    fleet.away = ("web-2",)
    commands.ssh("web-2")
    # OpenSSH itself says what is wrong with it.
    assert fleet.opened == ["ssh", "web-2"]
    assert capsys.readouterr().err == ""


def test_a_host_that_is_away_is_passed_over(fleet: type[Fleet]) -> None:
    fleet.away = ("web-1",)
    commands.ssh("web")
    assert fleet.opened == ["ssh", "web-2"]


def test_when_none_answers_each_is_named(fleet: type[Fleet]) -> None:
    fleet.away = ("web-1", "web-2")
    with pytest.raises(ShopctlError, match="none of web-1, web-2 answers") as caught:
        commands.ssh("web")
    assert caught.value.last_lines == ("web-1: cannot reach it by SSH", "web-2: cannot reach it by SSH")


@pytest.mark.parametrize("words", [["--all", "--", "false"], ["--all", "false"]])
def test_all_runs_it_everywhere_and_counts_the_failures(
    fleet: type[Fleet], capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    with pytest.raises(typer.Exit) as caught:
        commands.ssh("web", words)
    assert caught.value.exit_code == 1
    assert capsys.readouterr().err.splitlines()[-1] == "failed on 2 of 2: web-1, web-2"


def test_a_shell_on_several_hosts_is_refused() -> None:
    with pytest.raises(BadInputError, match="a shell is on one host"):
        commands.ssh("web", ["--all"])


def test_what_was_not_reached_is_counted_among_the_failures(
    fleet: type[Fleet], capsys: pytest.CaptureFixture[str]
) -> None:
    fleet.away = ("web-2",)
    with pytest.raises(typer.Exit):
        commands.run("all", ["true"])
    assert capsys.readouterr().err.splitlines() == [
        "web-2 ! cannot reach it by SSH",
        "failed on 1 of 3: web-2",
    ]
    # Python's own way with it: by default it would end us without a word when a host breaks off.
    assert signal.getsignal(signal.SIGPIPE) is signal.SIG_IGN


def test_who_has_seen_enough_ends_the_command_as_it_ends_a_filter() -> None:
    """`shopctl run web -- ... | head -1`, with lines that come from threads."""
    lines = """
import threading
from shopctl.commands.hosts import _printer

def print_all():
    for number in range(100_000):
        say("web-1", str(number))

say = _printer(("web-1",))
thread = threading.Thread(target=print_all)
thread.start()
thread.join()
print("went on")
"""
    with subprocess.Popen(
        [sys.executable, "-c", lines], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline() == "web-1 | 0\n"
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(timeout=30) == 128 + signal.SIGPIPE
