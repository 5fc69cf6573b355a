"""The engine's events become a plan, progress and an error."""

from typing import Any

from pulumi.automation import EngineEvent

from shopctl.drivers.engine_events import Collector, ResourceEvent
from shopctl.plan import Change, Difference

TYPE = "tencentcloud:Instance/instance:Instance"


def step(
    kind: str, op: str, name: str, type_: str = TYPE, diffs: list[str] | None = None, **more: Any
) -> EngineEvent:
    urn = f"urn:pulumi:local::shop::{type_}::{name}"
    state = {"type": type_, "urn": urn, "custom": not type_.startswith("shop:")}
    metadata = {"op": op, "urn": urn, "type": type_, "new": state, "diffs": diffs}
    for side in ("old", "new"):
        if side in more:
            metadata[side] = {**state, **more.pop(side)} if more[side] is not None else None
    metadata.update(more)
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


def test_a_replacement_says_what_forces_it_and_what_is_protected() -> None:
    old = {"inputs": {"imageId": "img-1", "name": "a"}, "protect": True}
    new = {"inputs": {"imageId": "img-2", "name": "b"}}
    event = step(
        "resourcePreEvent", "replace", "ops-1", diffs=["imageId", "name"], keys=["imageId"], old=old, new=new
    )
    (change,) = collect(event)[0].plan().changes
    assert change.protected
    assert change.differences == (
        Difference("imageId", '"img-1"', '"img-2"', forces=True),
        Difference("name", '"a"', '"b"'),
    )


def observed() -> list[EngineEvent]:
    as_was = {"inputs": {"size": 1}, "outputs": {"size": 1, "status": "RUNNING"}}
    smaller = {"inputs": {"size": 2}, "outputs": {"size": 2, "status": "RUNNING"}}
    stopped = {"inputs": {"size": 1}, "outputs": {"size": 1, "status": "STOPPED"}}
    return [
        step("resOutputsEvent", "refresh", "web-1", old=as_was, new=as_was),
        step("resOutputsEvent", "refresh", "web-2", old=as_was, new=smaller),
        step("resOutputsEvent", "refresh", "web-3", old=as_was, new=None),
        step("resOutputsEvent", "refresh", "web-4", old=as_was, new=stopped),
        step("resourcePreEvent", "update", "web-2", diffs=["size"], old=smaller, new=as_was),
        step("resourcePreEvent", "create", "web-3"),
    ]


DRIFT = (
    Change("update", TYPE, "web-2", ("size",), (Difference("size", "1", "2"),)),
    Change("delete", TYPE, "web-3"),
    Change("update", TYPE, "web-4", ("status",), (Difference("status", '"RUNNING"', '"STOPPED"'),)),
)


def test_what_was_changed_by_other_means_is_told_apart_from_what_is_to_do() -> None:
    plan = collect(*observed())[0].plan()
    assert plan.drift == DRIFT
    assert [(c.operation, c.name) for c in plan.changes] == [("update", "web-2"), ("create", "web-3")]


def test_the_changes_of_a_refresh_are_what_it_found() -> None:
    told: list[ResourceEvent] = []
    collector = Collector("refresh", "local", told.append)
    for event in observed()[:4]:
        collector(event)
    plan = collector.plan()
    assert (plan.changes, plan.drift, plan.unchanged) == (DRIFT, (), 1)
    assert told == [], "nothing was done to any of them"


def test_a_saved_plans_unreached_steps_do_not_hide_the_failure() -> None:
    noise = "expected resource operations for urn:pulumi:x::y::z::web-1 but none were seen"
    collector, _ = collect(said(noise, "web-1"), said("no memory", "web-2"))
    assert collector.failure("up", RuntimeError()).last_lines == ("no memory",)


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
