"""Which migrations the release that runs can live with, and the new one until a post-deploy migration has run."""

import pytest

from shopctl import migrations
from shopctl.errors import BadInputError
from shopctl.migrations import Applied

FIRST = """
from django.db import migrations, models

class Migration(migrations.Migration):
    operations = [
        migrations.CreateModel(
            name="Order",
            fields=[
                ("id", models.BigAutoField(primary_key=True)),
                ("number", models.CharField(max_length=32)),
                ("remark", models.CharField(max_length=200, null=True)),
                ("source", models.CharField(max_length=20, db_default="app")),
                ("code", models.CharField(max_length=20, unique=True)),
                ("place", models.CharField(max_length=20, db_column="spot")),
                ("total_fen", models.PositiveIntegerField()),
                ("weight", models.IntegerField()),
                ("buyer", models.ForeignKey("users.user", models.PROTECT, db_constraint=False)),
            ],
        ),
        migrations.CreateModel(name="Parcel", fields=[], options={"db_table": "parcels"}),
    ]
"""
APPLIED = ("orders.0001_initial",)


def text(*operations: str, post: bool = False, needs: str = "orders.0001_initial", extra: str = "") -> str:
    app, _, name = needs.partition(".")
    lines = [f"dependencies = [({app!r}, {name!r})]", f"post_deploy = {post}", extra]
    lines.append(f"operations = [{', '.join(operations)}]")
    return "class Migration(migrations.Migration):\n" + "\n".join(f"    {line}" for line in lines if line)


def judged(operation: str, applied: tuple[str, ...] = APPLIED, *, post: bool = False) -> list[str]:
    texts = {"orders.0001_initial": FIRST, "orders.0002_next": text(operation, post=post)}
    return [refusal.reason for refusal in migrations.refusals(texts, applied)]


def told(*operations: str, rows: int = 0, extra: str = "") -> list[str]:
    texts = {"orders.0001_initial": FIRST, "orders.0002_next": text(*operations, extra=extra)}
    return migrations.warnings(texts, APPLIED, {"orders_order": rows})


@pytest.mark.parametrize(
    ("operation", "reason"),
    [
        ("migrations.RemoveField('order', 'remark')", "still uses the column"),
        ("migrations.DeleteModel('Order')", "still uses the table"),
        ("migrations.DeleteModel(name='Order')", "still uses the table"),
        ("migrations.RenameField('order', 'remark', 'note')", "knows the column by its old name"),
        ("migrations.RenameModel('Order', 'Purchase')", "knows the table by its old name"),
        ("migrations.AlterModelTable('order', 'o')", "knows the table by its old name"),
        ("migrations.AddField('order', 'x', models.IntegerField())", "inserts rows without it"),
        ("migrations.AddField('order', 'x', models.IntegerField(default=0))", "inserts rows without it"),
        (
            "migrations.AddField('order', 'x', models.IntegerField(db_default=0, unique=True))",
            "every row would have the same value",
        ),
        ("migrations.AlterField('order', 'remark', models.CharField(max_length=200))", "writes NULL there"),
        (
            "migrations.AlterField('order', 'number', models.CharField(max_length=16))",
            "16 characters where it took 32",
        ),
        ("migrations.AlterField('order', 'number', models.TextField())", "a CharField becomes a TextField"),
        (
            "migrations.AlterField('order', 'number', models.CharField(max_length=32, db_column='n'))",
            "another name in the database",
        ),
        (
            "migrations.AlterField('order', 'source', models.CharField(max_length=20))",
            "leaves the value to the database",
        ),
        (
            "migrations.AlterField('order', 'number', models.CharField(max_length=32, unique=True))",
            "may write what it forbids",
        ),
        (
            "migrations.AlterField('order', 'code', models.CharField(max_length=20))",
            "may rely on it to refuse what is there twice",
        ),
        (
            "migrations.AlterField('order', 'buyer', models.ForeignKey('users.user', models.PROTECT))",
            "may write what the foreign key forbids",
        ),
        (
            "migrations.AddConstraint('order', models.UniqueConstraint(fields=['remark'], name='u'))",
            "may write what it forbids",
        ),
        (
            "migrations.AddConstraint('order', models.CheckConstraint(condition=Q(weight__gt=0), name='c'))",
            "may write what it forbids",
        ),
        ("migrations.AlterUniqueTogether('order', {('number', 'remark')})", "may write what it"),
        ("migrations.AlterUniqueTogether('order', set())", "may rely on it to refuse"),
        ("migrations.RemoveConstraint('order', 'u')", "may rely on it to refuse"),
        ("migrations.RemoveIndex('order', 'i')", "reads the whole table without it"),
        ("migrations.RunSQL('ALTER TABLE orders_order DROP COLUMN remark')", "takes something away"),
        ("migrations.RunSQL('DELETE  FROM orders_order')", "takes something away"),
        ("migrations.RunSQL('ALTER TABLE orders_order ADD x INT NOT NULL')", "takes something away"),
        ("migrations.RunSQL(sql=['ALTER TABLE orders_order MODIFY number CHAR(3)'])", "takes something away"),
        (
            "migrations.SeparateDatabaseAndState(database_operations=[migrations.RemoveField('order', 'remark')])",
            "still uses the column",
        ),
    ],
)
def test_what_takes_away_or_narrows_is_refused(operation: str, reason: str) -> None:
    (found,) = judged(operation)
    assert reason in found


