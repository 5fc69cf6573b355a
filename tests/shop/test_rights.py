"""Each process group's account may do what its domains declare, and nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager

import pymysql
import pytest
from django.apps import apps
from django.db import connection

from shop import rights
from shop.groups import GROUPS
from tests.shop.conftest import NAME, Shop
from tests.shop.servers import PASSWORD

ACCOUNTS = {group.name: f"u{NAME.rpartition('_')[2]}_{group.name}" for group in GROUPS}
QUERY = (
    "SELECT grantee, table_name, privilege_type FROM information_schema.table_privileges "
    "WHERE table_schema = %s AND grantee LIKE %s"
)


def test_statements_lead_from_what_is_to_what_shall_be() -> None:
    accounts = {"trade": "shop_trade", "user": "shop_user"}
    lines = [
        "'shop_trade'@'%'\torders_order\tSELECT",
        "'shop_trade'@'%'\torders_order\tDELETE",
        "'shop_user'@'%'\tusers_user\tSELECT",
        "'backup'@'%'\torders_order\tSELECT",
    ]
    now = rights.observed(lines, {account: group for group, account in accounts.items()})
    then = {"trade": {"orders_order": frozenset({"SELECT", "INSERT"})}, "user": now["user"]}
    assert rights.statements("shop", accounts, now, then) == [
        "GRANT INSERT ON `shop`.`orders_order` TO 'shop_trade'@'%';",
        "REVOKE DELETE ON `shop`.`orders_order` FROM 'shop_trade'@'%';",
    ]
    assert rights.statements("shop", accounts, then, then) == []


def test_rights_are_declared_for_tables_that_exist_and_groups_that_run() -> None:
    declared = rights.wanted()
    assert set(declared) <= {group.name for group in GROUPS}
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
    assert {table for group in declared.values() for table in group} <= tables
    # What nobody may read serves nobody: every table but the migrations' own has a reader.
    read = {table for group in declared.values() for table, words in group.items() if "SELECT" in words}
    models = [model for app in apps.get_app_configs() for model in app.get_models() if model._meta.managed]
    own = {model._meta.db_table for model in models}
    assert own - read == set()


def test_nobody_may_change_the_structure_or_rewrite_the_audit() -> None:
    for group, tables in rights.wanted().items():
        for table, words in tables.items():
            assert words <= {"SELECT", "INSERT", "UPDATE", "DELETE"}, (group, table)
    audit = {
        (group, table): words
        for group, tables in rights.wanted().items()
        for table, words in tables.items()
        if table == "backoffice_auditentry"
    }
    assert audit == {("admin", "backoffice_auditentry"): frozenset({"SELECT", "INSERT"})}


@contextmanager
def root(shop: Shop) -> Iterator[pymysql.cursors.Cursor]:
    server = pymysql.connect(host=shop.servers.mysql, user="root", password=PASSWORD, autocommit=True)
    with server, server.cursor() as cursor:
        yield cursor


@pytest.fixture
def granted(shop: Shop) -> Iterator[dict[str, str]]:
    """Accounts with just the rights that are declared; their names by group."""
    with root(shop) as cursor:
        try:
            for account in ACCOUNTS.values():
                cursor.execute(f"CREATE USER '{account}'@'%' IDENTIFIED BY '{PASSWORD}'")
            for statement in rights.statements(shop.database, ACCOUNTS, {}, rights.wanted()):
                cursor.execute(statement.rstrip(";"))
            yield ACCOUNTS
        finally:
            for account in ACCOUNTS.values():
                cursor.execute(f"DROP USER IF EXISTS '{account}'@'%'")


def test_the_server_holds_an_account_to_its_tables(shop: Shop, granted: dict[str, str]) -> None:
    login = {"host": shop.servers.mysql, "database": shop.database, "password": PASSWORD}
    with pymysql.connect(user=granted["user"], **login) as session, session.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM users_user")
        for forbidden in (
            "SELECT * FROM orders_order",
            "DELETE FROM inventory_stock",
            "DROP TABLE users_user",
        ):
            with pytest.raises(pymysql.OperationalError, match="denied"):
                cursor.execute(forbidden)


def test_what_was_granted_needs_no_statement_and_drift_needs_just_its_own(
    shop: Shop, granted: dict[str, str]
) -> None:
    groups = {account: group for group, account in granted.items()}

    def now(cursor: pymysql.cursors.Cursor) -> rights.Rights:
        cursor.execute(QUERY, (shop.database, f"'{granted['trade'].rpartition('_')[0]}%"))
        return rights.observed(("\t".join(row) for row in cursor.fetchall()), groups)

    with root(shop) as cursor:
        assert rights.statements(shop.database, granted, now(cursor), rights.wanted()) == []
        cursor.execute(f"REVOKE SELECT ON `{shop.database}`.`orders_order` FROM '{granted['trade']}'@'%'")  # noqa: S608 - names of our own
        assert rights.statements(shop.database, granted, now(cursor), rights.wanted()) == [
            f"GRANT SELECT ON `{shop.database}`.`orders_order` TO '{granted['trade']}'@'%';"
        ]
