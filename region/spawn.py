"""Become a command in other control groups: `spawn.py PID_FILE GROUP_FILE... -- COMMAND...`.

A program of its own, because the groups have to be entered after the fork and before the command begins; and the file
that tells which process it is has to be written by itself, or a caller that is killed would leave a host nobody knows.
"""

import os
import sys


def main(words: list[str]) -> None:
    """Enter the groups, say who this is and become the command."""
    separator = words.index("--")
    pid_file, *group_files = words[:separator]
    for file in group_files:
        with open(file, "w") as group:  # noqa: PTH123 (pathlib costs as much as all the rest)
            group.write(str(os.getpid()))
    with open("/proc/self/stat") as stat:  # noqa: PTH123
        started = stat.read().rpartition(")")[2].split()[19]
    with open(f"{pid_file}.partial", "w") as file_:  # noqa: PTH123
        file_.write(f"{os.getpid()} {started}\n")
    os.rename(f"{pid_file}.partial", pid_file)  # noqa: PTH104
    os.execvp(words[separator + 1], words[separator + 1 :])


if __name__ == "__main__":
    main(sys.argv[1:])
