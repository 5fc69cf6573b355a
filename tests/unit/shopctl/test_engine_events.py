"""The engine's events become a plan, progress and an error."""

from typing import Any

from pulumi.automation import EngineEvent

from shopctl.drivers.engine_events import Collector, ResourceEvent
from shopctl.plan import Change

TYPE = "tencentcloud:Instance/instance:Instance"


def step(kind: str, op: str, name: str, type_: str = TYPE, diffs: list[str] | None = None) -> EngineEvent:
    urn = f"urn:pulumi:local::shop::{type_}::{name}"
    state = {"type": type_, "urn": urn, "custom": not type_.startswith("shop:")}
    metadata = {"op": op, "urn": urn, "type": type_, "new": state, "diffs": diffs}
    return EngineEvent.from_json({"sequence": 1, "timestamp": 1, kind: {"metadata": metadata}})


def said(message: str, name: str = "", severity: str = "error") -> EngineEvent:
    urn = f"urn:pulumi:local::shop::shop:infra:Compute${TYPE}::{name}" if name else ""
    event: dict[str, Any] = {"message": message, "color": "never", "severity": severity, "urn": urn}
    return EngineEvent.from_json({"sequence": 1, "timestamp": 1, "diagnosticEvent": event})


def collect(*events: EngineEvent) -> tuple[Collector, list[ResourceEvent]]:
    told: list[ResourceEvent] = []
    collector = Collector("up", "local", told.append)
    for event in events:
        collector(event)
    return collector, told


def test_plan_counts_each_resource_once_and_leaves_components_out() -> None:
    collector, _ = collect(
        step("resourcePreEvent", "create", "compute", "shop:infra:Compute"),
        step("resourcePreEvent", "create", "default", "pulumi:providers:tencentcloud"),
        step("resourcePreEvent", "create", "web-1"),
        step("resourcePreEvent", "same", "web-2"),
        step("resourcePreEvent", "create-replacement", "ops-1"),
        step("resourcePreEvent", "replace", "ops-1", diffs=["imageId"]),
        step("resourcePreEvent", "delete-replaced", "ops-1"),
    )
    plan = collector.plan()
    assert plan.changes == (Change("create", TYPE, "web-1"), Change("replace", TYPE, "ops-1", ("imageId",)))
    assert plan.unchanged == 1


def test_progress_has_a_start_and_an_end_of_the_same_key() -> None:
    _, told = collect(step("resourcePreEvent", "create", "web-1"), step("resOutputsEvent", "create", "web-1"))
    assert [event.kind for event in told] == ["started", "finished"]
    assert told[0].key == told[1].key


def test_an_error_shows_the_providers_words_and_names_the_resource() -> None:
    collector, _ = collect(
        said("<{%reset%}>web-1 did not boot\nconsole: no space left<{%reset%}>", "web-1"),
        said("update failed"),
    )
    error = collector.failure("up", RuntimeError("200 lines of output"))
    assert error.what == "up of local failed at Instance web-1"
    assert error.last_lines == ("web-1 did not boot", "console: no space left")


def test_a_defect_of_the_program_is_told_once_and_without_its_traceback() -> None:
    text = "python inline source runtime error: no such zone\nTraceback (most recent call last):\n  File ..."
    collector, _ = collect(said(text), said(f"an unhandled error occurred: {text}"))
    error = collector.failure("preview", RuntimeError())
    assert error.what == "preview of local failed at the program"
    assert error.last_lines == ("no such zone",)


def test_all_failures_are_told() -> None:
    collector, _ = collect(said("one", "web-1"), said("two", "web-2"))
    lines = collector.failure("up", RuntimeError()).last_lines
    assert lines == ("Instance web-1:", "one", "Instance web-2:", "two")


def test_without_any_event_the_engines_output_is_shown() -> None:
    collector, _ = collect()
    assert collector.failure("up", RuntimeError("stack is locked")).last_lines == ("stack is locked",)
