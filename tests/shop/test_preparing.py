"""What a release does once before the hosts get it: one command, which says as JSON what it changed."""

import io
import json
import sys
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection

from catalog.models import Product
from core.drivers import storage
from core.static import files, folder
from shop import rights
from tests.shop.conftest import Shop
from tests.shop.test_rights import QUERY, root

PASSWORD = "correct-horse-battery"
STEPS = ("--publish", "--demo", "--staff", "chief")


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAFF_PASSWORD", PASSWORD)


@pytest.fixture
def bucket(shop: Shop, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """An empty one, as the run's own has what other tests left."""
    name = f"{shop.database.replace('_', '-')}-p{len(request.node.name)}-1250000000"
    storage.client().create_bucket(Bucket=name)
    keys = replace(settings.SHOP.storage, media_bucket=name, static_bucket=name)
    monkeypatch.setattr(settings, "SHOP", replace(settings.SHOP, storage=keys))
    return name


def prepare(*words: str, stdin: str = "") -> dict[str, dict[str, Any]]:
    said, sys.stdin = io.StringIO(), io.StringIO(stdin)
    try:
        call_command("prepare", *words, stdout=said)
    finally:
        sys.stdin = sys.__stdin__
    return {line["step"]: line for line in map(json.loads, said.getvalue().splitlines())}


def changed(done: dict[str, dict[str, Any]]) -> dict[str, int]:
    return {step: line["changed"] for step, line in done.items()}


def test_a_release_is_prepared_once_and_the_second_time_changes_nothing(bucket: str) -> None:
    first = changed(prepare(*STEPS))
    assert list(first) == ["migrations", "files", "demo", "staff"]
    assert first["migrations"] == 0
    assert first["files"] == len(files())
    assert first["demo"] > Product.objects.count() > 20
    assert first["staff"] > 0
    assert changed(prepare(*STEPS)) == dict.fromkeys(first, 0)
    assert changed(prepare()) == {"migrations": 0}
    storage.client().head_object(Bucket=bucket, Key="products/dg-001-0.svg")


def test_the_first_account_stays_logged_in_until_it_is_another(shop: Shop) -> None:
    prepare("--staff", "chief")
    before = User.objects.get(username="chief")
    assert before.check_password(PASSWORD)
    assert [group.name for group in before.groups.all()] == ["manager"]
    # A new hash would end its sessions.
    assert changed(prepare("--staff", "chief"))["staff"] == 0
    assert User.objects.get(username="chief").password == before.password
    before.set_password("something-else-entirely")
    before.save()
    assert changed(prepare("--staff", "chief"))["staff"] == 1
    assert User.objects.get(username="chief").check_password(PASSWORD)


def test_without_a_password_nothing_is_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STAFF_PASSWORD")
    with pytest.raises(CommandError, match="STAFF_PASSWORD"):
        prepare("--demo", "--staff", "chief")
    assert not Product.objects.exists()


def rows(*surplus: str) -> str:
    """What the accounts may do as it shall be, but for one grant, and with what is too much."""
    found = [
        f"'shop_{group}'@'%'\t{table}\t{word}"
        for group, tables in rights.wanted().items()
        for table, words in tables.items()
        for word in words
    ]
    found.remove("'shop_trade'@'%'\torders_order\tSELECT")
    return "\n".join([*found, *surplus, ""])


def test_missing_rights_are_told_and_surplus_ones_only_when_nobody_may_need_them(shop: Shop) -> None:
    now = rows("'shop_user'@'%'\torders_order\tSELECT")
    grant = f"GRANT SELECT ON `{shop.database}`.`orders_order` TO 'shop_trade'@'%';"
    revoke = f"REVOKE SELECT ON `{shop.database}`.`orders_order` FROM 'shop_user'@'%';"  # noqa: S608 - names of our own
    assert prepare("--rights", stdin=now)["rights"]["details"] == [grant]
    assert prepare("--rights", "--revoke", stdin=now)["rights"]["details"] == [grant, revoke]
    # Blank: no account may do anything yet.
    assert prepare("--rights", stdin="\n")["rights"]["changed"] > 100


def test_what_the_server_tells_is_understood(shop: Shop) -> None:
    with root(shop) as cursor:
        cursor.execute(QUERY, (shop.database, "'nobody'%"))
        told = "\n".join("\t".join(row) for row in cursor.fetchall())
    statements = prepare("--rights", stdin=told)["rights"]["details"]
    assert all(line.startswith("GRANT ") and line.endswith(";") for line in statements)


def test_static_files_are_written_with_the_publishers_key_and_pictures_with_the_shops(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = replace(settings.SHOP.storage, publisher_access_key="nobody", publisher_secret_key="x" * 20)
    monkeypatch.setattr(settings, "SHOP", replace(settings.SHOP, storage=keys))
    storage.publisher.cache_clear()
    try:
        assert changed(prepare("--demo"))["demo"] > 20
        with pytest.raises(Exception, match=r"InvalidAccessKeyId|403|Forbidden"):
            prepare("--publish")
    finally:
        storage.publisher.cache_clear()


def test_a_pending_migration_is_applied_and_named(shop: Shop) -> None:
    # One that can be done again, and that no other builds on.
    last = "0012_alter_user_first_name_max_length"
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'auth' AND name = %s", [last])
    done = prepare()["migrations"]
    assert done["changed"] == 1
    assert done["details"][0].startswith(f"auth.{last} ")


def test_files_that_are_there_as_a_whole_are_asked_for_once(bucket: str) -> None:
    assert changed(prepare("--publish"))["files"] == len(files())
    asked: list[str] = []
    meter = storage.publisher().meta.events
    meter.register("before-call.s3", lambda model, **rest: asked.append(model.name), unique_id="count")
    try:
        assert changed(prepare("--publish"))["files"] == 0
        few = len(asked)
        key = f"{folder()}/admin/css/base.css"
        storage.client().delete_object(Bucket=bucket, Key=key)
        # A file that somebody took away comes back by the command that looks at each.
        assert changed(prepare("--publish"))["files"] == 0
        call_command("publish_static", stdout=io.StringIO())
    finally:
        meter.unregister("before-call.s3", unique_id="count")
    assert few <= 3
    storage.client().head_object(Bucket=bucket, Key=key)
