"""A plan kept in a file, and whether it may still be applied.

The file holds the plan as it was shown, the engine's own plan (which constrains its steps, with secrets encrypted),
and what both were made from: the stack's state, its configuration, and the checkout. When one of these has changed,
the plan is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from shopctl import paths
from shopctl.drivers import engine_state
from shopctl.errors import BadInputError, ShopctlError
from shopctl.plan import Plan
from shopctl.plan.text import lines
from shopctl.secrets import write_private

if TYPE_CHECKING:
    from shopctl.environment import Environment

FORMAT = "shopctl-plan-1"
FOLDERS = ("infra", "app", "roles", "playbooks", "templates", "inventories")
"""What `up` reads of the checkout."""

_LEFT_OUT = ("__pycache__", "wheels", ".mypy_cache", ".ruff_cache", ".pytest_cache")


@dataclass(frozen=True)
class Basis:
    """What a plan was made from: a fingerprint of each part."""

    state: str
    configuration: str
    checkout: dict[str, str]


@dataclass(frozen=True)
class Saved:
    """A plan from a file."""

    plan: Plan
    basis: Basis
    urns: tuple[str, ...]
    dependents: bool
    engine: dict[str, Any]


def basis(environment: Environment) -> Basis:
    """What a plan made now would be made from. The engine's settings have to be prepared."""
    settings = environment.workspace / f"Pulumi.{environment.name}.yaml"
    return Basis(
        state=engine_state.fingerprint(environment),
        configuration=_hash(json.dumps(yaml.safe_load(settings.read_text()), sort_keys=True, default=str)),
        checkout={name: _folder(paths.REPOSITORY / name) for name in FOLDERS},
    )


def write(file: Path, saved: Saved) -> None:
    """Keeps a plan; only its owner can read the file."""
    document = {
        "format": FORMAT,
        "environment": saved.plan.environment,
        "plan": saved.plan.as_json(),
        "basis": asdict(saved.basis),
        "urns": list(saved.urns),
        "dependents": saved.dependents,
        "engine": saved.engine,
    }
    try:
        write_private(file, json.dumps(document, ensure_ascii=False, indent=1))
    except IsADirectoryError as error:
        raise BadInputError("a plan is kept in a file, not in a folder", where=str(file)) from error


def read(file: Path, environment: str) -> Saved:
    """Raises BadInputError when the file is no plan, or another environment's."""
    try:
        document: Any = json.loads(file.read_text())
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise ValueError("it was not written by `shopctl preview --save`, or by another version of it")
        saved = Saved(
            plan=Plan.from_json(document["plan"]),
            basis=Basis(**document["basis"]),
            urns=tuple(document["urns"]),
            dependents=bool(document["dependents"]),
            engine=dict(document["engine"]),
        )
    except FileNotFoundError as error:
        raise BadInputError(
            "there is no such plan", where=str(file), next_step=_again(environment)
        ) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise BadInputError(
            f"the file is not a plan: {why}", where=str(file), next_step=_again(environment)
        ) from error
    if saved.plan.environment != environment:
        raise BadInputError(
            f"the plan is one for {saved.plan.environment}, not for {environment}",
            where=str(file),
            next_step=f"shopctl --env {saved.plan.environment} up --plan {file}",
        )
    return saved


def refuse_stale(saved: Saved, now: Basis, environment: str) -> None:
    """Raises when what the plan was made from has changed since."""
    changed = changes(saved.basis, now)
    if changed:
        raise ShopctlError(
            "the plan is stale: " + "; ".join(changed),
            next_step=f"{_again(environment)}, look at it, and apply that",
        )


def refuse_different(saved: Plan, now: Plan, environment: str) -> None:
    """Raises when the same program would now do something else: what is really there has changed."""
    shown, coming = set(saved.changes), set(now.changes)
    if shown == coming:
        return
    said: list[str] = []
    for title, part in (
        ("shown, not needed now:", shown - coming),
        ("needed now, not shown:", coming - shown),
    ):
        if part:
            body = lines(Plan("up", environment, tuple(part)))[1:-1]
            said += [title, *(line for line, _ in body)]
    raise ShopctlError(
        "the plan is stale: the resources were changed since by other means",
        last_lines=said,
        next_step=f"{_again(environment)}, look at it, and apply that",
    )


def changes(then: Basis, now: Basis) -> list[str]:
    """What changed between the two, in words."""
    found: list[str] = []
    if then.state != now.state:
        found.append("the stack's state changed after it was made")
    if then.configuration != now.configuration:
        found.append("the stack's configuration changed")
    folders = sorted(set(then.checkout) | set(now.checkout))
    parts = [f"{name}/" for name in folders if then.checkout.get(name) != now.checkout.get(name)]
    if parts:
        found.append(f"the program changed in {', '.join(parts)}")
    return found


def _again(environment: str) -> str:
    return f"make one: shopctl --env {environment} preview --save FILE"


def _folder(folder: Path) -> str:
    return _hash(*_files(folder))


def _files(folder: Path) -> Iterable[bytes]:
    for file in sorted(folder.rglob("*")):
        parts = file.relative_to(folder).parts
        if file.is_file() and not any(part in _LEFT_OUT for part in parts):
            yield str(file.relative_to(folder)).encode()
            yield hashlib.sha256(file.read_bytes()).digest()


def _hash(*parts: str | bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update((part.encode() if isinstance(part, str) else part) + b"\0")
    return digest.hexdigest()[:20]
