"""The Pulumi engine, by its Automation API: preview, up, refresh, destroy and outputs of one environment."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shopctl import paths
from shopctl.drivers import bucket, engine_state, hints, plugin
from shopctl.drivers.engine_events import Collector, EventHandler
from shopctl.errors import ShopctlError

if TYPE_CHECKING:
    from pulumi.automation import LocalWorkspace, Stack

    from shopctl.environment import Environment
    from shopctl.plan import Plan
    from shopctl.report import Report

# Enough for every host of the stack to boot at once; more only makes a small machine slower.
PARALLEL = 16


@dataclass(frozen=True)
class Scope:
    """Which resources an operation is limited to, by URN; none: the whole stack."""

    urns: tuple[str, ...] = ()
    dependents: bool = False


WHOLE = Scope()


class Engine:
    """The stack of one environment. Made by `open_engine`."""

    def __init__(self, environment: Environment, binary: Path, variables: dict[str, str]) -> None:
        self.environment = environment
        self.binary = binary
        self.variables = variables
        self._opened: Stack | None = None

    def preview(
        self,
        on_event: EventHandler | None = None,
        *,
        scope: Scope = WHOLE,
        save: Path | None = None,
    ) -> Plan:
        """What `up` would change, without changing it; every resource is read first.

        `save`: the engine's own plan goes into that file, secrets encrypted.
        """
        return self._preview(on_event, scope, save).plan()

    def names(self) -> dict[str, str]:
        """The full name (URN) of every resource that the program asks for, by its short one."""
        return self._preview(None, WHOLE, None).urns

    def up(
        self,
        on_event: EventHandler | None = None,
        *,
        scope: Scope = WHOLE,
        constraint: Path | None = None,
    ) -> Plan:
        """Makes the stack what the program says, after reading what is there; returns what was changed.

        `constraint`: a file of `preview(save=...)`; a step that it does not have ends the operation.
        """
        collector = Collector("up", self.environment.name, on_event)
        self._do(
            "up",
            lambda stack: stack.up(
                parallel=PARALLEL,
                on_event=collector,
                color="never",
                refresh=True,
                suppress_outputs=True,
                target=list(scope.urns) or None,
                target_dependents=scope.dependents or None,
                plan=str(constraint) if constraint else None,
            ),
            collector,
        )
        return collector.plan()

    def drift(self, on_event: EventHandler | None = None) -> Plan:
        """Reads every resource, and returns what differs from the state; changes neither."""
        collector = Collector("refresh", self.environment.name, on_event)
        self._do(
            "preview", lambda stack: stack.preview_refresh(parallel=PARALLEL, on_event=collector), collector
        )
        return collector.plan()

    def refresh(self, on_event: EventHandler | None = None) -> Plan:
        """Reads every resource back into the state; returns what differed."""
        collector = Collector("refresh", self.environment.name, on_event)
        self._do("refresh", lambda stack: stack.refresh(parallel=PARALLEL, on_event=collector), collector)
        return collector.plan()

    def destroy(self, on_event: EventHandler | None = None) -> Plan:
        """Removes every resource of the stack."""
        collector = Collector("destroy", self.environment.name, on_event)
        self._do(
            "destroy",
            lambda stack: stack.destroy(parallel=PARALLEL, on_event=collector, color="never"),
            collector,
        )
        return collector.plan()

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs, with secrets. Empty when the stack was never brought up."""
        if not engine_state.exists(self.environment):
            return {}
        outputs: dict[str, Any] = json.loads(self._command(["stack", "output", "--json", "--show-secrets"]))
        return outputs

    def repair(self, report: Report) -> None:
        """Undoes what a killed engine left: its lock, its unfinished operations. Needs the lease."""
        engine_state.remove_dead_locks(self.environment, report)
        if pending := engine_state.pending_operations(self.environment):
            for line in pending:
                report(f"    unfinished when the last run stopped, will be done again: {line}")
            exported = json.loads(self._command(["stack", "export"]))
            exported["deployment"]["pending_operations"] = []
            self._command(["stack", "import"], stdin=json.dumps(exported))

    def unprotect(self) -> None:
        """Lifts the protection of every resource of the state."""
        self._command(["state", "unprotect", "--all", "--yes"])

    def initialise(self) -> None:
        """Creates the stack when it isn't there."""
        self._stack()

    def set_secret(self, name: str, value: str) -> None:
        """Encrypts a configuration value. It goes by standard input: anybody can read argument lists."""
        self._command(["config", "set", "--secret", name], stdin=value)

    def _preview(self, on_event: EventHandler | None, scope: Scope, save: Path | None) -> Collector:
        collector = Collector("up", self.environment.name, on_event)
        self._do(
            "preview",
            lambda stack: stack.preview(
                parallel=PARALLEL,
                on_event=collector,
                refresh=True,
                suppress_outputs=True,
                target=list(scope.urns) or None,
                target_dependents=scope.dependents or None,
                plan=str(save) if save else None,
            ),
            collector,
            tolerate=Collector.only_protected,
        )
        return collector

    def _do(
        self,
        action: str,
        call: Callable[[Stack], object],
        collector: Collector,
        tolerate: Callable[[Collector], bool] = lambda _: False,
    ) -> None:
        from pulumi.automation import CommandError

        try:
            call(self._stack())
        except CommandError as error:
            if not tolerate(collector):
                raise collector.failure(action, error) from error

    def _command(self, arguments: list[str], stdin: str | None = None) -> str:
        from pulumi.automation import CommandError

        command = self._workspace().pulumi_command
        variables = {**self.variables, **_home()}
        try:
            with command.feeding(stdin):  # type: ignore[attr-defined]
                return command.run(
                    [*arguments, "--stack", self.environment.name], str(self.environment.workspace), variables
                ).stdout
        except CommandError as error:
            lines = [line for line in str(error).splitlines() if line.strip()]
            hint = hints.of_words("\n".join(lines))
            raise ShopctlError(
                f"the engine refused: {hint.what}" if hint else "the engine refused",
                where=self.environment.name,
                command=f"pulumi {' '.join(arguments)}",
                last_lines=lines,
                next_step=hint.next_step if hint else None,
            ) from error

    def _workspace(self) -> LocalWorkspace:
        from infra.program import program
        from shopctl.drivers.engine_command import EngineCommand, LeanWorkspace

        workspace = LeanWorkspace(
            work_dir=str(self.environment.workspace),
            pulumi_home=_home()["PULUMI_HOME"],
            program=program,
            env_vars=self.variables,
            pulumi_command=EngineCommand(self.binary, self.environment.logs / "engine.log"),
        )
        workspace.known = engine_state.exists(self.environment)
        return workspace

    def _stack(self) -> Stack:
        if self._opened is None:
            from pulumi.automation._stack import StackInitMode

            from shopctl.drivers.engine_command import LeanStack

            # `create_or_select` is a class method that makes a plain Stack whatever class it is called on.
            mode = StackInitMode.CREATE_OR_SELECT
            self._opened = LeanStack(self.environment.name, self._workspace(), mode)
        return self._opened


