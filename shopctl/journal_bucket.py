"""The journal of an environment whose state is in a bucket.

Each entry is an object of its own that is written once: nobody reads, adds and writes back, so of two writers none
loses a line. Its name says when it began, and what entries are chosen by; so of a long journal only what is asked for
is fetched.

An entry is a line on this machine first. That stands when the bucket cannot be reached, and the next operation from
here brings up what the bucket lacks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from shopctl.drivers.bucket import Bucket
from shopctl.errors import ShopctlError
from shopctl.journal import Choice, Entry, FileJournal, any_entry, parse, text

AT_ONCE = 8
BROUGHT_UP = 100
"""Of this machine's last lines, how many are looked for in the bucket."""


@dataclass(frozen=True, order=True)
class Name:
    """An entry's object. A killed holder's line, written by another, and its own, where it lived on, are two."""

    began: str
    id: str
    operation: str
    outcome: str

    @classmethod
    def of(cls, entry: Entry) -> Name:
        """The same entry has the same one, whoever writes it, however often."""
        began = re.sub("[-:]", "", entry.started)
        return cls(*(_plain(part) for part in (began, entry.id, entry.operation, entry.outcome)))

    @classmethod
    def parse(cls, file: str) -> Name | None:
        """None for what is no entry."""
        parts = file.split(".")
        return cls(*parts[:4]) if len(parts) == 5 and parts[4] == "json" and all(parts) else None

    @property
    def file(self) -> str:
        """Below the environment's prefix."""
        return f"{self.began}.{self.id}.{self.operation}.{self.outcome}.json"


def _plain(words: str) -> str:
    return re.sub("[^A-Za-z0-9_-]", "_", words) or "_"


def lacking(own: Sequence[Name], there: Collection[Name]) -> list[Name]:
    """What has to be brought up of this machine's lines, which are in the order in which they were written."""
    return [name for name in own[-BROUGHT_UP:] if name not in there]


def newest(names: Iterable[Name], operations: Collection[str]) -> list[Name]:
    """Of those operations, or of all when none is said; newest first."""
    wanted = {_plain(operation) for operation in operations}
    return sorted({name for name in names if not wanted or name.operation in wanted}, reverse=True)


class BucketJournal:
    """One environment's. `local`: the lines of this machine."""

    shared = True

    def __init__(
        self, bucket: Bucket, environment: str, local: FileJournal, warn: Callable[[str], None]
    ) -> None:
        self._bucket = bucket
        self._prefix = f"shopctl/journal/{environment}/"
        self._local = local
        self._warn = warn

    @property
    def place(self) -> str:
        """For people."""
        return f"{self._prefix} in the bucket of the state"

    def append(self, entry: Entry) -> None:
        """Here first, then in the bucket. Raises OSError when it cannot be written here; a full disk keeps nothing
        from the bucket."""
        try:
            self._local.append(entry)
        finally:
            self._bring_up(entry)

    def last(self, count: int, operations: Collection[str] = (), chosen: Choice = any_entry) -> list[Entry]:
        """The newest that are chosen, oldest first. When the bucket cannot be asked, those of this machine."""
        try:
            return self._fetch(count, operations, chosen)
        except ShopctlError as error:
            self._warn(f"of the journal only what was done from this machine: {error.what}")
            return self._local.last(count, operations, chosen)

    def has(self, id_: str) -> bool:
        """Whether that operation wrote its line, as far as can be told: better two lines than none."""
        if self._local.has(id_):
            return True
        try:
            return any(name.id == _plain(id_) for name in self._there())
        except ShopctlError:
            return False

    def _fetch(self, count: int, operations: Collection[str], chosen: Choice) -> list[Entry]:
        own = self._own()
        left = newest({*own, *self._there()}, operations)
        found: list[Entry] = []
        while left and len(found) < count:
            wanted = count - len(found)
            read = self._read(left[:wanted], own)
            found += [entry for entry in read if entry and chosen(entry)]
            left = left[wanted:]
        return found[::-1]

    def _read(self, names: list[Name], own: Mapping[Name, Entry]) -> list[Entry | None]:
        """In their order; None for what is torn, or gone. What this machine wrote need not be fetched."""

        def one(name: Name) -> Entry | None:
            return own.get(name) or parse(self._bucket.get(self._key(name)))

        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(one, names))

    def _bring_up(self, entry: Entry) -> None:
        own = {**self._own(), Name.of(entry): entry}
        try:
            missing = lacking(list(own), self._there())
            with ThreadPoolExecutor(AT_ONCE) as pool:
                list(pool.map(lambda name: self._put(name, own[name]), missing))
        except ShopctlError as error:
            self._warn(
                "the journal has this only on this machine, until another operation from here brings it up: "
                f"{error.what}"
            )

    def _put(self, name: Name, entry: Entry) -> None:
        self._bucket.put(self._key(name), text(entry).encode())

    def _own(self) -> dict[Name, Entry]:
        return {Name.of(entry): entry for entry in self._local.entries()}

    def _there(self) -> set[Name]:
        items, _ = self._bucket.list(self._prefix)
        names = (Name.parse(item.key.removeprefix(self._prefix)) for item in items)
        return {name for name in names if name}

    def _key(self, name: Name) -> str:
        return f"{self._prefix}{name.file}"
