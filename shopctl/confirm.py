"""Asking before something changes."""

import sys

from shopctl.errors import BadInputError


def yes_or_no(question: str) -> bool:
    """Asks on the terminal; without one, somebody has to have said --yes."""
    return _ask(f"{question} [y/N] ").lower() in {"y", "yes"}


def by_name(name: str) -> bool:
    """For what can't be undone: the name has to be typed."""
    return _ask(f"Type the environment's name ({name}) to go on: ") == name


def _ask(prompt: str) -> str:
    if not sys.stdin.isatty():
        raise BadInputError(
            "nobody is there to confirm the plan", next_step="add --yes, or run it on a terminal"
        )
    sys.stderr.write(prompt)
    sys.stderr.flush()
    return sys.stdin.readline().strip()
