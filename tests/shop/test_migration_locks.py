"""What `shopctl.migrations.locks` says of each operation, against the server: the statements that Django makes for it,
with LOCK=NONE and without a copy, are refused where writers would wait, and taken where they would not.

Where MySQL 8.0 is stricter than MariaDB (a column with a check), the server cannot bear witness, and is not asked.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
from django.db import OperationalError, connection, migrations, models
from django.db.migrations.state import ProjectState

from shopctl import migrations as judging
from tests.shop.conftest import Shop

FIRST = """
class Migration(migrations.Migration):
    operations = [
        migrations.CreateModel("Tag", [("id", models.BigAutoField(primary_key=True))]),
        migrations.CreateModel(
            "Thing",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("name", models.CharField(max_length=32)),
                ("title", models.CharField(max_length=100, null=True)),
                ("weight", models.IntegerField()),
                ("tag", models.ForeignKey("lab.Tag", models.PROTECT, db_constraint=False)),
            ],
        ),
    ]
"""
WAITS = [
    "migrations.AddField('Thing', 'x', models.ForeignKey('lab.Tag', models.PROTECT, null=True))",
    "migrations.AlterField('Thing', 'tag', models.ForeignKey('lab.Tag', models.PROTECT))",
    "migrations.AlterField('Thing', 'weight', models.BigIntegerField())",
    "migrations.AlterField('Thing', 'name', models.CharField(max_length=64))",
    "migrations.AlterField('Thing', 'title', models.CharField(max_length=90, null=True))",
    "migrations.AlterField('Thing', 'name', models.TextField())",
    "migrations.AddConstraint('Thing', models.CheckConstraint(condition=models.Q(weight__gt=0), name='c'))",
    "migrations.AddField('Thing', 'x', models.GeneratedField(expression=models.F('weight'), "
    "output_field=models.IntegerField(), db_persist=True))",
]
GOES_ON = [
    "migrations.AddField('Thing', 'x', models.IntegerField(null=True))",
    "migrations.AddField('Thing', 'x', models.TextField(db_default=''))",
    "migrations.AddField('Thing', 'x', models.CharField(max_length=9, null=True, unique=True))",
    "migrations.AddField('Thing', 'x', models.ForeignKey('lab.Tag', models.PROTECT, null=True, db_constraint=False))",
    "migrations.AddIndex('Thing', models.Index(fields=['name'], name='i'))",
    "migrations.AddConstraint('Thing', models.UniqueConstraint(fields=['name'], name='u'))",
    "migrations.AlterField('Thing', 'name', models.CharField(max_length=63))",
    "migrations.AlterField('Thing', 'title', models.CharField(max_length=200, null=True))",
    "migrations.AlterField('Thing', 'title', models.CharField(max_length=100, db_default=''))",
    "migrations.AlterField('Thing', 'weight', models.IntegerField(null=True))",
    "migrations.AlterField('Thing', 'weight', models.IntegerField(db_default=1))",
    "migrations.RemoveField('Thing', 'title')",
]


@pytest.fixture
def tables(shop: Shop) -> Iterator[ProjectState]:
    """The first migration's, with a row."""
    state = ProjectState()
    for operation in _operations(FIRST):
        _run(state, operation)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO lab_tag VALUES (1)")
        cursor.execute("INSERT INTO lab_thing VALUES (1, 'a', 'b', 1, 1)")
    yield state
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS lab_thing")
        cursor.execute("DROP TABLE IF EXISTS lab_tag")


@pytest.mark.parametrize(
    ("operation", "waits"), [*((o, True) for o in WAITS), *((o, False) for o in GOES_ON)]
)
def test_the_judgement_is_the_servers(tables: ProjectState, operation: str, waits: bool) -> None:
    text = f"class Migration(migrations.Migration):\n    operations = [{operation}]"
    texts = {"lab.0001_initial": FIRST, "lab.0002_next": text}
    found = [said for said in judging.warnings(texts, ["lab.0001_initial"]) if "nobody writes" in said]
    assert bool(found) == waits
    if waits:
        with pytest.raises(OperationalError, match=r"184[56]"), connection.execute_wrapper(_online):
            _run(tables, *_operations(text))
    else:
        with connection.execute_wrapper(_online):
            _run(tables, *_operations(text))


def _operations(text: str) -> list[migrations.operations.base.Operation]:
    tree = ast.parse(text)
    (held,) = (node.value for node in ast.walk(tree) if isinstance(node, ast.Assign))
    made: list[migrations.operations.base.Operation] = eval(  # noqa: S307 - the texts above
        compile(ast.Expression(held), "lab", "eval"), {"migrations": migrations, "models": models}
    )
    return made


def _run(state: ProjectState, operation: migrations.operations.base.Operation) -> None:
    before = state.clone()
    operation.state_forwards("lab", state)
    with connection.schema_editor() as editor:
        operation.database_forwards("lab", editor, before, state)


def _online(execute: object, sql: str, params: object, many: bool, context: object) -> object:
    if sql.startswith("ALTER TABLE"):
        sql += ", ALGORITHM=INPLACE, LOCK=NONE"
    elif sql.startswith(("CREATE INDEX", "CREATE UNIQUE INDEX")):
        sql += " ALGORITHM=INPLACE LOCK=NONE"
    return execute(sql, params, many, context)  # type: ignore[operator]
