"""The journal in a bucket: every operator's lines, none lost by two writers or for want of a way to the bucket."""

import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import cli
from shopctl import journal, lease, paths
from shopctl.commands import options
from shopctl.destroy import Destroy
from shopctl.environment import Environment
from shopctl.errors import ShopctlError
from shopctl.journal import Entry, FileJournal
from shopctl.journal_bucket import BROUGHT_UP, BucketJournal, Name, lacking, newest
from shopctl.lease import FileLease, Process, Record
from shopctl.operation import Options, perform
from shopctl.plan import Plan
from shopctl.report import Report
from tests.unit.shopctl.shelf import Shelf

PREFIX = "shopctl/journal/staging/"
ENTRY = Entry(
    id="a1",
    operation="deploy",
    environment="staging",
    actor="ann@desk",
    started="2026-05-01T12:00:00Z",
    seconds=61.5,
    outcome="succeeded",
    plan={"update": 2},
    evidence={"release": "6f1f", "version": "6f1f-aa"},
)


def entry(number: int, **more: Any) -> Entry:
    """The first is the oldest."""
    started = f"2026-05-01T{number // 60:02}:{number % 60:02}:00Z"
    return replace(ENTRY, **{"id": f"id{number}", "started": started, **more})


class Desk:
    """An operator's machine: its own folder, the shared bucket, and what its operator was warned of."""

    def __init__(self, shelf: Shelf, folder: Path) -> None:
        self.warned: list[str] = []
        self.local = FileJournal(folder / "journal.jsonl")
        self.journal = BucketJournal(shelf, "staging", self.local, self.warned.append)

    def ids(self, count: int = 100, **more: Any) -> list[str]:
        return [entry.id for entry in self.journal.last(count, **more)]


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def ann(shelf: Shelf, tmp_path: Path) -> Desk:
    return Desk(shelf, tmp_path / "ann")


@pytest.fixture
def eve(shelf: Shelf, tmp_path: Path) -> Desk:
    return Desk(shelf, tmp_path / "eve")


def test_two_machines_see_each_others_entries_in_order(ann: Desk, eve: Desk) -> None:
    for number in range(6):
        (ann, eve)[number % 2].journal.append(entry(number))
    assert ann.ids() == eve.ids() == [f"id{number}" for number in range(6)]
    assert ann.journal.last(6) == [entry(number) for number in range(6)], "whole, with the evidence"
    assert [one.id for one in ann.local.entries()] == ["id0", "id2", "id4"]
    assert ann.warned == eve.warned == []


def test_two_writers_at_once_lose_no_line(shelf: Shelf, ann: Desk, eve: Desk) -> None:
    """Whatever one does between the other's look and its writing: nothing is read, added to and written back."""
    looked = shelf.list

    def look(prefix: str) -> Any:
        found = looked(prefix)
        shelf.list = looked  # type: ignore[method-assign]
        eve.journal.append(entry(2))
        return found

    shelf.list = look  # type: ignore[method-assign]
    ann.journal.append(entry(1))
    assert ann.ids() == eve.ids() == ["id1", "id2"]


def test_each_environment_has_its_own(shelf: Shelf, ann: Desk, tmp_path: Path) -> None:
    ann.journal.append(entry(1))
    production = BucketJournal(shelf, "production", FileJournal(tmp_path / "none"), ann.warned.append)
    assert production.last(10) == []


def test_what_could_not_be_brought_up_is_kept_here_and_brought_up_later(
    shelf: Shelf, ann: Desk, eve: Desk
) -> None:
    eve.journal.append(entry(1))
    shelf.away = True
    ann.journal.append(entry(2))
    assert [one.id for one in ann.local.entries()] == ["id2"]
    (warning,) = ann.warned
    assert "only on this machine" in warning
    assert "cannot be read: no way to it" in warning
    shelf.away = False
    assert eve.ids() == ["id1"]
    assert ann.ids() == ["id1", "id2"], "whoever has the line sees it in its place"
    ann.journal.append(entry(3))
    assert eve.ids() == ["id1", "id2", "id3"]
    assert len(ann.warned) == 1


def test_without_the_bucket_this_machines_lines_are_shown_with_a_warning(
    shelf: Shelf, ann: Desk, eve: Desk
) -> None:
    ann.journal.append(entry(1))
    eve.journal.append(entry(2))
    shelf.away = True
    assert ann.ids() == ["id1"]
    assert "only what was done from this machine" in ann.warned[0]


def test_a_full_disk_keeps_no_line_from_the_bucket(
    ann: Desk, eve: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(journal, "append", full)
    with pytest.raises(OSError, match="No space left"):
        ann.journal.append(entry(1))
    assert eve.ids() == ["id1"]


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(asdict(ENTRY))[:50],
        "",
        "[]",
        "null",
        "\xff",
        "{}",
        json.dumps({**asdict(ENTRY), "seconds": "a while"}),
        json.dumps({**asdict(ENTRY), "outcome": "wonderful"}),
        json.dumps({**asdict(ENTRY), "evidence": []}),
    ],
)
def test_what_is_torn_or_garbage_is_left_out_and_takes_nobodys_place(
    shelf: Shelf, ann: Desk, eve: Desk, content: str
) -> None:
    for number in range(3):
        eve.journal.append(entry(number))
    shelf.put(PREFIX + Name.of(entry(9)).file, content.encode("latin-1"))
    assert ann.ids(2) == ["id1", "id2"]