@pytest.mark.parametrize(
    "operation",
    [
        "migrations.AddField('order', 'x', models.IntegerField(null=True))",
        "migrations.AddField('order', 'x', models.IntegerField(db_default=0))",
        "migrations.AddField('order', 'x', models.CharField(max_length=9, null=True, unique=True))",
        "migrations.AddField('order', 'tags', models.ManyToManyField('orders.tag'))",
        "migrations.AlterField('order', 'number', models.CharField(max_length=60))",
        "migrations.AlterField('order', 'weight', models.BigIntegerField())",
        "migrations.AlterField('order', 'total_fen', models.PositiveIntegerField(null=True))",
        "migrations.AlterField('order', 'remark', models.CharField(max_length=200, db_default=''))",
        "migrations.RenameField('order', 'place', 'where')",
        "migrations.RenameModel('Parcel', 'Package')",
        "migrations.AlterModelTable('parcel', 'parcels')",
        "migrations.AddIndex('order', models.Index(fields=['number'], name='i'))",
        "migrations.CreateModel(name='Tag', fields=[('id', models.BigAutoField(primary_key=True))])",
        "migrations.RunSQL('CREATE VIEW v AS SELECT 1')",
        "migrations.RunSQL('ALTER TABLE orders_order ADD x INT NOT NULL DEFAULT 0')",
        "migrations.RunPython(print)",
        "migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField('order', 'remark')])",
    ],
)
def test_what_adds_is_let_through(operation: str) -> None:
    assert judged(operation) == []


@pytest.mark.parametrize(
    "operation",
    [
        "migrations.RemoveField('order', 'remark')",
        "migrations.RemoveField('order', 'source')",
        "migrations.DeleteModel('Order')",
        "migrations.AlterField('order', 'remark', models.CharField(max_length=200))",
        "migrations.AlterField('order', 'number', models.CharField(max_length=16))",
        "migrations.AlterField('order', 'source', models.CharField(max_length=20))",
        "migrations.AddConstraint('order', models.UniqueConstraint(fields=['remark'], name='u'))",
        "migrations.RemoveConstraint('order', 'u')",
        "migrations.RemoveIndex('order', 'i')",
        "migrations.RunSQL('ALTER TABLE orders_order DROP COLUMN remark')",
        "migrations.RunPython(print)",
    ],
)
def test_after_the_deploy_what_takes_away_or_narrows_may_run(operation: str) -> None:
    assert judged(operation, post=True) == []


@pytest.mark.parametrize(
    ("operation", "reason"),
    [
        ("migrations.CreateModel(name='Tag', fields=[])", "runs before it and needs it"),
        ("migrations.AddField('order', 'x', models.IntegerField(null=True))", "runs before it and needs it"),
        ("migrations.RenameField('order', 'remark', 'note')", "knows only the new name"),
        ("migrations.RenameModel('Order', 'Purchase')", "knows only the new name"),
        ("migrations.AlterField('order', 'number', models.TextField())", "a CharField becomes a TextField"),
        (
            "migrations.AlterField('order', 'number', models.CharField(max_length=50))",
            "may write longer values",
        ),
        ("migrations.AlterField('order', 'weight', models.IntegerField(null=True))", "may write NULL there"),
        (
            "migrations.AlterField('order', 'weight', models.IntegerField(db_default=1))",
            "leaves the value to the database",
        ),
        ("migrations.RemoveField('order', 'number')", "inserts rows without the column, which takes no NULL"),
    ],
)
def test_what_the_new_code_would_miss_is_refused_after_the_deploy(operation: str, reason: str) -> None:
    (found,) = judged(operation, post=True)
    assert reason in found


