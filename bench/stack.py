"""The running stack as measurements need it: questions asked on a web host, and the shop's own code run there."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from shopctl import load
from shopctl import outputs as stack_outputs
from shopctl.drivers.ssh import Fleet
from shopctl.environment import Environment
from shopctl.report import Report
from shopctl.rollout import commands, facts
from shopctl.shopper.target import Target

ASKING = Path(__file__).with_name("asking.py")
_DJANGO = (
    "import os, django; os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings'); django.setup()\n"
)


class Stack:
    """An environment that is up."""

    def __init__(self, name: str) -> None:
        report = Report()
        self.environment = Environment.load(name)
        self.outputs = stack_outputs.read(self.environment, report)
        self.target: Target = load.target(self.environment, report)
        self._fleet = Fleet(self.environment, self.outputs)
        self._web = next(host for host in self.outputs.hosts if host.role == "web")

    def ask(
        self,
        group: str,
        addresses: Mapping[str, Sequence[str]],
        *,
        seconds: float,
        rounds: int,
        connections: int,
    ) -> dict[str, dict[str, Any]]:
        """Figures for each name, asked on the first web host itself."""
        asked = {
            "socket": commands.link(group),
            "host": self.outputs.domain,
            "addresses": {name: list(paths) for name, paths in addresses.items()},
            "seconds": seconds,
            "rounds": rounds,
            "connections": connections,
        }
        found: dict[str, dict[str, Any]] = json.loads(
            self._run(["python3", "-c", ASKING.read_text(), json.dumps(asked)])
        )
        return found

    def django(self, group: str, code: str, *values: object) -> Any:
        """Run code in the container of a process group, which prints JSON; `values` are its `sys.argv[1:]`."""
        version = facts.serving(self._run(commands.LINKS))[group]
        argv = [
            "podman",
            "exec",
            *commands.names([(group, version)]),
            "python",
            "-c",
            _DJANGO + code,
            *(str(value) for value in values),
        ]
        return json.loads(self._run(argv).strip().splitlines()[-1])

    def _run(self, argv: Sequence[str]) -> str:
        done = self._fleet.run(self._web, argv, timeout=600)
        if done.code:
            raise SystemExit(f"{argv[0]} on {self._web.name} failed:\n{done.stdout}\n{done.stderr}")
        return done.stdout
