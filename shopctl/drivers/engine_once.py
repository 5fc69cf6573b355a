"""The engine for what is done rather than kept: a program in a stack of its own that is thrown away at once.

A purge of the CDN is a resource, as only the engine speaks to the cloud, but one that stands for nothing: its creation
is the deed, and its deletion does nothing. In the environment's own stack it would be a change that the next `up` takes
back. So each gets a new stack, whose state is a folder that goes with it. What was killed leaves such a folder, and no
lock that anybody would wait for; doing it again is harmless.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from shopctl import paths
from shopctl.drivers import engine_state
from shopctl.drivers.engine import PARALLEL, open_engine
from shopctl.drivers.engine_events import Collector, EventHandler

if TYPE_CHECKING:
    from pulumi.automation import Stack

    from shopctl.drivers.engine import Engine
    from shopctl.environment import Environment
    from shopctl.plan import Plan
    from shopctl.report import Report

Program = Callable[[], None]


def run_once(
    environment: Environment,
    report: Report,
    name: str,
    program: Program,
    on_event: EventHandler | None = None,
) -> Plan:
    """Makes the program's resources and forgets them; returns what was made. Needs the lease.

    `name` is the stack's. Raises ShopctlError for what the cloud refuses.
    """
    from pulumi.automation import CommandError

    collector = Collector(name, environment.name, on_event)
    with open_engine(environment, report) as engine, _stack(engine, name, program) as stack:
        try:
            stack.up(parallel=PARALLEL, on_event=collector, color="never", suppress_outputs=True)
        except CommandError as error:
            raise collector.failure(name, error) from error
    return collector.plan()


@contextmanager
def _stack(engine: Engine, name: str, program: Program) -> Iterator[Stack]:
    from pulumi.automation._stack import StackInitMode

    from shopctl.drivers.engine_command import EngineCommand, LeanStack, LeanWorkspace

    environment = engine.environment
    folder = environment.state_dir / "once"
    shutil.rmtree(folder, ignore_errors=True)
    for part in (folder, folder / "state"):
        part.mkdir(mode=0o700)
    try:
        _write(folder / "Pulumi.yaml", {"name": engine_state.PROJECT, "runtime": "python"})
        _write(folder / f"Pulumi.{name}.yaml", {"config": _of_provider(environment.config_file)})
        workspace = LeanWorkspace(
            work_dir=str(folder),
            pulumi_home=str(paths.cache_root() / "pulumi-home"),
            program=program,
            env_vars={
                **engine.variables,
                "PULUMI_BACKEND_URL": f"{(folder / 'state').as_uri()}?metadata=skip",
                # Nothing in it is secret.
                "PULUMI_CONFIG_PASSPHRASE_FILE": "",
                "PULUMI_CONFIG_PASSPHRASE": name,
            },
            pulumi_command=EngineCommand(engine.binary, environment.logs / "engine.log"),
        )
        yield LeanStack(name, workspace, StackInitMode.CREATE)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _of_provider(file: Path) -> dict[str, str]:
    """The environment's settings that are the provider's; its keys are never among them."""
    config = (yaml.safe_load(file.read_text()) or {}).get("config") or {}
    return {
        key: value
        for key, value in config.items()
        if key.startswith("tencentcloud:") and isinstance(value, str)
    }


def _write(file: Path, content: dict[str, object]) -> None:
    file.write_text(yaml.safe_dump(content))
