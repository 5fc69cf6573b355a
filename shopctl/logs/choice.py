"""Which lines somebody wants to see. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from shopctl.errors import BadInputError
from shopctl.logs.entry import LEVELS, Entry

EVERY_GROUP = "all"


@dataclass(frozen=True)
class Choice:
    """`groups`: of the shop's processes; none: any line. `level` is the lowest; `pattern` is looked for in the line as
    it is shown, and as it was written."""

    groups: tuple[str, ...] = ()
    level: str = "debug"
    pattern: re.Pattern[str] | None = None

    @property
    def narrow(self) -> bool:
        """Whether anything is left out."""
        return bool(self.groups) or self.level != "debug" or self.pattern is not None

    def takes(self, entry: Entry) -> bool:
        """Whether this line is one of them."""
        if self.groups and not (entry.group in self.groups or (entry.group and EVERY_GROUP in self.groups)):
            return False
        if LEVELS.index(entry.level) < LEVELS.index(self.level):
            return False
        return self.pattern is None or any(self.pattern.search(text) for text in (entry.said, entry.raw))

    @property
    def units(self) -> tuple[str, ...]:
        """The units that the lines can be of, as systemd's patterns; none: any."""
        if EVERY_GROUP in self.groups:
            return ("shop-*",)
        return tuple(f"shop-{group}{rest}.service" for group in self.groups for rest in ("", "-*"))


def choice(groups: Sequence[str], level: str, grep: str | None) -> Choice:
    """Of an operator's words. Raises BadInputError. Small letters in `grep` stand for both, as in journalctl."""
    if level not in LEVELS:
        raise BadInputError(f"there is no level {level!r}", next_step=f"choose one of: {', '.join(LEVELS)}")
    if bad := [group for group in groups if not re.fullmatch(r"[a-z]+", group)]:
        raise BadInputError(
            f"{bad[0]!r} is no group of the shop's processes",
            next_step="for example: --group trade; --group all for every one",
        )
    try:
        pattern = re.compile(grep, 0 if grep != grep.lower() else re.IGNORECASE) if grep else None
    except re.error as error:
        raise BadInputError(
            f"--grep {grep!r} is no pattern: {error}", next_step="it is a regular expression"
        ) from error
    return Choice(tuple(groups), level, pattern)
