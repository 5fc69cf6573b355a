"""The program's accounts on a real instance, and what a managed instance refuses to root."""

import contextlib
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymysql
import pytest

from infra.components.mysql_accounts import BACKUP, MIGRATOR, MONITOR, account_of, accounts
from infra.config import StackConfig
from region.resources.mysql import Instance
from region.resources.mysql_objects import Account, Database, Privilege
from region.services.mariadb import Server
from tests.region.conftest import Lab, Made, until
from tests.region.test_mysql import ROOT, SIZE, login, query

pytestmark = [pytest.mark.region, pytest.mark.slow]

PASSWORD = "Acc_12345"
TRADE, CATALOGUE = account_of("trade"), account_of("catalogue")
GRANTS = accounts(StackConfig.from_file(Path(__file__).parents[2] / "infra" / "Pulumi.local.yaml").mysql)


@pytest.fixture(scope="module")
def instance(lab: Lab) -> Made:
    inputs = {"instanceName": "managed", "rootPassword": ROOT, "parameters": {"max_connections": "30"}}
    return lab.make(Instance, "managed", {**lab.network, **SIZE, **inputs})


@pytest.fixture(scope="module")
def shop(lab: Lab, instance: Made) -> Made:
    """The instance with the program's database and accounts, and a table that trade works with."""
    on = {"mysqlId": instance[0]}
    lab.make(Database, "shop", {"instanceId": instance[0], "dbName": "shop", "characterSetName": "utf8mb4"})
    for name, grants in GRANTS.items():
        limit = min(grants.connections, 12)
        lab.make(
            Account,
            name,
            {**on, "name": name, "host": "%", "password": PASSWORD, "maxUserConnections": limit},
        )
        if not grants.everywhere and not grants.on_database:
            continue
        rights = (
            [{"databaseName": "shop", "privileges": list(grants.on_database)}] if grants.on_database else []
        )
        lab.make(
            Privilege,
            f"{name}-rights",
            {
                **on,
                "accountName": name,
                "accountHost": "%",
                "globals": list(grants.everywhere),
                "databases": rights,
            },
        )
    as_one(instance, MIGRATOR, "CREATE TABLE shop.orders (id INT PRIMARY KEY, note VARCHAR(20))")
    # As a deploy does once it has migrated.
    query(instance, f"GRANT SELECT, INSERT, UPDATE, DELETE ON `shop`.`orders` TO '{TRADE}'@'%'")
    return instance


@pytest.fixture
def nobody_else(lab: Lab, shop: Made) -> Iterator[None]:
    """No connections but a test's own: the server counts those that are closed until it has noticed."""
    server = Server(lab.region.host(shop[0]))
    others = "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE HOST LIKE '%:%';"
    until(lambda: server.rows(others) == [["0"]])
    yield
    until(lambda: server.rows(others) == [["0"]])


def as_one(instance: Made, name: str, text: str) -> tuple[tuple[Any, ...], ...]:
    return query(instance, text, name, PASSWORD)


def refused(instance: Made, name: str, text: str) -> None:
    with pytest.raises(pymysql.err.MySQLError, match="denied"):
        as_one(instance, name, text)


def test_the_shop_works_with_rows_and_changes_no_table(shop: Made) -> None:
    as_one(shop, TRADE, "INSERT INTO shop.orders VALUES (1, 'by the shop')")
    as_one(shop, TRADE, "UPDATE shop.orders SET note = 'changed' WHERE id = 1")
    assert as_one(shop, TRADE, "SELECT note FROM shop.orders WHERE id = 1") == (("changed",),)
    as_one(shop, TRADE, "DELETE FROM shop.orders WHERE id = 1")
    for text in (
        "CREATE TABLE shop.mine (id INT)",
        "ALTER TABLE shop.orders ADD COLUMN x INT",
        "DROP TABLE shop.orders",
        "SELECT * FROM mysql.user",
        "SHOW MASTER STATUS",
    ):
        refused(shop, TRADE, text)


