"""The environment's hosts: which there are, commands on them, their logs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shopctl import outputs as stack_outputs
from shopctl.drivers import subprocess
from shopctl.drivers.ssh import Fleet
from shopctl.errors import BadInputError, ShopctlError

if TYPE_CHECKING:
    from infra.outputs import Host
    from shopctl.environment import Environment
    from shopctl.report import Report

LineHandler = Callable[[str, str], None]


@dataclass(frozen=True)
class HostResult:
    """How a command ended on one host; `error` when it couldn't be run there."""

    host: str
    code: int
    stdout: str = ""
    stderr: str = ""
    error: str = ""


def listing(environment: Environment, report: Report) -> list[Host]:
    """All hosts."""
    return list(stack_outputs.read(environment, report).hosts)


def run(
    environment: Environment,
    report: Report,
    target: str,
    argv: Sequence[str],
    on_line: LineHandler | None = None,
) -> list[HostResult]:
    """Runs a command on a host, or on all hosts of a role."""
    fleet = Fleet(environment, stack_outputs.read(environment, report))
    hosts = fleet.choose(target)
    answers = fleet.run_all(hosts, argv, on_line)
    return [_result(host, answer) for host, answer in zip(hosts, answers, strict=True)]


def open_shell(environment: Environment, report: Report, name: str, argv: Sequence[str]) -> None:
    """Becomes an SSH session on a host."""
    fleet = Fleet(environment, stack_outputs.read(environment, report))
    hosts = fleet.choose(name)
    if len(hosts) != 1:
        names = ", ".join(host.name for host in hosts)
        raise BadInputError(f"{name!r} is more than one host", next_step=f"choose one of: {names}")
    fleet.forget_replaced()
    subprocess.replace_this_process(fleet.command(hosts[0], argv))


def logs(
    environment: Environment,
    report: Report,
    target: str,
    *,
    unit: str | None,
    lines: int,
    since: str | None,
    follow: bool,
    on_line: LineHandler,
) -> list[HostResult]:
    """The journals of a host or of a role's hosts. Without --follow they are merged in the order of time."""
    argv = journalctl(unit=unit, lines=lines, since=since, follow=follow)
    if follow:
        return run(environment, report, target, argv, on_line)
    results = run(environment, report, target, argv)
    for host, line in merge({result.host: result.stdout.splitlines() for result in results})[-lines:]:
        on_line(host, line)
    return results


def journalctl(*, unit: str | None, lines: int, since: str | None, follow: bool) -> list[str]:
    """The command line. Every line begins with a time that can be sorted, the same on each host."""
    argv = ["journalctl", "--no-pager", "--quiet", "--utc", "--output=short-iso-precise", f"--lines={lines}"]
    if unit:
        argv.append(f"--unit={unit}")
    if since:
        argv.append(f"--since={since}")
    if follow:
        argv.append("--follow")
    return argv


def merge(by_host: dict[str, list[str]]) -> list[tuple[str, str]]:
    """Lines of several hosts by time. A line without one stays behind the line before it."""
    keyed: list[tuple[str, str, str]] = []
    for host, lines in by_host.items():
        time = ""
        for line in lines:
            time = line.split(" ", 1)[0] if line[:1].isdigit() else time
            keyed.append((time, host, line))
    return [(host, line) for _, host, line in sorted(keyed, key=lambda item: item[0])]


def _result(host: Host, answer: object) -> HostResult:
    if isinstance(answer, ShopctlError):
        return HostResult(host.name, 255, error=answer.what)
    return HostResult(host.name, answer.code, answer.stdout, answer.stderr)  # type: ignore[attr-defined]
