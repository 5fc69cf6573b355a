"""The one door for processes: run, log in full, and say what failed with the command and its last lines."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from shopctl.errors import MAX_LAST_LINES, ShopctlError

NOT_FOUND = 127


class CommandError(ShopctlError):
    """A process ended with a code that wasn't expected."""


def run(
    argv: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: str | Path | None = None,
    log: Path | None = None,
    on_line: Callable[[str], None] | None = None,
    expected: Sequence[int] = (0,),
    timeout: float | None = None,
    what: str | None = None,
    next_step: str | None = None,
) -> str:
    """Runs a command to its end and returns its output (standard error is in it).

    `env` is added to the environment. `stdin`: what it reads, or the file with it. `on_line` sees each line as it
    comes. `expected` names the exit codes that are not failures.
    """
    command = shlex.join(argv)
    text = stdin if isinstance(stdin, str) else None
    try:
        with Path(os.devnull if text is not None or stdin is None else stdin).open("rb") as source:
            process = subprocess.Popen(
                tied(argv),
                env={**os.environ, **(env or {})},
                cwd=cwd,
                stdin=subprocess.PIPE if text is not None else source,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
            )
    except FileNotFoundError as error:
        raise CommandError(
            f"{argv[0]} is not installed", command=command, exit_status=NOT_FOUND, next_step="shopctl doctor"
        ) from error
    with process:
        try:
            output = _communicate(process, text, log, on_line, timeout)
        except BaseException:
            # Also on Ctrl-C: nothing of ours may go on unseen.
            process.terminate()
            raise
    if process.returncode not in expected:
        raise CommandError(
            what or f"{Path(argv[0]).name} failed",
            command=command,
            exit_status=process.returncode,
            last_lines=[*deque((line for line in output.splitlines() if line.strip()), MAX_LAST_LINES)],
            next_step=next_step or (f"the full output is in {log}" if log else None),
        )
    return output


def tied(argv: Sequence[str], signal: str = "TERM") -> list[str]:
    """The command, made to end with this process: after a `kill -9` nothing may go on unseen."""
    if shutil.which(argv[0]) is None or (setpriv := shutil.which("setpriv")) is None:
        return list(argv)
    return [setpriv, "--pdeathsig", signal, *argv]


def replace_this_process(argv: Sequence[str]) -> None:
    """Becomes that command: it gets the terminal as it is."""
    os.execvp(argv[0], list(argv))  # noqa: S606 -- a shell is just what must not come between


def _communicate(
    process: subprocess.Popen[str],
    stdin: str | None,
    log: Path | None,
    on_line: Callable[[str], None] | None,
    timeout: float | None,
) -> str:
    if on_line is None and log is None:
        try:
            return process.communicate(stdin, timeout=timeout)[0]
        except subprocess.TimeoutExpired as error:
            process.kill()
            raise CommandError(
                f"no end after {timeout:.0f} s", command=shlex.join(map(str, error.cmd))
            ) from error
    if stdin is not None and process.stdin is not None:
        process.stdin.write(stdin)
        process.stdin.close()
    if log:
        log.parent.mkdir(parents=True, exist_ok=True)
    kept: list[str] = []
    with (log or Path(os.devnull)).open("a", encoding="utf-8") as sink:
        for line in process.stdout or ():
            kept.append(line)
            sink.write(line)
            if on_line:
                on_line(line.rstrip("\n"))
    process.wait(timeout=timeout)
    return "".join(kept)
