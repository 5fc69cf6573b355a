"""The engine's event stream as a plan, as progress and as an error that says what failed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from shopctl.drivers import hints
from shopctl.errors import ShopctlError
from shopctl.plan import Change, Difference, Operation, Plan, short_type
from shopctl.plan.differences import between, properties

if TYPE_CHECKING:
    from pulumi.automation import EngineEvent
    from pulumi.automation.events import StepEventMetadata, StepEventStateMetadata

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
# After a failure, a saved plan's remaining steps are reported as well: each "expected ... but none were seen".
_NOISE = re.compile(r"^expected resource operations for \S+ but none were seen$")
_PROTECTED = re.compile(r"unable to (replace|delete) resource .*marked for protection", re.DOTALL)
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
    type: str = ""
    name: str = ""


class Collector:
    """Receives the events of one engine operation."""

    def __init__(self, operation: str, environment: str, handler: EventHandler | None = None) -> None:
        self._operation = operation
        self._environment = environment
        self._handler = handler
        self._changes: list[Change] = []
        self._drift: list[Change] = []
        self.urns: dict[str, str] = {}
        """The full name of each resource that the program asks for, by its short one."""
        self._unchanged = 0
        self._failures: list[Failure] = []

    def __call__(self, event: EngineEvent) -> None:
        """Takes one event."""
        if event.resource_pre_event:
            self._planned(event.resource_pre_event.metadata)
            self._tell("started", event.resource_pre_event.metadata)
        elif event.res_outputs_event:
            metadata = event.res_outputs_event.metadata
            if self._operation == "refresh" or metadata.op.value == "refresh":
                self._observed(metadata)
            self._tell("finished", metadata)
        elif event.res_op_failed_event:
            self._tell("failed", event.res_op_failed_event.metadata)
        elif (diagnostic := event.diagnostic_event) and diagnostic.severity == "error":
            message = _said(diagnostic.message)
            urn = diagnostic.urn or ""
            failure = Failure(
                _label(urn), message, urn.split("::")[-2].split("$")[-1] if urn else "", _name(urn)
            )
            # The stack's own error only repeats that something failed; a program's comes twice.
            if message and message not in _REPEATS and failure not in self._failures:
                self._failures.append(failure)

    def only_protected(self) -> bool:
        """Whether all that went wrong is that something protected would go. The plan then says what, as refused."""
        found = [(failure, _PROTECTED.search(failure.message)) for failure in self._failures]
        if not found or not all(match for _, match in found):
            return False
        for failure, match in found:
            operation: Operation = "replace" if match and match[1] == "replace" else "delete"
            change = Change(operation, failure.type, failure.name, protected=True)
            if (operation, failure.name) not in {(c.operation, c.name) for c in self._changes}:
                self._changes.append(change)
        return True

    def plan(self) -> Plan:
        """What the operation changes, or changed."""
        looked = self._operation == "refresh"
        as_said = "on record" if looked else "the program and the configuration say"
        return Plan(
            operation=self._operation,
            environment=self._environment,
            changes=tuple(self._drift if looked else self._changes),
            drift=() if looked else tuple(self._drift),
            unchanged=self._unchanged,
            reason=f"all {self._unchanged} resources are as {as_said}",
            warnings=("the engine stopped at what is protected: the rest of the plan is not known",)
            if any(_PROTECTED.search(failure.message) for failure in self._failures)
            else (),
        )

    def failure(self, action: str, error: Exception) -> ShopctlError:
        """The error for a person: the first failure in front, all of them below."""
        if not self._failures:
            said = [line for line in str(error).splitlines() if line.strip()]
            what = f"the engine's {action} of {self._environment} failed"
            hint = hints.of_words("\n".join(said))
            return ShopctlError(
                f"{what}: {hint.what}" if hint else what,
                command=f"pulumi {action}",
                last_lines=said,
                next_step=hint.next_step if hint else None,
            )
        failures = [f for f in self._failures if not _NOISE.match(f.message)] or self._failures
        first = failures[0]
        lines: list[str] = []
        for failure in failures:
            if len(failures) > 1:
                lines.append(f"{failure.resource}:")
            lines.extend(failure.message.splitlines())
        hint = hints.of_words("\n".join(lines))
        mend = f"mend the cause; `shopctl --env {self._environment} up` goes on from what is there"
        what = f"{action} of {self._environment} failed at {first.resource}"
        return ShopctlError(
            f"{what}: {hint.what}" if hint else what,
            where=first.resource,
            last_lines=lines,
            next_step=hint.next_step if hint else mend,
        )

    def _planned(self, metadata: StepEventMetadata) -> None:
        operation = _OPERATIONS.get(metadata.op.value)
        if operation is None or not _shown(metadata) or self._operation == "refresh":
            return
        self.urns[_name(metadata.urn)] = metadata.urn
        if operation == "same":
            self._unchanged += 1
            return
        self._changes.append(
            Change(
                operation,
                metadata.type,
                _name(metadata.urn),
                tuple(sorted(metadata.diffs or ())),
                _differences(operation, metadata),
                protected=bool(metadata.old and metadata.old.protect),
            )
        )

    def _observed(self, metadata: StepEventMetadata) -> None:
        """A resource was read: is it as the state has it?"""
        old, new = metadata.old, metadata.new
        if old is None or not old.custom or metadata.type.startswith("pulumi:"):
            return
        name, held = _name(metadata.urn), bool(old.protect)
        if new is None:
            self._drift.append(Change("delete", metadata.type, name, protected=held))
            return
        found = _drifted(old, new)
        if found:
            tops = tuple(sorted({re.split(r"[.\[]", d.path)[0] for d in found}))
            self._drift.append(Change("update", metadata.type, name, tops, found, protected=held))
        elif self._operation == "refresh":
            self._unchanged += 1

    def _tell(self, kind: Literal["started", "finished", "failed"], metadata: StepEventMetadata) -> None:
        # What a refresh reports as "updated" or "deleted" was only read.
        if self._operation == "refresh" or metadata.op.value not in _STEPS_SHOWN or not _shown(metadata):
            return
        if self._handler:
            self._handler(
                ResourceEvent(kind, metadata.op.value, short_type(metadata.type), _name(metadata.urn))
            )


def _differences(operation: Operation, metadata: StepEventMetadata) -> tuple[Difference, ...]:
    if operation == "create":
        return properties((metadata.new and metadata.new.inputs) or {})
    if operation == "delete" or metadata.old is None or metadata.new is None:
        return ()
    old, new = metadata.old.inputs or {}, metadata.new.inputs or {}
    return between(old, new, names=metadata.diffs, forcing=metadata.keys or ())


def _drifted(old: StepEventStateMetadata, new: StepEventStateMetadata) -> tuple[Difference, ...]:
    """What the state says and what was read: inputs first, then what only the real thing tells."""
    asked = between(old.inputs or {}, new.inputs or {})
    told = {difference.path for difference in asked}
    seen = between(old.outputs or {}, new.outputs or {})
    return asked + tuple(difference for difference in seen if difference.path not in told)


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
