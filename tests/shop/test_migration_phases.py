"""Migrations in two phases, on a database of this module's own."""

import importlib
import json
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import pymysql
import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection
from django.test import override_settings

from core import migrating
from tests.shop.conftest import NAME, Shop
from tests.shop.servers import PASSWORD

LAB = f"{NAME}_lab"
FIRST = (
    'migrations.CreateModel("Thing", [("id", models.BigAutoField(primary_key=True)), ("old", F(null=True))])'
)
ADD = 'migrations.AddField("Thing", "new", F(null=True))'
DROP = 'migrations.RemoveField("Thing", "old")'


class Lab:
    """A Django app beside the shop's, whose migrations are written as a test goes on."""

    def __init__(self, folder: Path, server: str) -> None:
        self.folder, self.server, self._last = folder / "migratelab", server, ""
        (self.folder / "migrations").mkdir(parents=True)
        for package in (self.folder, self.folder / "migrations"):
            (package / "__init__.py").touch()

    def write(self, name: str, operation: str, *, post: bool = False) -> None:
        """One more migration, on top of the one before."""
        dependencies = [("migratelab", self._last)] if self._last else []
        (self.folder / "migrations" / f"{name}.py").write_text(
            textwrap.dedent(f"""
            from django.db import migrations, models
            F = models.IntegerField
            class Migration(migrations.Migration):
                dependencies = {dependencies}
                post_deploy = {post}
                operations = [{operation}]
            """)
        )
        importlib.invalidate_caches()
        self._last = name

    def columns(self) -> set[str]:
        """Of the app's table."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_schema = %s "
                "AND table_name = 'migratelab_thing'",
                [LAB],
            )
            return {name for (name,) in cursor.fetchall()}

    def session(self) -> "pymysql.Connection[pymysql.cursors.Cursor]":
        """Somebody else's."""
        return pymysql.connect(host=self.server, user="root", password=PASSWORD, database=LAB)


@contextmanager
def _pointed_at(database: str) -> Iterator[None]:
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = database
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


def told(*words: str) -> list[str]:
    """What the command printed."""
    out = StringIO()
    call_command("migrations", *words, stdout=out)
    return out.getvalue().splitlines()


@pytest.fixture(scope="module")
def migrated(shop: Shop) -> Iterator[None]:
    """A database with the shop's own tables."""
    root = pymysql.connect(host=shop.servers.mysql, user="root", password=PASSWORD, autocommit=True)
    with root, root.cursor() as cursor, _pointed_at(LAB):
        cursor.execute(f"CREATE DATABASE {LAB} CHARACTER SET utf8mb4")
        try:
            assert migrating.apply("pre", lambda line: None) > 20
            yield
        finally:
            connection.close()
            cursor.execute(f"DROP DATABASE {LAB}")