def test_a_group_has_nothing_but_what_a_deploy_gave_it_and_that_is_no_drift(lab: Lab, shop: Made) -> None:
    for text in ("SELECT * FROM shop.orders", "USE shop", "CREATE TABLE shop.mine (id INT)"):
        refused(shop, CATALOGUE, text)
    rows = query(shop, "SELECT GRANTEE, PRIVILEGE_TYPE FROM information_schema.TABLE_PRIVILEGES")
    given = {right for grantee, right in rows if grantee.startswith(f"'{TRADE}'")}
    assert given == {"SELECT", "INSERT", "UPDATE", "DELETE"}, "a deploy sees what there is"
    (account,) = (record for record in lab.region.records.all(Account.type) if record.urn == TRADE)
    assert lab.look(Account, (account.id, account.outputs)) == account.outputs


def test_the_migrator_changes_tables_of_the_shop_only(shop: Made) -> None:
    as_one(shop, MIGRATOR, "CREATE TABLE shop.t (id INT, other INT REFERENCES orders (id))")
    as_one(shop, MIGRATOR, "ALTER TABLE shop.t ADD COLUMN x INT, ADD INDEX (x)")
    as_one(shop, MIGRATOR, "INSERT INTO shop.t VALUES (1, NULL, 1)")
    as_one(shop, MIGRATOR, "DROP TABLE shop.t")
    refused(shop, MIGRATOR, "CREATE DATABASE another")
    refused(shop, MIGRATOR, "GRANT SELECT ON shop.* TO 'shop_trade'@'%'")


def test_the_monitor_sees_how_it_is_and_no_data(shop: Made) -> None:
    with contextlib.ExitStack() as open_connections:
        open_connections.enter_context(login(shop, TRADE, PASSWORD))
        assert TRADE in {row[1] for row in as_one(shop, MONITOR, "SHOW PROCESSLIST")}
    for text in (
        "SHOW MASTER STATUS",
        "SHOW ALL SLAVES STATUS",
        "SHOW GLOBAL STATUS",
        "SHOW ENGINE INNODB STATUS",
    ):
        as_one(shop, MONITOR, text)
    refused(shop, MONITOR, "SELECT * FROM shop.orders")


def test_the_backup_account_dumps_and_streams_the_log_and_writes_nothing(lab: Lab, shop: Made) -> None:
    as_one(shop, TRADE, "REPLACE INTO shop.orders VALUES (7, 'in the dump')")
    host = lab.region.host(shop[0])
    host.write(
        "/root/backup.cnf",
        f"[client]\nhost={shop[1]['intranetIp']}\nport={shop[1]['intranetPort']}\n"
        f"user={BACKUP}\npassword={PASSWORD}\nssl-verify-server-cert=off\n",
        0o600,
    )
    login_file = "--defaults-file=/root/backup.cnf"
    parts = ["--single-transaction", "--master-data=2", "--routines", "--events", "--triggers"]
    dump = host.run(["mariadb-dump", login_file, *parts, "--databases", "shop"])
    assert "in the dump" in dump
    assert "CHANGE MASTER TO MASTER_LOG_FILE=" in dump
    ((log, *_),) = as_one(shop, BACKUP, "SHOW MASTER STATUS")
    stream = host.run(
        ["mariadb-binlog", login_file, "--read-from-remote-server", "--base64-output=decode-rows", "-v", log]
    )
    assert "in the dump" in stream
    for text in ("DELETE FROM shop.orders", "DROP TABLE shop.orders", "CREATE TABLE shop.mine (id INT)"):
        refused(shop, BACKUP, text)


def test_an_account_gets_its_own_number_of_connections(shop: Made, nobody_else: None) -> None:
    with contextlib.ExitStack() as open_connections:
        for _ in range(GRANTS[MONITOR].connections):
            open_connections.enter_context(login(shop, MONITOR, PASSWORD))
        with pytest.raises(pymysql.err.OperationalError, match="max_user_connections"):
            as_one(shop, MONITOR, "SELECT 1")
        assert as_one(shop, TRADE, "SELECT 1") == ((1,),), "others still come in"