@pytest.mark.parametrize("file", ["", "notes.txt", "folder/20260501T120000Z.a1.deploy.json", "....json"])
def test_what_is_no_entry_by_its_name_is_not_fetched(shelf: Shelf, ann: Desk, eve: Desk, file: str) -> None:
    eve.journal.append(entry(1))
    shelf.put(PREFIX + file, b"{}")
    assert ann.ids() == ["id1"]
    assert shelf.fetched == [PREFIX + Name.of(entry(1)).file]


def test_what_a_later_version_says_besides_does_not_hide_the_entry(shelf: Shelf, ann: Desk) -> None:
    more = json.dumps({**asdict(ENTRY), "mood": "fine"}).encode()
    shelf.put(PREFIX + Name.of(ENTRY).file, more)
    assert ann.journal.last(1) == [ENTRY]


def test_only_as_many_are_fetched_as_are_asked_for(shelf: Shelf, ann: Desk, eve: Desk) -> None:
    for number in range(1000):
        one = entry(number)
        shelf.put(PREFIX + Name.of(one).file, journal.text(one).encode())
    assert ann.ids(20) == [f"id{number}" for number in range(980, 1000)]
    assert len(shelf.fetched) == 20
    eve.local.append(entry(999))
    assert eve.ids(3) == ["id997", "id998", "id999"]
    assert len(shelf.fetched) == 22, "what is on this machine need not be fetched"


def test_other_operations_are_not_fetched_at_all(shelf: Shelf, ann: Desk, eve: Desk) -> None:
    for number in range(40):
        eve.journal.append(entry(number, operation="deploy" if number % 10 == 0 else "maintenance on"))
    assert ann.ids(2, operations=("deploy", "up")) == ["id20", "id30"]
    assert len(shelf.fetched) == 2
    assert ann.ids(1, operations=("maintenance on",)) == ["id39"]


def test_those_that_are_not_chosen_are_passed_over(ann: Desk, eve: Desk) -> None:
    for number in range(30):
        eve.journal.append(entry(number, outcome="failed" if number > 3 else "succeeded"))
    assert ann.ids(3, chosen=lambda one: one.outcome == "succeeded") == ["id1", "id2", "id3"]


def test_a_name_says_the_same_of_an_entry_wherever_it_is_made() -> None:
    made = Name.of(replace(ENTRY, operation="release prune", id="20260501-120000-a1/.."))
    assert made.file == "20260501T120000Z.20260501-120000-a1___.release_prune.succeeded.json"
    assert Name.parse(made.file) == made


def test_what_is_brought_up_is_the_last_lines_that_are_not_there() -> None:
    names = [Name.of(entry(number)) for number in range(BROUGHT_UP + 5)]
    assert lacking(names, set(names)) == []
    assert lacking(names, set(names[:-2])) == names[-2:]
    assert lacking(names, ()) == names[5:]
    back = [*names, Name.of(entry(0, id="clock-set-back"))]
    assert lacking(back, set(names)) == back[-1:], "the line just written is always among them"


def test_the_newest_come_first_and_none_twice() -> None:
    names = [Name.of(entry(number)) for number in (2, 0, 1, 2)]
    assert [name.id for name in newest(names, ())] == ["id2", "id1", "id0"]


class Work:
    """An operation that does nothing, or fails."""

    name = "up"

    def __init__(self, failure: Exception | None = None) -> None:
        self._failure = failure

    def plan(self) -> Plan:
        return Plan("up", "staging")

    def apply(self, planned: Plan | None) -> tuple[Plan, None]:
        if self._failure:
            raise self._failure
        return self.plan(), None


@pytest.fixture
def operator(shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Environment]:
    """Staging as somebody's machine has it; its lease and its journal are on the shelf."""
    monkeypatch.setattr("shopctl.drivers.bucket.Bucket", lambda settings: shelf)
    return lambda name: Environment("staging", paths.stack_files()["staging"], tmp_path / name)


def run(environment: Environment, failure: Exception | None = None) -> None:
    perform(
        Work(failure),
        environment,
        Options(yes=True),
        Report(quiet=True),
        show=lambda _: None,
        confirm=lambda _: True,
    )


def left(shelf: Shelf, token: str, host: str = "far-away") -> Record:
    """A lease whose holder was killed."""
    now = time.time()
    record = Record(Process("eve", host, 1, 1), "deploy", now - 30, now + 30, token)
    shelf.put(f"shopctl/lease/staging/{token}.json", json.dumps(asdict(record)).encode())
    return record


def told(environment: Environment) -> list[tuple[str, str, str]]:
    return [
        (one.actor.split("@")[0], one.operation, one.outcome)
        for one in journal.of(environment, pytest.fail).last(10)
    ]


