"""A line as a person reads it: when, where, how bad, who, what. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo

from shopctl.logs.entry import Entry

# ANSI's own six, and the same brighter: they keep apart on light and dark screens.
_HOST_COLOURS = (36, 33, 35, 32, 34, 31, 96, 93, 95, 92, 94, 91)
_LEVEL_COLOURS = {"debug": "2", "warning": "33", "error": "31", "critical": "1;31"}
_DIM = "2"
_SHORT = {"critical": "CRIT", "error": "ERROR", "warning": "WARN", "info": "info", "debug": "debug"}


class Painter:
    """`hosts`: all of the environment's, in their order: so that a host has the same colour each time.

    `zone` is where the reader is; None: where this machine is.
    """

    def __init__(self, hosts: Sequence[str], *, colour: bool, zone: tzinfo | None = None) -> None:
        self._colours = {
            host: str(_HOST_COLOURS[number % len(_HOST_COLOURS)]) for number, host in enumerate(hosts)
        }
        self._width = max((len(host) for host in hosts), default=0)
        self._colour, self._zone = colour, zone

    def lines(self, entry: Entry) -> list[str]:
        """An entry's line, and one for each of its exception."""
        head = self.host(entry.host)
        time = datetime.fromtimestamp(entry.at / 1e6, self._zone).strftime("%m-%d %H:%M:%S.%f")[:-3]
        level = self.paint(f"{_SHORT[entry.level]:<5}", _LEVEL_COLOURS.get(entry.level, ""))
        message = clean(entry.said)
        if entry.level in {"error", "critical"}:
            message = self.paint(message, _LEVEL_COLOURS["error"])
        parts = [head, self.paint(time, _DIM), level, self.paint(f"{entry.source:<9}", _DIM), message]
        if entry.request_id:
            parts.append(self.paint(clean(entry.request_id), _DIM))
        more = [
            f"{head}   {self.paint(clean(line), _DIM)}"
            for line in entry.exception.splitlines()
            if line.strip()
        ]
        return [" ".join(parts), *more]

    def raw(self, entry: Entry) -> list[str]:
        """As it was written."""
        return [f"{self.host(entry.host)} {line}" for line in entry.raw.splitlines() or [""]]

    def plain(self, host: str, line: str, mark: str = "|") -> str:
        """A line of a command's output."""
        return f"{self.host(host)} {self.paint(mark, _DIM)} {line}"

    def notice(self, host: str, words: str) -> str:
        """What happens to a host's stream."""
        return f"{self.host(host)} {self.paint(f'--- {words} ---', '1')}"

    def host(self, name: str) -> str:
        """A host's name in its colour, as wide as the widest."""
        return self.paint(f"{name:<{self._width}}", self._colours.get(name, ""))

    def paint(self, text: str, code: str) -> str:
        """The text in a colour, where there are any."""
        return f"\x1b[{code}m{text}\x1b[0m" if self._colour and code and text else text


def wants_colour(environment: Mapping[str, str], *, terminal: bool) -> bool:
    """Whether somebody sees colours and wants them (https://no-color.org/)."""
    return terminal and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"


def clean(text: str) -> str:
    """Without what would move a terminal's cursor or change its colours: logs have strangers' words in them."""
    return "".join(
        char if char.isprintable() or char == "\t" else "\N{REPLACEMENT CHARACTER}" for char in text
    )
