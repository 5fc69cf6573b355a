"""The engine's files: is there a stack, which locks are dead, which operations were cut off."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from shopctl.drivers.bucket import Bucket

if TYPE_CHECKING:
    from shopctl.environment import Environment
    from shopctl.report import Report

PROJECT = "shop"
_GRACE_SECONDS = 10.0


class Files(Protocol):
    """Where the engine keeps its files: a folder, or a bucket. Keys are paths with slashes."""

    def get(self, key: str) -> bytes | None: ...

    def delete(self, key: str) -> None: ...

    def keys(self, prefix: str) -> list[str]: ...


class _Folder:
    def __init__(self, root: Path) -> None:
        self._root = root

    def get(self, key: str) -> bytes | None:
        try:
            return (self._root / key).read_bytes()
        except FileNotFoundError:
            return None

    def delete(self, key: str) -> None:
        (self._root / key).unlink(missing_ok=True)

    def keys(self, prefix: str) -> list[str]:
        return [str(file.relative_to(self._root)) for file in (self._root / prefix).rglob("*.json")]


class _Bucket:
    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self.get, self.delete = bucket.get, bucket.delete

    def keys(self, prefix: str) -> list[str]:
        return [item.key for item in self._bucket.list(f"{prefix}/")[0] if item.key.endswith(".json")]


def files(environment: Environment) -> Files:
    """The environment's."""
    if environment.bucket is None:
        return _Folder(environment.backend)
    return _Bucket(Bucket(environment.bucket))


def state_key(environment: Environment) -> str:
    """The stack's checkpoint."""
    return f".pulumi/stacks/{PROJECT}/{environment.name}.json"


def exists(environment: Environment) -> bool:
    """Whether the stack was ever created. Raises UnreadableError when its bucket can't be read."""
    return files(environment).get(state_key(environment)) is not None


def fingerprint(environment: Environment) -> str:
    """Changes whenever a resource of the state does; a plan made for another one is stale."""
    resources = deployment(environment)
    if not resources:
        return "none"
    # Each operation writes the file anew: its time, the order and the encryption differ. A resource whose secret
    # changed has another time of its own.
    parts = sorted(
        json.dumps([r["urn"], r.get("id"), r.get("modified"), r.get("delete"), _clear(r.get("inputs"))])
        for r in resources
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:20]


def _clear(value: Any) -> Any:
    """Without ciphertexts."""
    if isinstance(value, dict):
        return {key: _clear(item) for key, item in sorted(value.items()) if key != "ciphertext"}
    return [_clear(item) for item in value] if isinstance(value, list) else value


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


def guarded(environment: Environment) -> list[tuple[str, str, bool]]:
    """The same, and whether each is protected against deletion."""
    return [
        (resource["type"], resource["urn"].split("::")[-1], bool(resource.get("protect")))
        for resource in deployment(environment)
        if resource.get("custom") and not resource["type"].startswith("pulumi:")
    ]


def _latest(environment: Environment) -> dict[str, Any]:
    """The newest checkpoint. A file that can't be read counts as empty: the engine will say why."""
    try:
        return json.loads(files(environment).get(state_key(environment)) or "")["checkpoint"]["latest"] or {}
    except (ValueError, KeyError, TypeError):
        return {}


def remove_dead_locks(environment: Environment, report: Report) -> None:
    """Removes the engine's own locks.

    The caller has the environment's lease, so a lock belongs to an engine whose shopctl was killed. Such an
    engine may still be finishing; it is asked to stop first, because two must not write one state.
    """
    kept = files(environment)
    for key in kept.keys(".pulumi/locks"):
        lock = _json(kept.get(key))
        pid = int(lock.get("pid") or 0)
        # In a bucket there are other machines' locks too; their pids say nothing here.
        if lock.get("hostname") in {None, os.uname().nodename} and _is_engine(pid):
            report(f"    an engine of an earlier run (pid {pid}) is still at work: stopping it")
            _stop(pid)
        kept.delete(key)


def _json(content: bytes | None) -> dict[str, Any]:
    """A lock that a crash left empty counts as nobody's."""
    try:
        return dict(json.loads(content or b"{}"))
    except (ValueError, TypeError):
        return {}


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
