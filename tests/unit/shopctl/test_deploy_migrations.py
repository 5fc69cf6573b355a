"""Which migrations the release that runs can live with."""

import pytest

from shopctl import migrations

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
                ("total_fen", models.PositiveIntegerField()),
            ],
        ),
    ]
"""
APPLIED = ("orders.0001_initial",)


def judged(operation: str, applied: tuple[str, ...] = APPLIED) -> list[str]:
    text = f"class Migration(migrations.Migration):\n    operations = [{operation}]"
    found = migrations.refusals({"orders.0001_initial": FIRST, "orders.0002_next": text}, applied)
    return [refusal.reason for refusal in found]


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
        ("migrations.AlterField('order', 'remark', models.CharField(max_length=200))", "writes NULL there"),
        (
            "migrations.AlterField('order', 'number', models.CharField(max_length=16))",
            "16 characters where it took 32",
        ),
        ("migrations.AlterField('order', 'number', models.TextField())", "a CharField becomes a TextField"),
        (
            "migrations.AddConstraint('order', models.UniqueConstraint(fields=['remark'], name='u'))",
            "may write what it",
        ),
        ("migrations.AlterUniqueTogether('order', {('number', 'remark')})", "may write what it"),
        ("migrations.RunSQL('ALTER TABLE orders_order DROP COLUMN remark')", "takes something away"),
    ],
)
def test_what_takes_away_or_narrows_is_refused_with_the_reason(operation: str, reason: str) -> None:
    (said,) = judged(operation)
    assert reason in said


@pytest.mark.parametrize(
    "operation",
    [
        "migrations.AddField('order', 'x', models.IntegerField(null=True))",
        "migrations.AddField('order', 'x', models.IntegerField(db_default=0))",
        "migrations.AddField('order', 'tags', models.ManyToManyField('orders.tag'))",
        "migrations.AlterField('order', 'number', models.CharField(max_length=64))",
        "migrations.AlterField('order', 'total_fen', models.PositiveIntegerField(null=True))",
        "migrations.AddIndex('order', models.Index(fields=['number'], name='i'))",
        "migrations.RemoveIndex('order', 'i')",
        "migrations.CreateModel(name='Tag', fields=[('id', models.BigAutoField(primary_key=True))])",
        "migrations.RunSQL('CREATE VIEW v AS SELECT 1')",
        "migrations.RunPython(print)",
    ],
)
def test_what_adds_is_let_through(operation: str) -> None:
    assert judged(operation) == []


def test_what_the_database_has_already_is_not_judged_again() -> None:
    both = ("orders.0001_initial", "orders.0002_next")
    assert judged("migrations.RemoveField('order', 'remark')", both) == []


def test_a_table_that_no_release_uses_yet_may_be_anything() -> None:
    assert judged("migrations.RemoveField('order', 'remark')", ()) == []


def test_a_refusal_names_the_migration_and_says_how_to_split_it() -> None:
    text = FIRST.replace("operations = [", "operations = [migrations.RemoveField('order', 'remark'),")
    (refusal,) = migrations.refusals({"orders.0001_initial": FIRST, "orders.0002_gone": text}, APPLIED)[:1]
    assert str(refusal) == (
        "orders.0002_gone: RemoveField order.remark: the release that runs still uses the column; "
        "first release code that does not use it, then remove it in a release after that"
    )
