"""`kill -9` of shopctl at random moments, and what was there after each."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from region.hosts import list_hosts
from shopctl.drivers import engine_state
from shopctl.environment import Environment

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Moment:
    """One kill, `after` how many seconds, and what was there then.

    `ended` is the exit code of a run that was over by then.
    """

    command: str
    after: float
    ended: int | None
    resources: int
    hosts: int
    pending: tuple[str, ...]
    said: str

    def line(self) -> str:
        """For the table of all moments."""
        how = "killed" if self.ended is None else f"ended by itself, exit {self.ended}"
        pending = f", under way: {', '.join(self.pending)}" if self.pending else ""
        there = f"{self.resources} resources, {self.hosts} hosts running{pending}"
        return f"{self.command:<8} {self.after:5.1f} s  {how}: {there}; last line: {self.said}"


def moments(count: int, seconds: float, seed: int) -> list[float]:
    """Pure: when to kill each of `count` runs, in seconds after its start."""
    chance = random.Random(seed)
    return [round(chance.uniform(0, seconds), 2) for _ in range(count)]


def kill(environment: str, command: str, after: float, log: Path) -> Moment:
    """Start a command, kill it after so many seconds, and look at what is there."""
    argv = [sys.executable, str(REPOSITORY / "cli.py"), "--env", environment, command, "--yes"]
    with log.open("wb") as said, subprocess.Popen(argv, stdout=said, stderr=said, cwd=REPOSITORY) as process:
        ended: int | None = None
        try:
            ended = process.wait(after)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
    lines = log.read_text(errors="replace").splitlines() or [""]
    place = Environment.load(environment)
    return Moment(
        command,
        after,
        ended,
        len(engine_state.resources(place)),
        sum(host.state == "running" for host in list_hosts(environment)),
        tuple(engine_state.pending_operations(place)),
        lines[-1].strip()[:100],
    )


def kills(
    environment: str,
    command: str,
    after: Iterable[float],
    logs: Path,
    before: Callable[[], None] | None = None,
) -> list[Moment]:
    """Kill a command at each of the moments. `before` gives each run something to do."""
    logs.mkdir(parents=True, exist_ok=True)
    seen: list[Moment] = []
    for number, seconds in enumerate(after):
        if before:
            before()
        seen.append(kill(environment, command, seconds, logs / f"{command}-{number}.log"))
    return seen


def table(seen: Iterable[Moment]) -> str:
    """One line for each moment."""
    return "\n".join(moment.line() for moment in seen)


def seed() -> int:
    """Another one for each run, unless SHOPCTL_SEED repeats an earlier one."""
    return int(os.environ.get("SHOPCTL_SEED") or time.time_ns() % 1_000_000)
