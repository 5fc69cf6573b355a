"""How the engine's process runs: stopped gently by Ctrl-C, logged in full, without calls nobody needs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from pulumi._version import version as sdk_version
from pulumi.automation import LocalWorkspace, OutputMap, PulumiCommand, Stack, UpdateSummary
from pulumi.automation._cmd import CommandResult
from pulumi.automation.errors import create_command_error

from shopctl.drivers import hints
from shopctl.drivers.subprocess import tied
from shopctl.errors import ShopctlError, StoppedError


class EngineCommand(PulumiCommand):
    """The engine's binary.

    Its parent class asks the binary for its version each time (0.15 s), and on Ctrl-C leaves it running
    without its provider. Here the engine has a process group of its own and gets one SIGINT, on which it
    finishes the operations under way and saves its state; a second one makes it stop at once.
    """

    def __init__(self, binary: Path, log: Path) -> None:
        self.command = str(binary)
        self.version = sdk_version
        self._log = log
        self._stdin: str | None = None

    @contextmanager
    def feeding(self, stdin: str | None) -> Iterator[None]:
        """Commands inside read this as their standard input."""
        self._stdin = stdin
        try:
            yield
        finally:
            self._stdin = None

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: Callable[[str], Any] | None = None,
        on_error: Callable[[str], Any] | None = None,
    ) -> CommandResult:
        """Runs the engine; raises the Automation API's CommandError when it fails."""
        # On INT the engine saves its state, also when it is this process that was killed.
        argv = tied([self.command, *args, "--non-interactive"], "INT")
        with (
            self._open_log() as log,
            subprocess.Popen(
                argv,
                stdin=subprocess.PIPE if self._stdin is not None else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=cwd,
                env={**os.environ, **additional_env, "PULUMI_AUTOMATION_API": "true"},
                encoding="utf-8",
                errors="replace",
                process_group=0,
            ) as process,
        ):
            stops = _Stops(process)
            with stops:
                log.write(f"--- {datetime.now(UTC).isoformat(timespec='seconds')} pulumi {args[0]}\n")
                # `stack output` and `config` print secrets: the log gets the long operations only.
                sink = log if args[0] in {"up", "preview", "refresh", "destroy"} else None
                readers = [
                    _Reader(process.stdout, on_output, sink),
                    _Reader(process.stderr, on_error, log),
                ]
                if self._stdin is not None and process.stdin is not None:
                    process.stdin.write(self._stdin)
                    process.stdin.close()
                for reader in readers:
                    reader.join()
                code = process.wait()
        if stops.count:
            raise StoppedError(
                f"{args[0]} was stopped",
                next_step="run the same command again: it goes on from what is there",
            )
        if hint := hints.of_signal("the engine", code):
            raise ShopctlError(
                hint.what, command=f"pulumi {args[0]}", exit_status=code, next_step=hint.next_step
            )
        result = CommandResult(stdout=readers[0].text, stderr=readers[1].text, code=code)
        if code != 0:
            raise create_command_error(result)
        return result

    def _open_log(self) -> IO[str]:
        self._log.parent.mkdir(parents=True, exist_ok=True)
        return self._log.open("a", encoding="utf-8")


class LeanWorkspace(LocalWorkspace):
    """A workspace that doesn't start the engine to select a stack that is there: every command names it."""

    known = False

    def select_stack(self, stack_name: str) -> None:
        """Nothing for a stack that is known; what the engine says to the name of another."""
        if not self.known:
            super().select_stack(stack_name)


class LeanStack(Stack):
    """A stack whose `up` doesn't start the engine thrice more, for outputs and history."""

    def outputs(self) -> OutputMap:
        """Nothing: outputs are read when they are wanted."""
        return {}

    def info(self, show_secrets: bool = True) -> UpdateSummary:
        """A summary without content: the events tell what happened."""
        return UpdateSummary(
            kind="update",
            start_time=datetime.now(UTC),
            message="",
            environment={},
            config={},
            result="succeeded",
        )


class _Reader(threading.Thread):
    def __init__(self, stream: IO[str] | None, callback: Callable[[str], Any] | None, log: IO[str] | None):
        super().__init__(daemon=True)
        self._stream, self._callback, self._log = stream, callback, log
        self._lines: list[str] = []
        self.start()

    @property
    def text(self) -> str:
        return "\n".join(self._lines)

    def run(self) -> None:
        for line in self._stream or ():
            stripped = line.rstrip()
            self._lines.append(stripped)
            self._keep(stripped)
            if self._callback:
                self._callback(stripped)

    def _keep(self, line: str) -> None:
        """A full disk ends the log, not the reading: the engine would wait for a reader for ever."""
        if self._log is None:
            return
        try:
            self._log.write(f"{line}\n")
        except (OSError, ValueError):
            self._log = None


class _Stops:
    """Passes the operator's signals on to the engine while it runs."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._previous: dict[signal.Signals, Any] = {}
        self.count = 0

    def __enter__(self) -> None:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._previous[number] = signal.signal(number, self._pass_on)

    def __exit__(self, *_: object) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def _pass_on(self, _number: int, _frame: object) -> None:
        self.count += 1
        if self.count == 1:
            print("stopping when the operations under way are done; Ctrl-C again: at once", file=sys.stderr)
        # Two are the engine's own limit; a third asks for an end whatever it costs.
        self._process.send_signal(signal.SIGINT if self.count <= 2 else signal.SIGKILL)
