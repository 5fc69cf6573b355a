"""Which migrations the release that runs can live with: read as text, never imported. Pure but for the reading.

While a release is rolled out, and after it is rolled back, old code runs on the new tables. So a migration may add;
what takes away or narrows has to come in a later release, when no code uses it any more. The names are those of
Django's `django.db.migrations` (https://docs.djangoproject.com/en/5.2/ref/migration-operations/).
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

LATER = "first release code that does not use it, then remove it in a release after that"
GONE = {"RemoveField": "the column", "DeleteModel": "the table"}
RENAMED = {"RenameField": "column", "RenameModel": "table", "AlterModelTable": "table"}
UNIQUE = frozenset({"AddConstraint", "AlterUniqueTogether"})
STATEMENTS = ("drop ", "rename ", "truncate ", "delete ")


@dataclass(frozen=True)
class Refusal:
    """An operation that the running release would not survive, and how to split it."""

    migration: str
    operation: str
    reason: str
    instead: str

    def __str__(self) -> str:
        return f"{self.migration}: {self.operation}: {self.reason}; {self.instead}"


@dataclass(frozen=True)
class Column:
    """What of a field matters: its class, whether it takes NULL, whether the database has a default, its length."""

    kind: str
    null: bool
    db_default: bool
    length: int | None


@dataclass
class Tables:
    """The fields so far, by app, model and name; models that the checked migrations made themselves are `new`."""

    columns: dict[tuple[str, str, str], Column] = field(default_factory=dict[tuple[str, str, str], Column])
    new: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])


def read(source: Path) -> dict[str, str]:
    """The texts of a project's migrations, by `app.name`; sorted, that is their order within an app."""
    return {f"{file.parent.parent.name}.{file.stem}": file.read_text() for file in sorted(_files(source))}


def refusals(texts: dict[str, str], applied: Iterable[str]) -> list[Refusal]:
    """What is wrong with the migrations that are not `applied` yet."""
    before, tables, found = set(applied), Tables(), []
    for name in sorted(texts):
        app = name.split(".")[0]
        for call in _operations(ast.parse(texts[name])):
            if name not in before:
                found += [Refusal(name, *said) for said in _judge(app, call, tables)]
            _note(app, call, tables, new=name not in before)
    return found


def _judge(app: str, call: ast.Call, tables: Tables) -> Iterator[tuple[str, str, str]]:
    kind = _name(call.func)
    model, name = _model(call), _text(call, "name", 1)
    if (app, model.lower()) in tables.new:
        return
    what = f"{kind} {model}.{name}" if "Field" in kind else f"{kind} {model}"
    if kind in GONE:
        yield what, f"the release that runs still uses {GONE[kind]}", LATER
    elif kind in RENAMED:
        yield (
            what,
            f"the release that runs knows the {RENAMED[kind]} by its old name",
            f"add a new {RENAMED[kind]}, write both, move the content, and remove the old one in a later release",
        )
    elif kind == "AddField" and (new := _column(call)) and not (new.null or new.db_default):
        yield (
            what,
            "the release that runs inserts rows without it (Django keeps no default in the database)",
            "give it null=True or db_default=...",
        )
    elif kind == "AlterField" and (new := _column(call)):
        old = tables.columns.get((app, model.lower(), name.lower()))
        yield from ((what, *said) for said in _narrowed(old, new))
    elif kind in UNIQUE and "Unique" in ast.dump(call):
        yield (
            what,
            "the release that runs may write what it forbids",
            "first release code that keeps to it, then add the constraint",
        )
    elif kind == "RunSQL" and any(word in ast.unparse(call).lower() for word in STATEMENTS):
        yield what.split()[0], "its SQL takes something away", LATER


def _narrowed(old: Column | None, new: Column) -> Iterator[tuple[str, str]]:
    if old is None:
        return
    if old.null and not new.null and not new.db_default:
        yield (
            "the release that runs writes NULL there",
            "first release code that always gives a value, then forbid NULL; or give it db_default=...",
        )
    if old.kind != new.kind:
        yield (
            f"a {old.kind} becomes a {new.kind}",
            "add a new field, write both, move the content, and remove the old one in a later release",
        )
    elif old.length and new.length and new.length < old.length:
        yield (
            f"it takes {new.length} characters where it took {old.length}",
            "first release code that keeps to it",
        )


def _note(app: str, call: ast.Call, tables: Tables, *, new: bool) -> None:
    kind, model = _name(call.func), _model(call).lower()
    if kind == "CreateModel":
        if new:
            tables.new.add((app, model))
        listed = _argument(call, "fields", 1)
        for pair in listed.elts if isinstance(listed, ast.List) else ():
            match pair:
                case ast.Tuple(elts=[ast.Constant(value=str(name)), definition]):
                    if column := _of_field(definition):
                        tables.columns[app, model, name.lower()] = column
    elif kind in {"AddField", "AlterField"} and (column := _column(call)):
        tables.columns[app, model, _text(call, "name", 1).lower()] = column


def _operations(tree: ast.Module) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(_name(target) == "operations" for target in node.targets):
            yield from (
                call for call in ast.walk(node.value) if isinstance(call, ast.Call) and _is_operation(call)
            )


def _is_operation(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and _name(call.func.value) == "migrations"


def _column(call: ast.Call) -> Column | None:
    return _of_field(_argument(call, "field", 2))


def _of_field(node: ast.expr | None) -> Column | None:
    if not isinstance(node, ast.Call) or _name(node.func) == "ManyToManyField":
        return None
    said = {keyword.arg: keyword.value for keyword in node.keywords}
    length = said.get("max_length")
    null = said.get("null")
    return Column(
        _name(node.func),
        isinstance(null, ast.Constant) and null.value is True,
        "db_default" in said,
        length.value if isinstance(length, ast.Constant) and isinstance(length.value, int) else None,
    )


def _model(call: ast.Call) -> str:
    key = (
        "name"
        if _name(call.func) in {"CreateModel", "DeleteModel", "AlterModelTable"} | UNIQUE
        else "model_name"
    )
    found = _text(call, key, 0) or _text(call, "model_name", 0)
    return found or _text(call, "old_name", 0)


def _text(call: ast.Call, key: str, position: int) -> str:
    node = _argument(call, key, position)
    if node is None and key == "name":
        node = _argument(call, "old_name", position)
    return str(node.value) if isinstance(node, ast.Constant) else ""


def _argument(call: ast.Call, key: str, position: int) -> ast.expr | None:
    for keyword in call.keywords:
        if keyword.arg == key:
            return keyword.value
    return call.args[position] if len(call.args) > position else None


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _files(source: Path) -> Iterator[Path]:
    return (file for file in source.glob("*/migrations/*.py") if file.stem != "__init__")
