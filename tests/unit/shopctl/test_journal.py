"""The journal survives crashes and keeps what was written before and after them."""

from dataclasses import replace
from pathlib import Path

import pytest

from shopctl import journal
from shopctl.journal import Entry, gates

ENTRY = Entry(
    id="a1",
    operation="up",
    environment="local",
    actor="ann@desk",
    started="2026-01-01T00:00:00Z",
    seconds=1.5,
    outcome="succeeded",
    plan={"create": 3},
)


def test_entries_come_back_in_order(tmp_path: Path) -> None:
    file = tmp_path / "new" / "journal.jsonl"
    for number in range(3):
        journal.append(file, replace(ENTRY, id=str(number)))
    assert [entry.id for entry in journal.read(file)] == ["0", "1", "2"]


def test_no_journal_is_an_empty_one(tmp_path: Path) -> None:
    assert list(journal.read(tmp_path / "none")) == []


def test_a_torn_last_line_is_left_out_and_swallows_nothing(tmp_path: Path) -> None:
    file = tmp_path / "journal.jsonl"
    journal.append(file, ENTRY)
    whole = file.read_bytes()
    file.write_bytes(whole + whole[: len(whole) // 2])
    assert [entry.id for entry in journal.read(file)] == ["a1"]
    journal.append(file, replace(ENTRY, id="b2"))
    assert [entry.id for entry in journal.read(file)] == ["a1", "b2"]


def test_each_entry_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "journal.jsonl"
    journal.append(file, replace(ENTRY, outcome="failed", error="first\nsecond — 失败"))
    assert file.read_text().count("\n") == 1
    assert next(journal.read(file)).error == "first\nsecond — 失败"


def test_what_looks_like_the_end_of_a_line_in_a_text_is_none(tmp_path: Path) -> None:
    file = tmp_path / "journal.jsonl"
    told = replace(ENTRY, outcome="failed", error="one\u2028two\x85three\rfour")
    journal.append(file, told)
    assert list(journal.read(file)) == [told]


def test_the_gates_of_a_rollout_are_told_in_a_few_words() -> None:
    def entry(*passed: bool | None) -> Entry:
        judged = [{"name": "memory", "host": f"web-{n}", "passed": one} for n, one in enumerate(passed, 1)]
        return Entry("1", "deploy", "test", "a@b", "now", 1.0, "succeeded", {}, evidence={"gates": judged})

    assert gates(entry(True, True, None)) == "2 passed, 1 unsure"
    assert gates(entry(True, False)) == "stopped by memory on web-2"
    assert gates(entry()) == ""


@pytest.mark.parametrize(
    ("reasons", "told"), [([], "good"), (["it locks for 12 s", "it fails"], "no good: it locks for 12 s")]
)
def test_the_verdict_of_a_rehearsal_is_told(reasons: list[str], told: str) -> None:
    verdict = {"good": not reasons, "reasons": reasons}
    done = Entry("1", "rehearse", "test", "a@b", "now", 9.0, "succeeded", {}, evidence={"verdict": verdict})
    assert gates(done) == told
