"""The shape of an operation: what happens when, and what the journal says of it."""

from pathlib import Path
from typing import Any

import pytest

from shopctl import journal, paths
from shopctl.environment import Environment
from shopctl.errors import LeaseHeldError, ShopctlError, StoppedError
from shopctl.lease import FileLease
from shopctl.operation import Declined, Options, perform
from shopctl.plan import Change, Plan
from shopctl.report import Report

PLAN = Plan("up", "local", (Change("create", "x:y/z:Z", "a"),))


class Build:
    name = "up"

    def __init__(self, environment: Environment, failure: BaseException | None = None) -> None:
        self.environment = environment
        self.failure = failure
        self.done: list[str] = []

    def plan(self) -> Plan:
        assert not self.environment.lease_file.exists()
        self.done.append("plan")
        return PLAN

    def apply(self, planned: Plan | None) -> tuple[Plan, str]:
        assert self.environment.lease_file.exists()
        self.done.append("apply planned" if planned else "apply")
        if self.failure:
            raise self.failure
        return PLAN, "result"


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return Environment("local", paths.stack_files()["local"], tmp_path)


def go(operation: Build, options: Options, answer: bool = True) -> tuple[Any, list[Plan]]:
    shown: list[Plan] = []
    result = perform(
        operation,
        operation.environment,
        options,
        Report(quiet=True),
        show=shown.append,
        confirm=lambda _: answer,
    )
    return result, shown


def test_the_plan_is_shown_before_the_question(environment: Environment) -> None:
    operation = Build(environment)
    result, shown = go(operation, Options())
    assert (result, shown, operation.done) == ("result", [PLAN], ["plan", "apply planned"])
    assert [(e.outcome, e.plan) for e in journal.read(environment.journal_file)] == [
        ("succeeded", {"create": 1})
    ]


def test_no_is_no(environment: Environment) -> None:
    operation = Build(environment)
    result, _ = go(operation, Options(), answer=False)
    assert isinstance(result, Declined)
    assert operation.done == ["plan"]
    assert list(journal.read(environment.journal_file)) == []


def test_dry_run_stops_after_the_plan_even_with_yes(environment: Environment) -> None:
    operation = Build(environment)
    result, shown = go(operation, Options(yes=True, dry_run=True))
    assert isinstance(result, Declined)
    assert (shown, operation.done) == ([PLAN], ["plan"])


@pytest.mark.parametrize(
    ("failure", "outcome"),
    [
        (ShopctlError("it broke"), "failed"),
        (StoppedError("stopped"), "interrupted"),
        (KeyboardInterrupt(), "interrupted"),
        (ValueError("a defect"), "failed"),
    ],
)
def test_failures_are_journalled_and_the_lease_goes_back(
    environment: Environment, failure: BaseException, outcome: str
) -> None:
    with pytest.raises(type(failure)):
        go(Build(environment, failure), Options(yes=True))
    (entry,) = journal.read(environment.journal_file)
    assert entry.outcome == outcome
    assert entry.error
    assert FileLease(environment.lease_file).read() is None


def test_nothing_is_applied_while_another_machine_works(environment: Environment) -> None:
    import json
    import time

    holder = {"user": "eve", "host": "elsewhere", "pid": 1, "started": 1}
    record = {"holder": holder, "operation": "up", "since": 0, "expires": time.time() + 60, "token": "t"}
    environment.lease_file.write_text(json.dumps(record))
    operation = Build(environment)
    with pytest.raises(LeaseHeldError):
        go(operation, Options(yes=True))
    assert operation.done == []


def leave_a_lease(environment: Environment, token: str) -> None:
    """As a process of this machine does that was killed."""
    import json
    import os
    import time

    holder = {"user": "ann", "host": os.uname().nodename, "pid": 1, "started": 1}
    now = time.time()
    record = {"holder": holder, "operation": "up", "since": now - 30, "expires": now + 50, "token": token}
    environment.lease_file.write_text(json.dumps(record))


def test_the_next_operation_writes_down_that_the_last_one_was_killed(environment: Environment) -> None:
    leave_a_lease(environment, "0123456789abcdef")
    go(Build(environment), Options(yes=True))
    killed, own = journal.read(environment.journal_file)
    assert (killed.id, killed.operation, killed.outcome) == ("0123456789ab", "up", "killed")
    assert (killed.actor.split("@")[0], killed.seconds) == ("ann", 20.0)
    assert own.outcome == "succeeded"


def test_one_that_was_killed_after_its_line_gets_no_second(environment: Environment) -> None:
    go(Build(environment), Options(yes=True))
    (entry,) = journal.read(environment.journal_file)
    leave_a_lease(environment, f"{entry.id}rest")
    go(Build(environment), Options(yes=True))
    assert [e.outcome for e in journal.read(environment.journal_file)] == ["succeeded", "succeeded"]


def test_a_journal_that_cannot_be_written_does_not_hide_the_failure(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(journal, "append", full)
    with pytest.raises(ShopctlError, match="it broke"):
        go(Build(environment, ShopctlError("it broke")), Options(yes=True))
