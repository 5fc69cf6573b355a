"""One line for each operation that changed something, or tried to."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, get_args

if TYPE_CHECKING:
    from shopctl.environment import Environment

Outcome = Literal["succeeded", "failed", "interrupted", "killed"]

ROLLOUTS = ("deploy", "rollback", "up")
"""The operations that bring a release."""


@dataclass(frozen=True)
class Entry:
    """What was done, by whom, and how it ended. `evidence`: what the operation measured and what it went by."""

    id: str
    operation: str
    environment: str
    actor: str
    started: str
    seconds: float
    outcome: Outcome
    plan: dict[str, int]
    error: str | None = None
    evidence: dict[str, Any] = field(default_factory=dict[str, Any])


Choice = Callable[[Entry], bool]


def any_entry(entry: Entry) -> bool:
    """Leaves nothing out."""
    return True


class Journal(Protocol):
    """Where an environment's entries are kept. `shared`: whether others than this machine's users read them."""

    shared: bool

    @property
    def place(self) -> str: ...

    def append(self, entry: Entry) -> None: ...

    def last(
        self, count: int, operations: Collection[str] = (), chosen: Choice = any_entry
    ) -> list[Entry]: ...

    def has(self, id_: str) -> bool: ...


def of(environment: Environment, warn: Callable[[str], None]) -> Journal:
    """The environment's journal: beside its lease. `warn` is told when the others' lines cannot be had."""
    local = FileJournal(environment.journal_file)
    # Most journals are this machine's, and can be read without the settings: at once, and where those are broken.
    if b"shop:state" not in environment.config_file.read_bytes() or environment.bucket is None:
        return local
    from shopctl.drivers.bucket import Bucket
    from shopctl.journal_bucket import BucketJournal

    return BucketJournal(Bucket(environment.bucket), environment.name, local, warn)


class FileJournal:
    """The journal of an environment whose state is in a folder of this machine."""

    shared = False

    def __init__(self, file: Path) -> None:
        self._file = file

    @property
    def place(self) -> str:
        """For people."""
        return str(self._file)

    def append(self, entry: Entry) -> None:
        """Adds a line that survives a crash right after it."""
        append(self._file, entry)

    def last(self, count: int, operations: Collection[str] = (), chosen: Choice = any_entry) -> list[Entry]:
        """The newest that are chosen, oldest first."""
        known = (e for e in self.entries() if not operations or e.operation in operations)
        return [entry for entry in known if chosen(entry)][-count:]

    def has(self, id_: str) -> bool:
        """Whether that operation wrote its line."""
        return any(entry.id == id_ for entry in self.entries())

    def entries(self) -> Iterator[Entry]:
        """All, in the order in which they were written."""
        return read(self._file)


def append(file: Path, entry: Entry) -> None:
    """Adds a line that survives a crash right after it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    line = text(entry)
    with file.open("ab") as stream:
        # A line torn by a crash stays torn, but must not swallow this one.
        prefix = "" if _ends_in_newline(file) else "\n"
        stream.write(f"{prefix}{line}\n".encode())
        stream.flush()
        os.fsync(stream.fileno())


def read(file: Path) -> Iterator[Entry]:
    """The entries, oldest first. A torn line (the machine died while writing) is left out."""
    if not file.exists():
        return
    # Not splitlines(): a character of a text, such as U+2028, is an end of a line to it.
    for line in file.read_text(encoding="utf-8", errors="replace").split("\n"):
        if entry := parse(line):
            yield entry


def text(entry: Entry) -> str:
    """An entry as it is kept."""
    return json.dumps(asdict(entry), ensure_ascii=False, separators=(",", ":"))


def parse(content: bytes | str | None) -> Entry | None:
    """Of what is kept; a torn one counts as none. What a later version says besides is left out."""
    try:
        said: dict[str, Any] = json.loads(content or b"")
        known = {each.name: said[each.name] for each in fields(Entry) if each.name in said}
        return Entry(**known) if all(_fits(name, value) for name, value in known.items()) else None
    except (ValueError, TypeError):
        return None


def _fits(name: str, value: Any) -> bool:
    """What is printed must be what it is taken for, whoever wrote it."""
    if name in {"plan", "evidence"}:
        return isinstance(value, dict)
    if name == "seconds":
        return isinstance(value, int | float)
    if name == "outcome":
        return value in get_args(Outcome)
    return isinstance(value, str) or (name == "error" and value is None)


def as_json(entry: Entry) -> dict[str, Any]:
    """An entry for machines."""
    return asdict(entry)


def gates(entry: Entry) -> str:
    """What a rollout went by, in a few words: those that stopped it, or how many let it pass; a rehearsal's verdict."""
    if verdict := entry.evidence.get("verdict"):
        return "good" if verdict["good"] else f"no good: {'; '.join(verdict['reasons'][:1])}"
    judged = [gate for gate in entry.evidence.get("gates", ()) if isinstance(gate, dict)]
    failed = [f"{gate['name']} on {gate['host']}" for gate in judged if gate["passed"] is False]
    if failed:
        return f"stopped by {', '.join(failed)}"
    passed = sum(gate["passed"] is True for gate in judged)
    unsure = len(judged) - passed
    return (f"{passed} passed" + (f", {unsure} unsure" if unsure else "")) if judged else ""


def _ends_in_newline(file: Path) -> bool:
    if file.stat().st_size == 0:
        return True
    with file.open("rb") as stream:
        stream.seek(-1, os.SEEK_END)
        return stream.read(1) == b"\n"
