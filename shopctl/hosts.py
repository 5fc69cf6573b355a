"""The environment's hosts: which there are, commands on them, a shell there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shopctl import outputs as stack_outputs
from shopctl.drivers import subprocess
from shopctl.drivers.ssh import Fleet
from shopctl.errors import ShopctlError

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


class Chosen:
    """The hosts that a name stands for: one host, a role's, or all. `names`: all of the environment, in their order."""

    def __init__(self, environment: Environment, report: Report, target: str) -> None:
        outputs = stack_outputs.read(environment, report)
        self._fleet = Fleet(environment, outputs)
        self.names = tuple(host.name for host in outputs.hosts)
        self.hosts: Sequence[Host] = self._fleet.choose(target)

    def run(self, argv: Sequence[str], on_line: LineHandler | None = None) -> list[HostResult]:
        """Runs a command on each of them, at once."""
        answers = self._fleet.run_all(self.hosts, argv, on_line)
        return [_result(host, answer) for host, answer in zip(self.hosts, answers, strict=True)]

    def first_that_answers(self) -> Host:
        """Of several. Raises ShopctlError when none does; a single one is asked by whoever needs it."""
        if len(self.hosts) == 1:
            return self.hosts[0]
        errors: list[ShopctlError] = []
        for host in self.hosts:
            try:
                with self._fleet.connected(host):
                    return host
            except ShopctlError as error:
                errors.append(error)
        raise ShopctlError(
            f"none of {', '.join(host.name for host in self.hosts)} answers by SSH",
            last_lines=[f"{error.where}: {error.what}" for error in errors],
            next_step="shopctl status",
        )

    def open_shell(self, host: Host, argv: Sequence[str]) -> None:
        """Becomes an SSH session on one of them."""
        self._fleet.forget_replaced()
        subprocess.replace_this_process(self._fleet.command(host, argv))


def listing(environment: Environment, report: Report) -> list[Host]:
    """All hosts."""
    return list(stack_outputs.read(environment, report).hosts)


def _result(host: Host, answer: object) -> HostResult:
    if isinstance(answer, ShopctlError):
        return HostResult(host.name, 255, error=answer.what)
    return HostResult(host.name, answer.code, answer.stdout, answer.stderr)  # type: ignore[attr-defined]
