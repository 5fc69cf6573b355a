"""Measures rollouts under shoppers against their limits, and a plain Ansible rollout beside them, on the same hosts.

`python bench/deploy.py [--env local] [--shoppers 20] [--json]` needs an environment that is up; it ends on the version
that it began with. One run, so that whatever else the machine does meets all of it.
"""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.figures import Figure  # noqa: E402 - a script's own folder is on the path, its checkout is not
from shopctl import outputs as stack_outputs  # noqa: E402
from shopctl.drivers import ansible  # noqa: E402
from shopctl.drivers.ssh import Fleet  # noqa: E402
from shopctl.environment import Environment  # noqa: E402
from shopctl.release import find  # noqa: E402
from shopctl.report import Report  # noqa: E402
from shopctl.rollout import commands, fleet  # noqa: E402
from shopctl.rollout.facts import HostFacts  # noqa: E402

DEPLOY_SECONDS, FURTHER_SECONDS, ROLLBACK_SECONDS, SAME_SECONDS = 45.0, 10.0, 15.0, 5.0


def shopctl(environment: str, *words: str) -> Any:
    """Runs a command and returns its JSON; ends everything when it fails."""
    argv = [sys.executable, str(ROOT / "cli.py"), "--env", environment, *words, "--json"]
    done = subprocess.run(argv, stdout=subprocess.PIPE, text=True, check=False, cwd=ROOT)
    if done.returncode:
        raise SystemExit(f"shopctl {' '.join(words)} failed:\n{done.stdout}")
    return json.loads(done.stdout)


@dataclass
class Shoppers:
    """What those said who shopped meanwhile."""

    told: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def failed(self) -> int:
        """Requests that failed, also those that shoppers sent again and then got an answer to."""
        return int(self.told["errors"]) + int(self.told["figures"]["repeats"])

    @property
    def problem(self) -> str | None:
        """Why a rollout was not unnoticed."""
        findings = self.told["verdict"]["findings"]
        if self.failed or findings:
            return f"{self.failed} requests failed, {len(findings)} findings in the ledger"
        return None


@contextmanager
def shopping(environment: str, count: int) -> Iterator[Shoppers]:
    """Shoppers for as long as it lasts."""
    argv = [sys.executable, str(ROOT / "cli.py"), "--env", environment, "load", "--json", "--for", "60m"]
    shoppers = Shoppers()
    with subprocess.Popen([*argv, "--shoppers", str(count)], stdout=subprocess.PIPE, text=True) as load:
        try:
            time.sleep(8)
            yield shoppers
        finally:
            load.send_signal(signal.SIGINT)
            out, _ = load.communicate(timeout=300)
        shoppers.told = json.loads(out)


def built(environment: str, folder: Path, mark: str) -> str:
    """A release that differs from the checkout's by a mark."""
    shutil.copytree(ROOT / "app", folder / mark, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / mark / "marker.txt").write_text(mark)
    return str(shopctl(environment, "release", "build", "--from", str(folder / mark))["id"])


def timed(environment: str, *words: str) -> tuple[float, dict[str, Any]]:
    """Seconds of a command, as its user waits for them, and what it said."""
    began = time.monotonic()
    said = shopctl(environment, *words, "--yes")
    return time.monotonic() - began, said


def floor(said: dict[str, Any]) -> float:
    """What no rollout can do without, of the slowest host: start, readiness, warm-up, change-over and drain."""
    parts = ("start", "ready", "warm", "flip", "drain")
    each: dict[str, dict[str, float]] = said["hosts"]
    return max(sum(stages.get(part, 0.0) for part in parts) for stages in each.values())


def rolled(name: str, limit: float, seconds: float, said: dict[str, Any], shoppers: Shoppers) -> Figure:
    """A rollout's figure: its time, against the floor, with the requests that failed meanwhile."""
    each = {
        "s are the floor": floor(said),
        "times the floor": seconds / floor(said),
        "requests failed": shoppers.failed,
    }
    return Figure(name, seconds, limit, "s", problem=shoppers.problem, each=each)


def looked(environment: str) -> HostFacts:
    """What the first web host has."""
    env, report = Environment.load(environment), Report(quiet=True)
    hosts = Fleet(env, stack_outputs.read(env, report))
    with fleet.lines(hosts) as lines:
        return fleet.look(lines)[0]


def plainly(environment: str, release: str, version: str) -> float:
    """The plain rollout of a version that is on the hosts; seconds."""
    env, first = Environment.load(environment), looked(environment)
    raw = stack_outputs.raw(env, Report(quiet=True))
    new = [(group, version) for group in first.versions[version].all_groups]
    old = [(group, serving) for group, serving in first.serving.items()]
    variables: dict[str, Any] = {
        "archive": str(find(release).archive),
        "old_units": [f"{name}.service" for name in commands.names(old)],
        "new_units": [f"{name}.service" for name in commands.names(new)],
        "install": list(commands.install(new)),
        "flip": list(commands.flip([group for group, _ in new], version)),
        "host": first.versions[version].host,
    }
    began = time.monotonic()
    ansible.play(env, "../bench/serial.yml", outputs=raw, variables=variables)
    return time.monotonic() - began


def measure(environment: str, count: int) -> list[Figure]:
    """All figures, in the order in which they are measured."""
    with tempfile.TemporaryDirectory(prefix="shopctl-bench-") as folder:
        one, other = (built(environment, Path(folder), mark) for mark in ("one", "other"))
    before = looked(environment).serving["trade"]
    with shopping(environment, count) as shoppers:
        seconds, said = timed(environment, "deploy", one)
    figures = [rolled("deploy under shoppers", DEPLOY_SECONDS, seconds, said, shoppers)]
    phases: dict[str, float] = said["phases"]
    further = phases["other hosts"] / max(len(said["hosts"]) - 1, 1)
    figures.append(Figure("each further host", further, FURTHER_SECONDS, "s"))
    seconds, said = timed(environment, "deploy", one)
    figures.append(Figure("deploy of what serves", seconds, SAME_SECONDS, "s"))
    shopctl(environment, "deploy", other, "--yes", "--no-judge")
    with shopping(environment, count) as shoppers:
        seconds, said = timed(environment, "rollback")
    figures.append(rolled("rollback under shoppers", ROLLBACK_SECONDS, seconds, said, shoppers))
    version = next(name for name in looked(environment).versions if name.startswith(other))
    with shopping(environment, count) as shoppers:
        plain = plainly(environment, other, version)
    each = {"requests failed": shoppers.failed, "times ours": plain / figures[0].value}
    figures.append(Figure("plain Ansible, serial: 1", plain, plain, "s", each=each))
    shopctl(environment, "rollback", before, "--yes")
    return figures


def main() -> int:
    """0 when every limit is kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--env", default="local")
    parser.add_argument("--shoppers", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    figures = measure(asked.env, asked.shoppers)
    if asked.json:
        print(json.dumps([figure.as_json() for figure in figures], indent=2))
    else:
        print("\n".join(line for figure in figures for line in figure.lines()))
    return 0 if all(figure.kept for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