def test_a_column_goes_in_two_steps_of_one_release() -> None:
    texts = {
        "orders.0001_initial": FIRST,
        "orders.0002_loose": text(
            "migrations.AlterField('order', 'number', models.CharField(max_length=32, null=True))"
        ),
        "orders.0003_gone": text(
            "migrations.RemoveField('order', 'number')", post=True, needs="orders.0002_loose"
        ),
    }
    assert migrations.refusals(texts, APPLIED) == []
    assert migrations.split(texts, APPLIED) == migrations.Phases(
        ("orders.0002_loose",), ("orders.0003_gone",)
    )


def test_what_builds_on_a_pending_post_deploy_migration_is_refused() -> None:
    texts = {
        "orders.0001_initial": FIRST,
        "orders.0002_gone": text("migrations.RemoveField('order', 'remark')", post=True),
        "orders.0003_more": text(needs="orders.0002_gone"),
        "users.0002_more": text(needs="orders.0003_more"),
    }
    found = migrations.refusals(texts, APPLIED)
    assert [(refusal.migration, refusal.operation) for refusal in found] == [
        ("orders.0003_more", "needs orders.0002_gone"),
        ("users.0002_more", "needs orders.0002_gone"),
    ]
    assert "deploy a release that has orders.0002_gone and not this one first" in found[0].instead
    assert migrations.refusals(texts, (*APPLIED, "orders.0002_gone")) == []
    # Where nothing runs yet, all of it runs before.
    assert migrations.refusals(texts, ()) == []


def test_run_before_counts_as_building_on() -> None:
    texts = {
        "orders.0001_initial": FIRST,
        "orders.0002_gone": text(
            "migrations.RemoveField('order', 'remark')",
            post=True,
            extra="run_before = [('users', '0002_more')]",
        ),
        "users.0002_more": text(),
    }
    assert [refusal.migration for refusal in migrations.refusals(texts, APPLIED)] == ["users.0002_more"]


def test_a_squashed_migration_is_there_when_all_that_it_replaces_is() -> None:
    both = "replaces = [('orders', '0001_a'), ('orders', '0002_b')]"
    texts = {"orders.0001_squashed": text("migrations.DeleteModel('Order')", extra=both)}
    assert migrations.split(texts, ("orders.0001_a", "orders.0002_b")).pre == ()
    assert migrations.split(texts, ("orders.0001_a",)).pre == ("orders.0001_squashed",)


@pytest.mark.parametrize(
    ("operation", "why"),
    [
        (
            "migrations.AddField('order', 'x', models.ForeignKey('orders.tag', models.PROTECT, null=True))",
            "foreign key",
        ),
        ("migrations.AddField('order', 'x', models.PositiveIntegerField(null=True))", "column with a check"),
        ("migrations.AlterField('order', 'weight', models.BigIntegerField())", "another type"),
        (
            "migrations.AlterField('order', 'number', models.CharField(max_length=64))",
            "longer than 63 characters",
        ),
    ],
)
def test_a_copied_table_is_warned_of_and_refused_when_it_is_large(operation: str, why: str) -> None:
    (warning,) = told(operation)
    assert "nobody writes to the table while it is copied" in warning
    assert why in warning
    assert told(operation, rows=200_000) == []
    texts = {"orders.0001_initial": FIRST, "orders.0002_next": text(operation)}
    (refusal,) = migrations.refusals(texts, APPLIED, {"orders_order": 200_000})
    assert "orders_order has 200,000 rows" in refusal.reason
    assert migrations.refusals(texts, APPLIED, {"orders_order": 199_999}) == []


