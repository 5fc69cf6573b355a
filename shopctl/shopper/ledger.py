"""The ledger: one line for what a shopper is about to ask, one for what came of it. Only ever appended to.

A line is one write, so that threads don't mix theirs and a kill tears the last one at most. What was acknowledged is
on the disk before the shopper goes on: no acknowledgement is known to anybody that the ledger could still lose.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any


class Ledger:
    """The writer. An existing file is gone on with."""

    def __init__(self, file: Path, *, clock: Callable[[], float] = time.time) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._clock, self._lock, self._last = clock, threading.Lock(), 0
        torn = file.exists() and not _ends_in_newline(file)
        self._file = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        # Ids go on from where an earlier writer stopped: an id belongs to one intent for ever.
        self._last = max((line["id"] for line in lines(file) if "id" in line), default=0)
        if torn:
            os.write(self._file, b"\n")
        folder = os.open(file.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)

    def note(self, kind: str, **facts: Any) -> None:
        """Something that is neither asked nor answered, such as what was in stock; on the disk when this returns."""
        self._write({"kind": kind, **facts}, durable=True)

    def intend(self, what: str, shopper: str, about: str, request: Mapping[str, Any]) -> int:
        """What is going to be asked. Call it before the request leaves; the outcome names the id that this returns."""
        with self._lock:
            self._last += 1
            mine = self._last
        line = {"kind": "intent", "id": mine, "what": what, "shopper": shopper, "about": about}
        # The outcome's sync puts this line on the disk too. Without an outcome, a crash of the machine loses at most
        # the question; a crash of this process loses nothing.
        self._write({**line, **request}, durable=False)
        return mine

    def settle(self, mine: int, state: str, facts: Mapping[str, Any]) -> None:
        """What came of it: `acknowledged`, `refused`, or `doubt` when no answer came. On the disk on return."""
        self._write({"kind": "outcome", "id": mine, "state": state, **facts}, durable=True)

    def close(self) -> None:
        """No more lines."""
        with self._lock:
            os.close(self._file)

    def _write(self, line: Mapping[str, Any], *, durable: bool) -> None:
        text = json.dumps({"at": round(self._clock(), 3), **line}, ensure_ascii=False, separators=(",", ":"))
        data = f"{text}\n".encode()
        written = os.write(self._file, data)
        if written != len(data):
            raise OSError(f"only {written} of {len(data)} bytes of a ledger's line could be written")
        if durable:
            os.fdatasync(self._file)

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def lines(file: Path) -> Iterator[dict[str, Any]]:
    """The ledger's lines, oldest first. A line torn by a crash is left out: nobody acted on it."""
    if not file.exists():
        return
    with file.open("rb") as stream:
        for raw in stream:
            try:
                line = json.loads(raw)
            except ValueError:
                continue
            if isinstance(line, dict):
                yield line


def _ends_in_newline(file: Path) -> bool:
    if file.stat().st_size == 0:
        return True
    with file.open("rb") as stream:
        stream.seek(-1, os.SEEK_END)
        return stream.read(1) == b"\n"
