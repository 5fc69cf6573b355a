"""What was asked of the region: one JSON file per resource, as a cloud's control plane keeps it.

A record says what a thing should be; whether it is so is read from the thing itself. Files hold passwords and are
readable by root alone.
"""

import json
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

Properties = dict[str, Any]


@dataclass(frozen=True)
class Record:
    """One resource: its Pulumi type token and URN, its id, what was asked (`inputs`) and answered (`outputs`)."""

    id: str
    type: str
    urn: str
    inputs: Properties
    outputs: Properties
    made: float = field(default=0.0, compare=False)
    """When it was first kept, in seconds since the epoch; set by `put`."""


class Records:
    """The records of one region, in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    def _file(self, type_: str, id_: str) -> Path:
        # Ids such as `shop@10.0.0.1` or `a/b` are a client's; only the name of the file has to be harmless.
        return self._folder / type_.split(":")[1].replace("/", ".") / f"{id_.replace('/', '%2F')}.json"

    def put(self, record: Record) -> None:
        """Keep a record, whole or not at all."""
        file = self._file(record.type, record.id)
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = file.with_suffix(".partial")
        with self._lock:
            kept = _read(file)
            record = replace(record, made=kept.made if kept else time.time())
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w") as stream:
                json.dump(asdict(record), stream, indent=1)
                stream.flush()
                os.fsync(stream.fileno())
            partial.rename(file)

    def get(self, type_: str, id_: str) -> Record | None:
        """The record of a resource, or None."""
        return _read(self._file(type_, id_))

    def drop(self, type_: str, id_: str) -> None:
        """Forget a resource."""
        self._file(type_, id_).unlink(missing_ok=True)

    def all(self, type_: str | None = None) -> list[Record]:
        """Every record, or those of one type, in the order of their ids."""
        found = list(self._scan("*" if type_ is None else type_.split(":")[1].replace("/", ".")))
        return sorted(
            (record for record in found if type_ in (None, record.type)),
            key=lambda record: (record.type, record.id),
        )

    def _scan(self, pattern: str) -> Iterator[Record]:
        for file in self._folder.glob(f"{pattern}/*.json"):
            if record := _read(file):
                yield record


def _read(file: Path) -> Record | None:
    try:
        return Record(**json.loads(file.read_text()))
    except FileNotFoundError:
        return None
