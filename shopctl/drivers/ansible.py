"""ansible-playbook: with the stack's outputs, live progress, and a failure that names host and task."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shopctl import paths
from shopctl.drivers import subprocess
from shopctl.errors import ShopctlError

if TYPE_CHECKING:
    from shopctl.environment import Environment

_PLUGINS = Path(__file__).parent / "ansible_plugins"
_EXIT_CODES = tuple(range(256))


@dataclass(frozen=True)
class HostRecap:
    """What a play did on one host."""

    ok: int
    changed: int
    failed: int
    unreachable: int


@dataclass(frozen=True)
class Result:
    """A finished run. `answers`: what debug tasks said, by host and task."""

    hosts: dict[str, HostRecap]
    answers: dict[tuple[str, str], Any] = field(default_factory=dict[tuple[str, str], Any])

    @property
    def changed(self) -> int:
        """Tasks that changed something, on all hosts."""
        return sum(host.changed for host in self.hosts.values())


@dataclass(frozen=True)
class TaskEvent:
    """A task begins, or a host's result of it."""

    kind: str
    task: str
    host: str = ""
    changed: bool = False


@dataclass
class Events:
    """Collects the lines of our callback plugin. Lines that aren't its own are kept for the error."""

    handler: Callable[[TaskEvent], None] | None = None
    recap: dict[str, HostRecap] = field(default_factory=dict[str, HostRecap])
    failures: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    other: list[str] = field(default_factory=list[str])
    answers: dict[tuple[str, str], Any] = field(default_factory=dict[tuple[str, str], Any])

    def take(self, line: str) -> None:
        """One line of output."""
        try:
            event = json.loads(line)
            kind = event["shopctl"]
        except (ValueError, TypeError, KeyError):
            self.other.append(line)
            return
        if kind == "recap":
            self.recap = {
                host: HostRecap(n["ok"], n["changed"], n["failures"], n["unreachable"])
                for host, n in event["hosts"].items()
            }
        elif kind in {"failed", "unreachable"}:
            self.failures.append(event)
        elif "answer" in event:
            self.answers[event["host"], event["task"].rpartition(" : ")[2]] = event["answer"]
        if self.handler and kind in {"task", "ok", "failed", "unreachable"}:
            self.handler(
                TaskEvent(
                    kind,
                    event.get("name") or event.get("task"),
                    event.get("host", ""),
                    bool(event.get("changed")),
                )
            )


def play(
    environment: Environment,
    playbook: str,
    *,
    outputs: Mapping[str, Any] | None = None,
    variables: Mapping[str, str] | None = None,
    inventory: str | None = None,
    limit: str | None = None,
    tags: Sequence[str] = (),
    on_event: Callable[[TaskEvent], None] | None = None,
) -> Result:
    """Runs a playbook, or what of it has one of the tags. Raises ShopctlError that names host and task."""
    events = Events(on_event)
    log = environment.logs / "ansible.log"
    argv = [str(Path(sys.executable).parent / "ansible-playbook"), str(Path("playbooks") / playbook)]
    argv += ["-i", inventory or f"inventories/{environment.name}"]
    if limit:
        argv += ["--limit", limit]
    if tags:
        argv += ["--tags", ",".join(tags)]
    for name, value in (variables or {}).items():
        argv += ["--extra-vars", json.dumps({name: value})]
    with _outputs_file(outputs) as file:
        env = _variables(environment, file)
        subprocess.run(
            argv, env=env, cwd=paths.REPOSITORY, log=log, on_line=events.take, expected=_EXIT_CODES
        )
    clean = events.recap and not any(h.failed or h.unreachable for h in events.recap.values())
    if events.failures or not clean:
        raise _failure(environment, argv, events, log)
    return Result(events.recap, events.answers)


def _failure(environment: Environment, argv: list[str], events: Events, log: Path) -> ShopctlError:
    command = " ".join(["ansible-playbook", *argv[1:4]])
    again = f"mend the cause and run `shopctl --env {environment.name} up` again; the full output is in {log}"
    if not events.failures:
        return ShopctlError("Ansible failed", command=command, last_lines=events.other, next_step=again)
    first = events.failures[0]
    lines = [str(line) for line in first.get("message", ())]
    others = sorted({f["host"] for f in events.failures[1:]} - {first["host"]})
    if others:
        lines.append(f"(also failed: {', '.join(others)})")
    unreachable = first["shopctl"] == "unreachable"
    return ShopctlError(
        f"{first['host']} cannot be reached" if unreachable else f"the task {first['task']!r} failed",
        where=first["host"],
        command=command,
        last_lines=lines,
        next_step=again,
    )


@contextmanager
def _outputs_file(outputs: Mapping[str, Any] | None) -> Iterator[Path | None]:
    """The outputs hold secrets: a file that only we can read, gone when Ansible is done."""
    if outputs is None:
        yield None
        return
    descriptor, name = tempfile.mkstemp(prefix="shopctl-outputs-", suffix=".json")
    try:
        with os.fdopen(descriptor, "w") as stream:
            json.dump(outputs, stream)
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _variables(environment: Environment, outputs: Path | None) -> dict[str, str]:
    variables = {
        "ANSIBLE_CONFIG": str(paths.REPOSITORY / "ansible.cfg"),
        "ANSIBLE_STDOUT_CALLBACK": "shopctl_events",
        "ANSIBLE_CALLBACK_PLUGINS": str(_PLUGINS),
        "ANSIBLE_NOCOLOR": "1",
        "SHOPCTL_ENV": environment.name,
        **strategy(),
    }
    if outputs:
        variables["SHOPCTL_OUTPUTS_FILE"] = str(outputs)
    return variables


def strategy() -> dict[str, str]:
    """Mitogen's strategy where it is installed: several times fewer round trips per task."""
    found = importlib.util.find_spec("ansible_mitogen")
    if found is None or not found.submodule_search_locations or os.environ.get("SHOPCTL_PLAIN_ANSIBLE"):
        return {}
    plugins = Path(found.submodule_search_locations[0]) / "plugins" / "strategy"
    return {"ANSIBLE_STRATEGY_PLUGINS": str(plugins), "ANSIBLE_STRATEGY": "mitogen_linear"}