@contextmanager
def open_engine(environment: Environment, report: Report, *, provider: bool = True) -> Iterator[Engine]:
    """The environment's engine, with the local region's provider when it has a local region.

    `provider=False` spares its start, for calls that read the state alone.
    """
    binary = _binary(report)
    variables = {
        **_backend(environment),
        "PULUMI_SKIP_UPDATE_CHECK": "1",
        "PULUMI_CONFIG_PASSPHRASE_FILE": str(environment.passphrase_file),
        # A passphrase of the operator's own shell belongs to some other stack.
        "PULUMI_CONFIG_PASSPHRASE": "",
    }
    for folder in (environment.workspace, environment.backend, environment.logs):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    # The provider is this process, or was found: there is nothing to look for or to download.
    variables["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] = "true"
    if not provider:
        yield Engine(environment, binary, variables)
        return
    if environment.region is None:
        variables["PATH"] = plugin.path_with(plugin.find(Path(_home()["PULUMI_HOME"])))
        yield Engine(environment, binary, variables)
        return
    from region.provider import serve

    with serve(environment.region, environment.logs / "provider.log") as port:
        variables["PULUMI_DEBUG_PROVIDERS"] = f"tencentcloud:{port}"
        yield Engine(environment, binary, variables)


def _backend(environment: Environment) -> dict[str, str]:
    if environment.bucket is not None:
        return {
            "PULUMI_BACKEND_URL": bucket.engine_url(environment.bucket),
            **bucket.engine_variables(),
        }
    # Without the store's sidecar files of attributes: they are written in place, and one that a killed engine left
    # empty makes the whole state unreadable ("failed to load checkpoint: EOF").
    return {"PULUMI_BACKEND_URL": f"{environment.backend.as_uri()}?metadata=skip"}


def _binary(report: Report) -> Path:
    if chosen := os.environ.get("SHOPCTL_PULUMI"):
        return Path(chosen)
    from tools.build import ensure

    return ensure("pulumi", report)


def _home() -> dict[str, str]:
    return {"PULUMI_HOME": str(paths.cache_root() / "pulumi-home")}
