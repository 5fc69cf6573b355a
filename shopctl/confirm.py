"""Asking before something changes."""

import sys

from shopctl.errors import BadInputError


def yes_or_no(question: str) -> bool:
    """Asks on the terminal; without one, somebody has to have said --yes."""
    return _ask(f"{question} [y/N] ").lower() in {"y", "yes"}


def by_name(name: str) -> bool:
    """For what can't be undone: the name has to be typed."""
    return _ask(f"Type the environment's name ({name}) to go on: ") == name


def enough(name: str, yes: bool, typed: str | None, *, guarded: bool) -> None:
    """Whether what was said on the command line may delete an environment; raises BadInputError when not.

    `typed` is the name given with --confirm. A guarded environment wants it, also with --yes.
    """
    if typed is not None and typed != name:
        raise BadInputError(
            f"--confirm {typed} does not name the environment, which is {name}",
            next_step="look again at which environment you are about to delete",
        )
    if not yes:
        _somebody_there()
    if guarded and yes and typed is None:
        raise BadInputError(
            f"--yes alone does not delete {name}",
            next_step=f"add --confirm {name}, or leave --yes out and type the name",
        )


def _ask(prompt: str) -> str:
    _somebody_there()
    sys.stderr.write(prompt)
    sys.stderr.flush()
    return sys.stdin.readline().strip()


def _somebody_there() -> None:
    if not sys.stdin.isatty():
        raise BadInputError(
            "nobody is there to confirm the plan", next_step="add --yes, or run it on a terminal"
        )
