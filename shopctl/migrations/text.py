"""A migration as text: what it does, when it runs and what it builds on. It is read, never imported. Pure.

The names are those of Django's `django.db.migrations`
(https://docs.djangoproject.com/en/5.2/ref/migration-operations/). `post_deploy` and `assured` are the shop's own:
class attributes of a migration, see docs/deploy.md.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Migration:
    """One migration. `needs` and `before` name others (`app.name`): those that it builds on, and those that must wait
    for it. `replaces`: what it is squashed from. `assured`: why its author says that the release that runs can live
    with it. `models`: modules that it takes models from, where it should ask the history for them."""

    name: str
    operations: tuple[ast.Call, ...]
    needs: frozenset[str] = frozenset()
    before: frozenset[str] = frozenset()
    replaces: frozenset[str] = frozenset()
    post_deploy: bool = False
    assured: str = ""
    models: tuple[str, ...] = ()

    @property
    def app(self) -> str:
        """The Django app that it belongs to."""
        return self.name.partition(".")[0]


def parse(name: str, text: str) -> Migration:
    """The migration `app.name`. Raises SyntaxError for a text that is no Python."""
    tree = ast.parse(text)
    said = _attributes(tree)
    post, assured = said.get("post_deploy"), said.get("assured")
    return Migration(
        name,
        tuple(_operations(said.get("operations"))),
        needs=_named(said.get("dependencies")),
        before=_named(said.get("run_before")),
        replaces=_named(said.get("replaces")),
        post_deploy=isinstance(post, ast.Constant) and post.value is True,
        assured=assured.value if isinstance(assured, ast.Constant) and isinstance(assured.value, str) else "",
        models=tuple(_models(tree)),
    )


def kind(call: ast.Call) -> str:
    """The operation's name: `AddField`."""
    return named(call.func)


def model(call: ast.Call) -> str:
    """The model that an operation is about, as it is written; empty where it is about none."""
    if kind(call).startswith("Run"):
        return ""
    for key in ("model_name", "name", "old_name"):
        if said := text(call, key, 0):
            return said
    return ""


def text(call: ast.Call, key: str, position: int) -> str:
    """An argument that is a text."""
    node = argument(call, key, position)
    return str(node.value) if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def argument(call: ast.Call, key: str, position: int) -> ast.expr | None:
    """An argument by name or position."""
    for keyword in call.keywords:
        if keyword.arg == key:
            return keyword.value
    return call.args[position] if len(call.args) > position else None


def named(node: ast.expr) -> str:
    """The last part of a name: `models.CharField` is `CharField`."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _attributes(tree: ast.Module) -> dict[str, ast.expr]:
    found: dict[str, ast.expr] = {}
    for holder in tree.body:
        if isinstance(holder, ast.ClassDef) and holder.name == "Migration":
            for node in holder.body:
                match node:
                    case ast.Assign(targets=[ast.Name(id=name)], value=value):
                        found[name] = value
                    case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                        found[name] = value
    return found


def _operations(listed: ast.expr | None) -> Iterator[ast.Call]:
    """What reaches the database, in its order; `SeparateDatabaseAndState` is that for its first list only."""
    for node in listed.elts if isinstance(listed, ast.List | ast.Tuple) else ():
        if not isinstance(node, ast.Call):
            continue
        if kind(node) == "SeparateDatabaseAndState":
            yield from _operations(argument(node, "database_operations", 0))
        else:
            yield node


def _named(listed: ast.expr | None) -> frozenset[str]:
    found: set[str] = set()
    for node in listed.elts if isinstance(listed, ast.List | ast.Tuple) else ():
        match node:
            case ast.Tuple(elts=[ast.Constant(value=str(app)), ast.Constant(value=str(name))]):
                found.add(f"{app}.{name}")
    return frozenset(found)


def _models(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=str(name), level=0) if _of_the_shop(name):
                yield name


def _of_the_shop(module: str) -> bool:
    return module.endswith(".models") and not module.startswith("django.")
