"""What the tables look like at a point of the history, as far as the rules ask. Pure."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from shopctl.migrations.text import Migration, argument, kind, model, named, text

Key = tuple[str, str, str]
"""App, model and field; the last two in lower case, as Django compares them."""


@dataclass(frozen=True)
class Column:
    """What of a field matters. `length`: max_length; `column`: its name in the database, where it was given one;
    `constrained`: a foreign key that the database knows."""

    kind: str
    null: bool = False
    db_default: bool = False
    length: int | None = None
    unique: bool = False
    column: str = ""
    constrained: bool = False

    @property
    def filled(self) -> bool:
        """Whether a row comes to be without a value for it."""
        return self.null or self.db_default


@dataclass
class Tables:
    """The fields so far. Models that the judged migrations made themselves are `new`; `names` are the tables of models
    that were given one."""

    columns: dict[Key, Column] = field(default_factory=dict[Key, Column])
    new: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    names: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])

    def table(self, app: str, model_name: str) -> str:
        """The table's name in the database."""
        return self.names.get((app, model_name.lower()), f"{app}_{model_name.lower()}")

    def note(self, migration: Migration, call: ast.Call, *, new: bool) -> None:
        """Takes the operation in."""
        app, about = migration.app, model(call).lower()
        match kind(call):
            case "CreateModel":
                self._created(app, about, call, new=new)
            case "AddField" | "AlterField":
                if found := defined(call):
                    self.columns[app, about, text(call, "name", 1).lower()] = found
            case "RemoveField":
                self.columns.pop((app, about, text(call, "name", 1).lower()), None)
            case "RenameField":
                old, renamed = text(call, "old_name", 1).lower(), text(call, "new_name", 2).lower()
                if moved := self.columns.pop((app, about, old), None):
                    self.columns[app, about, renamed] = moved
            case "RenameModel":
                self._renamed(app, text(call, "old_name", 0).lower(), text(call, "new_name", 1).lower())

    def _created(self, app: str, about: str, call: ast.Call, *, new: bool) -> None:
        if new:
            self.new.add((app, about))
        listed = argument(call, "fields", 1)
        for pair in listed.elts if isinstance(listed, ast.List | ast.Tuple) else ():
            match pair:
                case ast.Tuple(elts=[ast.Constant(value=str(name)), definition]):
                    if found := column_of(definition):
                        self.columns[app, about, name.lower()] = found
        options = argument(call, "options", 2)
        if isinstance(options, ast.Dict):
            for key, value in zip(options.keys, options.values, strict=True):
                match key, value:
                    case ast.Constant(value="db_table"), ast.Constant(value=str(name)):
                        self.names[app, about] = name

    def _renamed(self, app: str, old: str, new: str) -> None:
        for key in [key for key in self.columns if key[:2] == (app, old)]:
            self.columns[app, new, key[2]] = self.columns.pop(key)
        if (app, old) in self.names:
            self.names[app, new] = self.names.pop((app, old))
        if (app, old) in self.new:
            self.new.add((app, new))


RELATIONS = frozenset({"ForeignKey", "OneToOneField"})


def defined(call: ast.Call) -> Column | None:
    """The column that `AddField` or `AlterField` defines."""
    return column_of(argument(call, "field", 2))


def column_of(node: ast.expr | None) -> Column | None:
    """The column that a field's definition makes; None for what makes none."""
    if not isinstance(node, ast.Call) or named(node.func) == "ManyToManyField":
        return None
    said = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
    name, length = named(node.func), _constant(said.get("max_length"))
    return Column(
        name,
        null=_constant(said.get("null")) is True,
        db_default="db_default" in said,
        length=length if isinstance(length, int) else None,
        unique=_constant(said.get("unique")) is True or name == "OneToOneField",
        column=text(node, "db_column", 99),
        constrained=name in RELATIONS and _constant(said.get("db_constraint")) is not False,
    )


def _constant(node: ast.expr | None) -> object:
    return node.value if isinstance(node, ast.Constant) else None
