"""Become a command as soon as the caller says so: `spawn.py PIPE COMMAND...`.

The caller writes down which process this is and puts it into its control groups before it lets go. A caller that is
killed closes the pipe instead, and the command never begins: there is no host that nobody knows.
"""

import os
import sys


def main(words: list[str]) -> None:
    """Wait for a byte from the pipe with that number, and become the command."""
    pipe = int(words[0])
    if not os.read(pipe, 1):
        sys.exit(1)
    os.close(pipe)
    os.execvp(words[1], words[1:])


if __name__ == "__main__":
    main(sys.argv[1:])
