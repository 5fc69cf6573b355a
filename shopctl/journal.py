"""One line for each operation that changed something, or tried to."""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

Outcome = Literal["succeeded", "failed", "interrupted", "killed"]


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


def append(file: Path, entry: Entry) -> None:
    """Adds a line that survives a crash right after it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps(asdict(entry), ensure_ascii=False, separators=(",", ":"))
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
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            yield Entry(**json.loads(line))
        except (ValueError, TypeError):
            continue


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