@pytest.fixture
def lab(shop: Shop, migrated: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """The app, with its first migration applied."""
    from django.conf import settings

    monkeypatch.syspath_prepend(str(tmp_path))
    made = Lab(tmp_path, shop.servers.mysql)
    made.write("0001_initial", FIRST)
    with override_settings(INSTALLED_APPS=[*settings.INSTALLED_APPS, "migratelab"]):
        assert told("--phase=pre")[-1] == "changed=1"
        yield made
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS migratelab_thing")
        cursor.execute("DELETE FROM django_migrations WHERE app = 'migratelab'")
    forget()


def forget() -> None:
    """The app's modules are read anew."""
    for name in [name for name in sys.modules if name.startswith("migratelab")]:
        del sys.modules[name]


def test_before_the_deploy_what_adds_and_after_it_what_takes_away(lab: Lab) -> None:
    lab.write("0002_add", ADD)
    lab.write("0003_drop", DROP, post=True)
    assert told("--phase=pre", "--check") == ["migratelab.0002_add", "pending=1"]
    assert told("--phase=post", "--check") == ["migratelab.0003_drop", "pending=1"]
    assert lab.columns() == {"id", "old"}
    first, changed = told("--phase=pre")
    assert first.startswith("migratelab.0002_add ")
    assert changed == "changed=1"
    assert lab.columns() == {"id", "old", "new"}
    assert told("--phase=pre") == ["changed=0"]
    assert told("--phase=post")[-1] == "changed=1"
    assert lab.columns() == {"id", "new"}
    assert told("--phase=post") == ["changed=0"]


def test_what_builds_on_one_that_waits_is_refused_and_nothing_done(lab: Lab) -> None:
    lab.write("0002_drop", DROP, post=True)
    lab.write("0003_add", ADD)
    with pytest.raises(CommandError, match=r"migratelab\.0003_add builds on migratelab\.0002_drop"):
        told("--phase=pre")
    assert lab.columns() == {"id", "old"}
    assert told("--phase=all")[-1] == "changed=2"
    assert lab.columns() == {"id", "new"}


def test_an_empty_database_takes_everything_at_once(lab: Lab, shop: Shop) -> None:
    lab.write("0002_drop", DROP, post=True)
    lab.write("0003_add", ADD)
    with lab.session() as root, root.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {LAB}_new CHARACTER SET utf8mb4")
        try:
            with _pointed_at(f"{LAB}_new"):
                assert int(told("--phase=pre")[-1].removeprefix("changed=")) > 20
                assert told("--phase=post") == ["changed=0"]
                assert migrating.FIRST not in connection.introspection.table_names()
        finally:
            cursor.execute(f"DROP DATABASE {LAB}_new")


def test_first_migrations_that_broke_off_go_on_as_they_began(lab: Lab) -> None:
    lab.write("0002_drop", DROP, post=True)
    lab.write("0003_add", ADD)
    lab.write("0004_breaks", "migrations.RunSQL('SELECT 1 FROM nowhere', migrations.RunSQL.noop)")
    with lab.session() as root, root.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {LAB}_new CHARACTER SET utf8mb4")
        try:
            with _pointed_at(f"{LAB}_new"):
                with pytest.raises(ProgrammingError, match="nowhere"):
                    told("--phase=pre")
                broken = lab.folder / "migrations/0004_breaks.py"
                broken.write_text(broken.read_text().replace(" FROM nowhere", ""))
                forget()
                # The last of them, and whatever of other applications came after it.
                assert "migratelab.0004_breaks" in told("--phase=pre", "--check")
                assert migrating.pending("post") == []
                told("--phase=pre")
                assert told("--phase=pre") == ["changed=0"]
                assert migrating.FIRST not in connection.introspection.table_names()
        finally:
            cursor.execute(f"DROP DATABASE {LAB}_new")


def test_it_tells_of_every_migration_and_of_the_tables_sizes(lab: Lab) -> None:
    lab.write("0002_drop", DROP, post=True)
    lab.write("0003_fill", "migrations.RunPython(print, migrations.RunPython.noop)", post=True)
    lab.write("0004_clear", "migrations.RunPython(print)", post=True)
    (line,) = told("--list")
    found = {known.pop("name"): known for known in json.loads(line)["migrations"]}
    assert found["migratelab.0001_initial"] == {"applied": True, "post_deploy": False, "takes_away": False}
    assert found["migratelab.0002_drop"] == {"applied": False, "post_deploy": True, "takes_away": True}
    assert found["migratelab.0003_fill"] == {"applied": False, "post_deploy": True, "takes_away": False}
    assert found["migratelab.0004_clear"] == {"applied": False, "post_deploy": True, "takes_away": True}
    assert found["orders.0001_initial"]["applied"]
    assert json.loads(line)["rows"]["orders_order"] == 0


def test_a_table_in_use_is_waited_for_and_its_users_do_not_wait_behind(lab: Lab) -> None:
    lab.write("0002_add", ADD)
    longest, stop = 0.0, threading.Event()

    def shopper() -> None:
        nonlocal longest
        with lab.session() as mine, mine.cursor() as cursor:
            while not stop.wait(0.05):
                began = time.monotonic()
                cursor.execute("SELECT COUNT(*) FROM migratelab_thing")
                mine.commit()
                longest = max(longest, time.monotonic() - began)

    with lab.session() as other, other.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM migratelab_thing")
        migration = threading.Thread(target=lambda: done.extend(_in_a_thread()))
        buying = threading.Thread(target=shopper)
        done: list[str] = []
        migration.start()
        buying.start()
        # Somebody waited behind the migration, and came through although the table was still in use.
        limit = time.monotonic() + 60
        while longest < 1:
            assert time.monotonic() < limit, longest
            time.sleep(0.05)
        assert lab.columns() == {"id", "old"}
        other.commit()
        migration.join(60)
        stop.set()
        buying.join(60)
    assert done[-1] == "changed=1"
    assert lab.columns() == {"id", "old", "new"}
    # Two seconds, and what a busy machine adds.
    assert longest < 10


def test_two_who_migrate_at_once_take_turns(lab: Lab) -> None:
    lab.write("0002_slow", "migrations.RunSQL('DO SLEEP(2)', migrations.RunSQL.noop)")
    done: list[list[str]] = []
    both = [threading.Thread(target=lambda: done.append(_in_a_thread())) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(30)
    assert sorted(lines[-1] for lines in done) == ["changed=0", "changed=1"]


def test_a_statement_may_take_longer_than_a_request(lab: Lab) -> None:
    lab.write("0002_slow", "migrations.RunSQL('DO SLEEP(4)', migrations.RunSQL.noop)")
    before = connection.settings_dict["OPTIONS"]
    connection.settings_dict["OPTIONS"] = {**before, "read_timeout": 1}
    try:
        assert told("--phase=pre")[-1] == "changed=1"
    finally:
        connection.settings_dict["OPTIONS"] = before


def _in_a_thread() -> list[str]:
    # A thread has a connection of its own, with the settings that all share.
    try:
        return told("--phase=pre")
    finally:
        connection.close()
