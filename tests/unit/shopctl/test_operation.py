"""The shape of an operation: what happens when, and what the journal says of it."""

from pathlib import Path
from typing import Any

import pytest

from shopctl import journal
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
    return Environment("local", tmp_path / "Pulumi.local.yaml", tmp_path)


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