@pytest.mark.parametrize(
    "operation",
    [
        "migrations.AddField('order', 'x', models.ForeignKey('a.b', models.PROTECT, null=True, db_constraint=False))",
        "migrations.AddField('order', 'x', models.IntegerField(null=True))",
        "migrations.AlterField('order', 'number', models.CharField(max_length=63))",
        "migrations.AlterField('order', 'weight', models.IntegerField(null=True))",
        "migrations.AddIndex('order', models.Index(fields=['number'], name='i'))",
    ],
)
def test_what_others_can_write_beside_is_let_through_on_large_tables(operation: str) -> None:
    texts = {"orders.0001_initial": FIRST, "orders.0002_next": text(operation)}
    assert migrations.refusals(texts, APPLIED, {"orders_order": 10_000_000}) == []
    assert migrations.warnings(texts, APPLIED) == []


def test_what_should_be_looked_at_again() -> None:
    assert told("migrations.RunPython(fill, migrations.RunPython.noop)") == []
    (lost,) = told("migrations.RunPython(fill)")
    assert "RunPython: it has no way back" in lost
    (large,) = told("migrations.RunSQL('UPDATE orders_order SET weight = 1', migrations.RunSQL.noop)")
    assert "all of its rows are changed at once" in large
    (locked,) = told("migrations.RunSQL('ALTER TABLE t ENGINE=InnoDB, ALGORITHM=COPY', 'SELECT 1')")
    assert "its SQL says ALGORITHM=COPY" in locked
    (mixed,) = told(
        "migrations.AddField('order', 'x', models.IntegerField(null=True))",
        "migrations.RunPython(fill, migrations.RunPython.noop)",
    )
    assert "beside changes of tables" in mixed
    today = "from orders.models import Order\n" + text("migrations.RunPython(fill, back)")
    (models,) = migrations.warnings({"orders.0001_initial": FIRST, "orders.0002_next": today}, APPLIED)
    assert "models of today (orders.models)" in models


def test_an_author_can_say_why_it_is_let_through() -> None:
    said = "assured = 'nothing has read it since spring'"
    texts = {
        "orders.0001_initial": FIRST,
        "orders.0002_next": text("migrations.RemoveField('order', 'remark')", extra=said),
    }
    assert migrations.refusals(texts, APPLIED) == []
    assert migrations.warnings(texts, APPLIED) == [
        "orders.0002_next: let through, as it says: nothing has read it since spring"
    ]


def test_a_former_release_cannot_come_back_over_what_was_taken_away() -> None:
    applied = [
        Applied("orders.0001_initial"),
        Applied("orders.0002_gone", takes_away=True),
        Applied("orders.0003_new"),
    ]
    assert migrations.blocking(applied, ["orders.0001_initial"]) == [
        "orders.0002_gone ran after its deploy and took away what this release uses"
    ]
    assert migrations.blocking(applied, ["orders.0001_initial", "orders.0002_gone"]) == []


def test_what_the_database_has_already_is_not_judged_again() -> None:
    both = ("orders.0001_initial", "orders.0002_next")
    assert judged("migrations.RemoveField('order', 'remark')", both) == []


def test_a_table_that_no_release_uses_yet_may_be_anything() -> None:
    assert judged("migrations.RemoveField('order', 'remark')", ()) == []


def test_what_is_no_python_is_refused_by_name() -> None:
    with pytest.raises(BadInputError, match=r"orders\.0002_broken is no Python"):
        migrations.refusals({"orders.0001_initial": FIRST, "orders.0002_broken": "class ("}, APPLIED)


def test_a_refusal_names_the_migration_and_says_how_to_split_it() -> None:
    texts = {"orders.0001_initial": FIRST, "orders.0002_gone": text("migrations.DeleteModel('Order')")}
    (refusal,) = migrations.refusals(texts, APPLIED)
    assert str(refusal) == (
        "orders.0002_gone: DeleteModel Order: the release that runs still uses the table; "
        "put it into a migration with post_deploy = True, once no code uses it"
    )


def test_what_the_running_release_tells_is_read() -> None:
    said = (
        'WARNING: something\n{"migrations": ['
        '{"name": "a.0001", "applied": true, "post_deploy": false, "takes_away": false}, '
        '{"name": "a.0002", "applied": true, "post_deploy": true, "takes_away": true}, '
        '{"name": "a.0003", "applied": false, "post_deploy": true, "takes_away": true}], "rows": {"a_thing": 7}}\n'
    )
    told = migrations.told(said)
    assert told
    assert (told.names, told.rows) == (("a.0001", "a.0002"), {"a_thing": 7})
    assert migrations.blocking(told.applied, ["a.0001"]) != []
    assert migrations.told("[X]  a.0001") is None
    assert migrations.told('{"something": "else"}') is None
