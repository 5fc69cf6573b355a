"""The engine's event stream as a plan, as progress and as an error that says what failed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from shopctl.errors import ShopctlError
from shopctl.plan import Change, Operation, Plan, short_type

if TYPE_CHECKING:
    from pulumi.automation import EngineEvent
    from pulumi.automation.events import StepEventMetadata

_OPERATIONS: dict[str, Operation] = {
    "create": "create",
    "update": "update",
    "replace": "replace",
    "delete": "delete",
    "same": "same",
    "import": "create",
    "discard": "delete",
}
# A replacement comes as three steps. The one named `replace` stands for it in plans.
_STEPS_SHOWN = {"create", "update", "delete", "create-replacement", "delete-replaced", "import"}
_REPEATS = {"update failed", "preview failed", "destroy failed", "refresh failed"}
_WRAPPERS = ("an unhandled error occurred: ", "python inline source runtime error: ")
_MARKUP = re.compile(r"<\{%[^%]*%\}>|\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class ResourceEvent:
    """A resource's operation starts, ends or fails."""

    kind: Literal["started", "finished", "failed"]
    step: str
    type: str
    name: str

    @property
    def key(self) -> str:
        """The same for the start and the end of one operation."""
        return f"{self.step} {self.type} {self.name}"


EventHandler = Callable[[ResourceEvent], None]


@dataclass(frozen=True)
class Failure:
    """What the engine or a provider said about one resource, or about the program."""

    resource: str
    message: str


class Collector:
    """Receives the events of one engine operation."""

    def __init__(self, operation: str, environment: str, handler: EventHandler | None = None) -> None:
        self._operation = operation
        self._environment = environment
        self._handler = handler
        self._changes: list[Change] = []
        self._unchanged = 0
        self._failures: list[Failure] = []

    def __call__(self, event: EngineEvent) -> None:
        """Takes one event."""
        if event.resource_pre_event:
            self._planned(event.resource_pre_event.metadata)
            self._tell("started", event.resource_pre_event.metadata)
        elif event.res_outputs_event:
            metadata = event.res_outputs_event.metadata
            if self._operation == "refresh" and metadata.op.value != "refresh":
                self._planned(metadata)
            self._tell("finished", metadata)
        elif event.res_op_failed_event:
            self._tell("failed", event.res_op_failed_event.metadata)
        elif (diagnostic := event.diagnostic_event) and diagnostic.severity == "error":
            message = _said(diagnostic.message)
            failure = Failure(_label(diagnostic.urn), message)
            # The stack's own error only repeats that something failed; a program's comes twice.
            if message and message not in _REPEATS and failure not in self._failures:
                self._failures.append(failure)

    def plan(self) -> Plan:
        """What the operation changes, or changed."""
        return Plan(
            operation=self._operation,
            environment=self._environment,
            changes=tuple(self._changes),
            unchanged=self._unchanged,
            reason=f"all {self._unchanged} resources are as the program and the configuration say",
        )

    def failure(self, action: str, error: Exception) -> ShopctlError:
        """The error for a person: the first failure in front, all of them below."""
        if not self._failures:
            said = [line for line in str(error).splitlines() if line.strip()]
            what = f"the engine's {action} of {self._environment} failed"
            return ShopctlError(what, command=f"pulumi {action}", last_lines=said)
        first = self._failures[0]
        lines: list[str] = []
        for failure in self._failures:
            if len(self._failures) > 1:
                lines.append(f"{failure.resource}:")
            lines.extend(failure.message.splitlines())
        return ShopctlError(
            f"{action} of {self._environment} failed at {first.resource}",
            where=first.resource,
            last_lines=lines,
            next_step=f"mend the cause; `shopctl --env {self._environment} up` goes on from what is there",
        )

    def _planned(self, metadata: StepEventMetadata) -> None:
        operation = _OPERATIONS.get(metadata.op.value)
        if operation is None or not _shown(metadata):
            return
        if operation == "same":
            self._unchanged += 1
            return
        self._changes.append(
            Change(operation, metadata.type, _name(metadata.urn), tuple(sorted(metadata.diffs or ())))
        )

    def _tell(self, kind: Literal["started", "finished", "failed"], metadata: StepEventMetadata) -> None:
        if self._handler and metadata.op.value in _STEPS_SHOWN and _shown(metadata):
            self._handler(
                ResourceEvent(kind, metadata.op.value, short_type(metadata.type), _name(metadata.urn))
            )


def _said(message: str) -> str:
    """The message without the engine's colours, wrappers and tracebacks (its log has those)."""
    text = _MARKUP.sub("", message).split("Traceback (most recent call last)")[0].strip()
    for wrapper in _WRAPPERS:
        text = text.removeprefix(wrapper)
    return text


def _shown(metadata: StepEventMetadata) -> bool:
    """Components and providers are not things that cost time or money."""
    state = metadata.new or metadata.old
    return bool(state and state.custom) and not metadata.type.startswith("pulumi:")


def _name(urn: str) -> str:
    return urn.split("::")[-1]


def _label(urn: str | None) -> str:
    if not urn:
        return "the program"
    *_, type_, name = urn.split("::")
    if type_.startswith("pulumi:pulumi:"):
        return "the program"
    return f"{short_type(type_.split('$')[-1])} {name}"
