"""Become a command in other control groups: `spawn.py GROUP_FILE... -- COMMAND...`.

A program of its own, because the groups have to be entered after the fork and before the command begins.
"""

import os
import sys


def main(words: list[str]) -> None:
    """Enter the groups and become the command."""
    separator = words.index("--")
    for file in words[:separator]:
        with open(file, "w") as group:  # noqa: PTH123 (pathlib costs as much as all the rest)
            group.write(str(os.getpid()))
    os.execvp(words[separator + 1], words[separator + 1 :])


if __name__ == "__main__":
    main(sys.argv[1:])
