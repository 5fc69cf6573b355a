"""The engine's and Ansible's events as lines of progress."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shopctl.drivers.ansible import TaskEvent
    from shopctl.drivers.engine_events import ResourceEvent
    from shopctl.report import Report

_DONE = {
    "create": ("+", "created", "green"),
    "import": ("+", "imported", "green"),
    "create-replacement": ("±", "created anew", "red"),
    "update": ("~", "updated", "yellow"),
    "delete": ("-", "deleted", "red"),
    "delete-replaced": ("-", "deleted, replaced", "red"),
}


def of_resources(report: Report) -> Callable[[ResourceEvent], None]:
    """Shows resources as they are made."""

    def show(event: ResourceEvent) -> None:
        sign, verb, style = _DONE[event.step]
        if event.kind == "started":
            report.started(event.key, f"{sign} {event.type} {event.name}")
        elif event.kind == "finished":
            report.finished(event.key, f"{sign} {event.type} {event.name} {verb}", style)
        else:
            report.finished(event.key, f"x {event.type} {event.name} FAILED", "bold red")

    return show


def of_tasks(report: Report) -> Callable[[TaskEvent], None]:
    """Shows the task that runs, and each change and failure."""
    current: list[str] = []

    def show(event: TaskEvent) -> None:
        if event.kind == "task":
            for key in current:
                report.finished(key)
            current[:] = [event.task]
            report.started(event.task, event.task)
        elif event.changed:
            report(f"    {event.host}: {event.task}", "yellow")
        elif event.kind in {"failed", "unreachable"}:
            report(f"    {event.host}: {event.task} {event.kind.upper()}", "bold red")

    return show
