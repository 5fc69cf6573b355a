"""The one error of this package, and how a failed command is told."""

from __future__ import annotations

import shlex
from collections.abc import Sequence


class ToolError(Exception):
    """A tool could not be found or built. The message says what failed and what to do next."""


def tail(text: str, lines: int = 20) -> str:
    """The last lines of a command's output, indented."""
    return "\n".join(f"    {line}" for line in text.rstrip().splitlines()[-lines:])


def failed_command(what: str, command: Sequence[str], code: int, output: str, next_step: str) -> ToolError:
    """An error with the command as it can be pasted, its exit code and last lines, and the next step."""
    said = tail(output) or "    (it said nothing)"
    return ToolError(
        f"{what} failed with exit code {code}\n  {shlex.join(command)}\n{said}\n  Next: {next_step}"
    )
