"""Runs on a host: processes side by side, each reading what the one before writes. Nothing but the standard library.

What is to run comes as one JSON object on standard input, so that no secret is among a process's arguments:
{"commands": [[...], ...], "environment": {...}, "input": "...", "into": [...]}. The environment is for the commands;
the last process, `into`, has no part in it.
"""

import json
import os
import subprocess
import sys


def main(asked: dict[str, object]) -> int:
    """The first exit code that is not 0, of the process that comes first; else 0."""
    told: list[list[str]] = asked["commands"]  # type: ignore[assignment]
    into: list[str] = asked["into"]  # type: ignore[assignment]
    secrets: dict[str, str] = asked["environment"]  # type: ignore[assignment]
    commands = [*told, into] if into else told
    running: list[subprocess.Popen[bytes]] = []
    for number, argv in enumerate(commands):
        running.append(
            subprocess.Popen(
                argv,
                env={**os.environ, **secrets} if number < len(told) else None,
                stdin=running[-1].stdout if running else subprocess.PIPE,
                stdout=None if number == len(commands) - 1 else subprocess.PIPE,
            )
        )
        if len(running) > 1:
            # Only the next one may hold it: a writer has to learn that its reader has ended.
            running[-2].stdout.close()  # type: ignore[union-attr]
    first = running[0].stdin
    assert first is not None
    first.write(str(asked["input"]).encode())
    first.close()
    codes = [process.wait() for process in running]
    return next((code for code in codes if code), 0)


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.stdin.read())))
