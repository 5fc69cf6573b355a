"""The one root of exceptions. It is caught once, in cli.main, and printed without a traceback.

Exit codes: 1 an operation failed or something is unhealthy; 2 bad input; 3 another operation holds the lease;
130 interrupted.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

FAILED = 1
BAD_INPUT = 2
LEASE_HELD = 3
INTERRUPTED = 130

MAX_LAST_LINES = 20


class ShopctlError(Exception):
    """What failed, where, the command with its last lines, and what to do next."""

    exit_code: ClassVar[int] = FAILED

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        command: str | None = None,
        exit_status: int | None = None,
        last_lines: Sequence[str] = (),
        next_step: str | None = None,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.command = command
        self.exit_status = exit_status
        self.last_lines = tuple(last_lines)[-MAX_LAST_LINES:]
        self.next_step = next_step

    def render(self) -> str:
        """The message for a person."""
        lines = [f"error: {self.what}"]
        if self.where:
            lines.append(f"  on: {self.where}")
        if self.command:
            status = "" if self.exit_status is None else f"  (exit {self.exit_status})"
            lines.append(f"  command: {self.command}{status}")
        lines.extend(f"  | {line}" for line in self.last_lines)
        if self.next_step:
            lines.append(f"  next: {self.next_step}")
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        """The same for a machine."""
        return {
            "error": {
                "what": self.what,
                "where": self.where,
                "command": self.command,
                "exit_status": self.exit_status,
                "last_lines": list(self.last_lines),
                "next_step": self.next_step,
                "exit_code": self.exit_code,
            }
        }


class BadInputError(ShopctlError):
    """An option, a name or a setting is wrong; nothing was touched."""

    exit_code = BAD_INPUT


class LeaseHeldError(ShopctlError):
    """Another operation works on the environment."""

    exit_code = LEASE_HELD


class StoppedError(ShopctlError):
    """The operator stopped the operation; running it again goes on from what is there."""

    exit_code = INTERRUPTED