REFUSED = (
    "SHUTDOWN",
    "SET GLOBAL max_connections = 1000",
    "SET GLOBAL read_only = ON",
    "SET GLOBAL sync_binlog = 0",
    "SET SESSION sql_log_bin = 0",
    "SELECT 1 INTO OUTFILE '/var/lib/mysql/x'",
    "LOAD DATA INFILE '/etc/passwd' INTO TABLE shop.orders",
    "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE shop.orders",
    "CREATE FUNCTION shell RETURNS INTEGER SONAME 'udf.so'",
    "INSTALL SONAME 'ha_federatedx'",
    "INSTALL PLUGIN x SONAME 'x.so'",
    "CHANGE MASTER TO MASTER_HOST = '10.0.0.1'",
    "STOP SLAVE",
    "PURGE BINARY LOGS BEFORE NOW()",
    "CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (HOST '10.0.0.1')",
    "GRANT FILE ON *.* TO 'shop_trade'@'%'",
    "GRANT SUPER ON *.* TO 'shop_trade'@'%'",
    "GRANT ALL PRIVILEGES ON *.* TO 'shop_trade'@'%'",
    "DROP DATABASE mysql",
    "INSERT INTO mysql.plugin VALUES ('x', 'x.so')",
    "UPDATE mysql.global_priv SET Priv = '{}'",
)


@pytest.mark.parametrize("statement", REFUSED)
def test_root_of_a_managed_instance_is_refused(shop: Made, statement: str) -> None:
    with pytest.raises(pymysql.err.MySQLError, match=r"denied|not allowed"):
        query(shop, statement)


def test_root_of_a_managed_instance_ends_no_connection_of_others(shop: Made) -> None:
    with login(shop, TRADE, PASSWORD) as trade:
        trade.execute("SELECT CONNECTION_ID()")
        ((number,),) = trade.fetchall()
        with pytest.raises(pymysql.err.MySQLError, match=r"not owner|denied"):
            query(shop, f"KILL {number}")
        trade.execute("SELECT 1")


def test_root_makes_databases_and_accounts_and_gives_rights_on_them(shop: Made) -> None:
    with login(shop) as root:
        root.execute("CREATE DATABASE `my_own`")
        root.execute("CREATE TABLE `my_own`.t (id INT)")
        root.execute("CREATE USER 'mine'@'%' IDENTIFIED BY 'Mine_1234'")
        root.execute("GRANT SELECT, INSERT, CREATE ON `my_own`.* TO 'mine'@'%'")
        root.execute("GRANT SELECT, REPLICATION SLAVE ON *.* TO 'mine'@'%'")
    query(shop, "INSERT INTO my_own.t VALUES (1)", "mine", "Mine_1234")
    with login(shop) as root:
        root.execute("DROP USER 'mine'@'%'")
        root.execute("DROP DATABASE `my_own`")


def test_root_reads_no_file_of_the_host(shop: Made) -> None:
    assert query(shop, "SELECT LOAD_FILE('/etc/passwd')") == ((None,),)


def test_more_connections_than_the_instance_has_are_refused(shop: Made, nobody_else: None) -> None:
    def crowd() -> None:
        with contextlib.ExitStack() as open_connections:
            for _ in range(31):
                open_connections.enter_context(login(shop))

    with pytest.raises(pymysql.err.OperationalError, match="Too many connections"):
        crowd()


def test_an_instance_that_wants_tls_takes_nothing_else(lab: Lab, instance: Made, trust: str) -> None:
    asked = {**instance[1]["parameters"], "require_secure_transport": "ON"}
    changed = lab.change(Instance, instance, parameters=asked)
    try:
        plain = {"host": instance[1]["intranetIp"], "user": "root", "password": ROOT, "ssl_disabled": True}
        with pytest.raises(pymysql.err.OperationalError, match="secure transport"):
            pymysql.connect(**plain)
        with encrypted(instance, trust) as connection, connection.cursor() as cursor:
            cursor.execute("SHOW SESSION STATUS LIKE 'Ssl_version'")
            assert cursor.fetchall()[0][1].startswith("TLSv1.")
    finally:
        lab.change(Instance, changed, parameters=instance[1]["parameters"])


@contextlib.contextmanager
def encrypted(instance: Made, trust: str) -> "Iterator[pymysql.Connection[Any]]":
    context = ssl.create_default_context(cadata=trust)
    with pymysql.connect(
        host=instance[1]["intranetIp"], port=3306, user="root", password=ROOT, ssl=context
    ) as connection:
        yield connection