def test_another_machine_writes_down_that_an_operation_was_killed(
    shelf: Shelf, operator: Callable[[str], Environment]
) -> None:
    record = left(shelf, "0123456789abcdef")
    shelf.ahead = 90.0
    run(operator("ann"))
    killed, own = journal.of(operator("bob"), pytest.fail).last(10)
    assert (killed.id, killed.actor, killed.outcome) == (record.token[:12], "eve@far-away", "killed")
    assert (own.operation, own.outcome) == ("up", "succeeded")


def test_one_that_was_killed_after_its_line_gets_no_second_from_another_machine(
    shelf: Shelf, operator: Callable[[str], Environment]
) -> None:
    run(operator("eve"))
    (line,) = journal.of(operator("eve"), pytest.fail).last(10)
    left(shelf, f"{line.id}rest", os.uname().nodename)
    run(operator("ann"))
    assert [outcome for *_, outcome in told(operator("ann"))] == ["succeeded", "succeeded"]


def test_one_that_was_taken_for_dead_and_lived_on_has_its_own_line_too(ann: Desk, eve: Desk) -> None:
    ann.journal.append(entry(1, outcome="killed"))
    eve.journal.append(entry(1, outcome="succeeded"))
    assert sorted(one.outcome for one in ann.journal.last(10)) == ["killed", "succeeded"]


def test_a_bucket_that_is_away_does_not_hide_how_the_operation_failed(
    shelf: Shelf, operator: Callable[[str], Environment], monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = operator("ann")
    monkeypatch.setattr(lease, "of", lambda environment: FileLease(environment.lease_file))
    shelf.away = True
    with pytest.raises(ShopctlError, match="it broke"):
        run(environment, ShopctlError("it broke"))
    (line,) = journal.read(environment.journal_file)
    assert (line.outcome, line.error) == ("failed", "it broke")


def test_a_defects_own_words_are_not_shared(shelf: Shelf, operator: Callable[[str], Environment]) -> None:
    """They may hold anything: a value that was refused, say."""
    environment = operator("ann")
    with pytest.raises(ValueError, match="hunter2"):
        run(environment, ValueError("hunter2 is no password"))
    (line,) = journal.of(environment, pytest.fail).last(1)
    assert line.error == "ValueError"
    assert not [key for key, (content, _) in shelf.objects.items() if b"hunter2" in content]
    assert "hunter2" not in environment.journal_file.read_text(), "whence it would be brought up"


@pytest.fixture
def shopctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """The command as an operator runs it."""
    monkeypatch.setenv("SHOPCTL_STATE_DIR", str(tmp_path))
    monkeypatch.setattr(options, "GLOBALS", options.Globals())
    return lambda *words: CliRunner().invoke(cli.app, list(words), catch_exceptions=False)


def test_the_command_shows_everybodys_lines(
    shopctl: Callable[..., Any], operator: Callable[[str], Environment], eve: Desk
) -> None:
    assert operator("staging").bucket is not None
    for number in range(4):
        eve.journal.append(entry(number, actor="eve@server", evidence={} if number == 1 else ENTRY.evidence))
    eve.journal.append(entry(9, operation="rehearse"))
    shown = shopctl("journal", "--env", "staging", "--json", "-n", "3")
    assert [(one["id"], one["actor"]) for one in json.loads(shown.stdout)] == [
        ("id2", "eve@server"),
        ("id3", "eve@server"),
        ("id9", "ann@desk"),
    ]
    releases = shopctl("releases", "--env", "staging", "--json")
    assert [one["id"] for one in json.loads(releases.stdout)] == ["id0", "id2", "id3"]


def test_the_command_warns_when_it_could_ask_nobody(
    shopctl: Callable[..., Any], operator: Callable[[str], Environment], shelf: Shelf, tmp_path: Path
) -> None:
    assert operator("staging").bucket is not None
    shelf.away = True
    journal.append(tmp_path / "staging/journal.jsonl", ENTRY)
    shown = shopctl("journal", "--env", "staging", "--json")
    assert [one["id"] for one in json.loads(shown.stdout)] == ["a1"]
    assert "warning: of the journal only what was done from this machine" in shown.stderr


def test_an_environment_of_this_machine_asks_no_bucket_and_needs_no_settings(tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.local.yaml"
    file.write_text("config: {shop:region: [this is not valid]}\n")
    environment = Environment("local", file, tmp_path)
    kept = journal.of(environment, pytest.fail)
    kept.append(ENTRY)
    assert kept.last(5) == list(journal.read(environment.journal_file)) == [ENTRY]
    assert kept.place == str(environment.journal_file)


def test_a_mere_look_leaves_the_bucket_alone(operator: Callable[[str], Environment]) -> None:
    kept = journal.of(replace(operator("ann"), preview=True), pytest.fail)
    assert isinstance(kept, FileJournal)


def test_destroy_says_where_the_journal_stays(
    operator: Callable[[str], Environment], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shopctl.drivers.engine_state.exists", lambda environment: False)
    _, gone = Destroy(operator("ann"), Report(quiet=True)).apply(Plan("destroy", "staging"))
    assert gone.journal == "shopctl/journal/staging/ in the bucket of the state"
