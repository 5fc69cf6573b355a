"""The engine's files: is there a stack, which locks are dead, which operations were cut off."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shopctl.environment import Environment
    from shopctl.report import Report

PROJECT = "shop"
_GRACE_SECONDS = 10.0


def state_file(environment: Environment) -> Path:
    """The stack's checkpoint."""
    return environment.backend / ".pulumi" / "stacks" / PROJECT / f"{environment.name}.json"


def exists(environment: Environment) -> bool:
    """Whether the stack was ever created."""
    return state_file(environment).exists()


def fingerprint(environment: Environment) -> str:
    """Changes whenever a resource of the state does; a plan made for another one is stale."""
    resources = _latest(environment).get("resources")
    if not resources:
        return "none"
    # Each operation writes the file anew, with its time; what counts is what it says of the resources.
    return hashlib.sha256(json.dumps(resources, sort_keys=True).encode()).hexdigest()[:20]


def urns(environment: Environment) -> dict[str, str]:
    """The id of every resource that a provider made, by its URN."""
    return {
        resource["urn"]: str(resource.get("id", ""))
        for resource in deployment(environment)
        if resource.get("custom") and not resource["type"].startswith("pulumi:")
    }


def deployment(environment: Environment) -> list[dict[str, Any]]:
    """Every resource as the state has it, secrets encrypted."""
    return list(_latest(environment).get("resources") or ())


def pending_operations(environment: Environment) -> list[str]:
    """Operations that a killed engine had begun: `creating web-1`."""
    return [
        f"{pending['type']} {pending['resource']['urn'].split('::')[-1]}"
        for pending in _latest(environment).get("pending_operations") or ()
    ]


def resources(environment: Environment) -> list[tuple[str, str]]:
    """The type and name of every resource in the state that a provider made."""
    return [
        (resource["type"], resource["urn"].split("::")[-1])
        for resource in _latest(environment).get("resources") or ()
        if resource.get("custom") and not resource["type"].startswith("pulumi:")
    ]


def _latest(environment: Environment) -> dict[str, Any]:
    """The newest checkpoint. A file that can't be read counts as empty: the engine will say why."""
    try:
        return json.loads(state_file(environment).read_text())["checkpoint"]["latest"] or {}
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return {}


def remove_dead_locks(environment: Environment, report: Report) -> None:
    """Removes the engine's own locks.

    The caller has the environment's lease, so a lock belongs to an engine whose shopctl was killed. Such an
    engine may still be finishing; it is asked to stop first, because two must not write one state.
    """
    for lock in (environment.backend / ".pulumi" / "locks").rglob("*.json"):
        pid = int(json.loads(lock.read_text() or "{}").get("pid") or 0)
        if _is_engine(pid):
            report(f"    an engine of an earlier run (pid {pid}) is still at work: stopping it")
            _stop(pid)
        lock.unlink(missing_ok=True)


def _is_engine(pid: int) -> bool:
    """A pid may have been given to another program since."""
    try:
        return b"pulumi" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0]
    except OSError:
        return False


def _stop(pid: int) -> None:
    for number in (signal.SIGINT, signal.SIGKILL):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        limit = time.monotonic() + _GRACE_SECONDS
        while _is_engine(pid) and time.monotonic() < limit:
            time.sleep(0.05)
