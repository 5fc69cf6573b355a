"""A MySQL instance with a standby and a read-only instance, as the shop and its operators meet it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pymysql
import pytest
from pymysql.cursors import Cursor

from region.hosts import folder
from region.resources.mysql import Instance
from region.resources.mysql_members import standby_id
from region.resources.mysql_objects import Account, Database, Privilege
from region.resources.mysql_readonly import ReadonlyInstance
from region.services.mariadb import Server
from tests.region.conftest import Lab, Made

pytestmark = [pytest.mark.region, pytest.mark.slow]

ROOT = "Rp1_+-&=!@#$%^*()"
SHOP = 'Sp1_+-&="\\!@#$%^*()'
SIZE = {"memSize": 1000, "volumeSize": 25}


@pytest.fixture(scope="module")
def primary(lab: Lab) -> Made:
    standby = {"firstSlaveZone": "ap-guangzhou-4", "slaveDeployMode": 1, "slaveSyncMode": 1}
    parameters = {
        "transaction_isolation": "READ-COMMITTED",
        "long_query_time": "1",
        "innodb_dedicated_server": "ON",
    }
    inputs = {
        "instanceName": "shop_mysql",
        "engineVersion": "8.0",
        "rootPassword": ROOT,
        "parameters": parameters,
    }
    return lab.make(Instance, "mysql", {**lab.network, **SIZE, **standby, **inputs})


@pytest.fixture(scope="module")
def shop(lab: Lab, primary: Made) -> dict[str, Made]:
    database = {"instanceId": primary[0], "dbName": "shop_1", "characterSetName": "utf8mb4"}
    account = {"mysqlId": primary[0], "name": "shop", "host": "%", "password": SHOP}
    rights = [{"databaseName": "shop_1", "privileges": ["SELECT", "INSERT", "CREATE"]}]
    privilege = {
        "mysqlId": primary[0],
        "accountName": "shop",
        "accountHost": "%",
        "globals": [],
        "databases": rights,
    }
    made = {
        "database": lab.make(Database, "database", database),
        "account": lab.make(Account, "account", account),
    }
    made["privilege"] = lab.make(Privilege, "privilege", privilege)
    with login(primary) as root:
        root.execute("CREATE TABLE shop_1.orders (id INT PRIMARY KEY, note VARCHAR(40))")
    return made


@pytest.fixture(scope="module")
def replica(lab: Lab, primary: Made, shop: dict[str, Made]) -> Made:
    # Made last, of a primary that holds data and has no start of its log to replay from in the general case.
    with login(primary) as root:
        root.execute("INSERT INTO shop_1.orders VALUES (1, 'before the replica: \u8336')")
    inputs = {**lab.network, **SIZE, "instanceName": "shop_mysql_ro", "masterInstanceId": primary[0]}
    return lab.make(ReadonlyInstance, "replica", inputs)


@contextmanager
def login(made: Made, user: str = "root", password: str = ROOT) -> Iterator[Cursor]:
    address, port = made[1]["intranetIp"], made[1]["intranetPort"]
    connection = pymysql.connect(
        host=address, port=port, user=user, password=password, connect_timeout=5, autocommit=True
    )
    with connection, connection.cursor() as cursor:
        yield cursor


def query(made: Made, text: str, user: str = "root", password: str = ROOT) -> tuple[tuple[Any, ...], ...]:
    with login(made, user, password) as cursor:
        cursor.execute(text)
        return tuple(cursor.fetchall())


def eventually(look: Callable[[], Any], wanted: Any, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while look() != wanted and time.monotonic() < deadline:
        time.sleep(0.1)
    assert look() == wanted


def orders(made: Made) -> set[int]:
    return {row[0] for row in query(made, "SELECT id FROM shop_1.orders")}


def standby_of(lab: Lab, primary: Made) -> Server:
    return Server(lab.region.host(standby_id(primary[0])))


def test_only_its_password_opens_it(primary: Made) -> None:
    assert query(primary, "SELECT 1") == ((1,),)
    with pytest.raises(pymysql.err.OperationalError, match="Access denied"):
        query(primary, "SELECT 1", password="Wrong_123")


def test_root_has_what_a_managed_instance_gives_and_no_more(primary: Made) -> None:
    for refused in (
        "SHUTDOWN",
        "SET GLOBAL read_only = ON",
        "SELECT LOAD_FILE('/etc/passwd') INTO OUTFILE '/tmp/x'",
    ):
        with pytest.raises(pymysql.err.OperationalError, match="Access denied"):
            query(primary, refused)
    with login(primary) as root:
        root.execute("CREATE USER 'made by root'@'%' IDENTIFIED BY 'Made_1234'")
        root.execute("GRANT SELECT ON *.* TO 'made by root'@'%'")
        root.execute("DROP USER 'made by root'@'%'")
        root.execute("SHOW MASTER STATUS")


def test_parameters_of_mysql_are_set_and_unknown_ones_passed_over(primary: Made) -> None:
    names = ("transaction_isolation", "long_query_time", "character_set_server", "binlog_format")
    assert query(primary, f"SELECT {', '.join(f'@@{name}' for name in names)}") == (
        ("READ-COMMITTED", 1.0, "utf8mb4", "ROW"),
    )


def test_a_commit_is_on_the_standby_when_it_is_acknowledged(
    lab: Lab, primary: Made, shop: dict[str, Made]
) -> None:
    assert query(primary, "SHOW STATUS LIKE 'Rpl_semi_sync_master_status'")[0][1] == "ON"
    with login(primary) as root:
        for number in range(100, 110):
            root.execute("INSERT INTO shop_1.orders VALUES (%s, 'kept')", (number,))
    status = dict(query(primary, "SHOW STATUS LIKE 'Rpl_semi_sync_master%'"))
    assert status["Rpl_semi_sync_master_clients"] == "1"
    assert int(status["Rpl_semi_sync_master_yes_tx"]) >= 10
    ids = "SELECT COUNT(*) FROM shop_1.orders WHERE id BETWEEN 100 AND 109;"
    eventually(lambda: standby_of(lab, primary).rows(ids), [["10"]])


def test_the_standby_takes_no_writes_and_follows_again_after_power_cuts(
    lab: Lab, primary: Made, shop: dict[str, Made]
) -> None:
    for number, host in ((200, standby_id(primary[0])), (201, primary[0])):
        lab.crash(host)
        with login(primary) as root:
            root.execute("INSERT INTO shop_1.orders VALUES (%s, 'after a power cut')", (number,))
        look = partial(standby_of(lab, primary).rows, f"SELECT id FROM shop_1.orders WHERE id = {number};")  # noqa: S608
        eventually(look, [[str(number)]], 20)
    eventually(lambda: query(primary, "SHOW STATUS LIKE 'Rpl_semi_sync_master_clients'")[0][1], "1")
    assert standby_of(lab, primary).rows("SELECT @@read_only;") == [["1"]]


def test_a_readonly_instance_has_what_was_there_and_what_comes(
    primary: Made, shop: dict[str, Made], replica: Made
) -> None:
    assert 1 in orders(replica)
    with login(primary) as root:
        root.execute("INSERT INTO shop_1.orders VALUES (300, 'after the replica')")
    eventually(lambda: 300 in orders(replica), True)
    note = query(replica, "SELECT note FROM shop_1.orders WHERE id = 1", "shop", SHOP)
    assert note == (("before the replica: \u8336",),)
    with pytest.raises(pymysql.err.OperationalError, match="read-only"):
        query(replica, "INSERT INTO shop_1.orders VALUES (301, 'here')")


def test_a_readonly_instance_follows_again_after_a_restart(lab: Lab, primary: Made, replica: Made) -> None:
    lab.reboot(replica[0])
    with login(primary) as root:
        root.execute("INSERT INTO shop_1.orders VALUES (310, 'while it was away')")
    eventually(lambda: 310 in orders(replica), True)


def test_an_account_may_do_what_its_privileges_say(lab: Lab, primary: Made, shop: dict[str, Made]) -> None:
    as_shop = {"user": "shop", "password": SHOP}
    query(primary, "INSERT INTO shop_1.orders VALUES (400, 'by the shop')", **as_shop)
    with pytest.raises(pymysql.err.OperationalError, match="denied"):
        query(primary, "DELETE FROM shop_1.orders", **as_shop)
    with pytest.raises(pymysql.err.OperationalError, match="denied"):
        # `_` in the granted name stands for itself only.
        query(primary, "CREATE DATABASE shopx1", **as_shop)
    orders_table = {"databaseName": "shop_1", "tableName": "orders"}
    wider = {"tables": [{**orders_table, "privileges": ["DELETE"]}], "globals": ["REPLICATION CLIENT"]}
    columns = [{**orders_table, "columnName": "note", "privileges": ["UPDATE"]}]
    changed = lab.change(Privilege, shop["privilege"], **wider, columns=columns)
    try:
        query(primary, "UPDATE shop_1.orders SET note = 'changed' WHERE id = 400", **as_shop)
        query(primary, "DELETE FROM shop_1.orders WHERE id = 400", **as_shop)
        query(primary, "SHOW MASTER STATUS", **as_shop)
        with pytest.raises(pymysql.err.OperationalError, match="denied"):
            query(primary, "UPDATE shop_1.orders SET id = 1 WHERE id = 2", **as_shop)
        assert lab.look(Privilege, changed) == changed[1]
    finally:
        lab.change(Privilege, changed, tables=[], columns=[], globals=[])
    with pytest.raises(pymysql.err.OperationalError, match="denied"):
        query(primary, "DELETE FROM shop_1.orders WHERE id = 400", **as_shop)


def test_privileges_given_by_hand_show_as_drift(lab: Lab, primary: Made, shop: dict[str, Made]) -> None:
    with login(primary) as root:
        root.execute("GRANT DELETE ON `shop\\_1`.* TO 'shop'@'%'")
    seen = lab.look(Privilege, shop["privilege"])
    assert seen
    assert "DELETE" in seen["databases"][0]["privileges"]
    lab.change(Privilege, shop["privilege"])
    assert lab.look(Privilege, shop["privilege"]) == shop["privilege"][1]


def test_passwords_and_parameters_change_while_it_runs(
    lab: Lab, primary: Made, shop: dict[str, Made]
) -> None:
    account = lab.change(Account, shop["account"], password="Another_1234")
    changed = lab.change(
        Instance, primary, rootPassword="Other_1234", parameters={"long_query_time": "3"}, memSize=2000
    )
    try:
        assert query(primary, "SELECT 1", "shop", "Another_1234") == ((1,),)
        now = query(primary, "SELECT @@long_query_time, @@max_connections", password="Other_1234")
        assert now == ((3.0, 400),)
        with pytest.raises(pymysql.err.OperationalError, match="Access denied"):
            query(primary, "SELECT 1")
    finally:
        lab.change(Account, account, password=SHOP)
        old = {name: primary[1][name] for name in ("rootPassword", "parameters", "memSize")}
        lab.change(Instance, changed, **old)


def test_removed_things_are_gone_and_removing_them_again_is_no_error(lab: Lab, primary: Made) -> None:
    database = lab.make(
        Database, "t", {"instanceId": primary[0], "dbName": "tem`p", "characterSetName": "utf8"}
    )
    account = lab.make(Account, "t", {"mysqlId": primary[0], "name": "te'mp", "password": "Temp_1234"})
    privilege = {"mysqlId": primary[0], "accountName": "te'mp", "globals": ["SELECT"]}
    rights = lab.make(Privilege, "t", privilege)
    for kind, made in ((Database, database), (Account, account), (Privilege, rights)):
        assert lab.look(kind, made) == made[1]
    for kind, made in ((Privilege, rights), (Account, account), (Database, database)):
        lab.remove(kind, made)
        lab.remove(kind, made)
    assert lab.look(Database, database) is None
    assert lab.look(Account, account) is None


def test_what_stood_in_an_instance_that_is_gone_is_removed_quietly(lab: Lab) -> None:
    gone = {
        "instanceId": "cdb-00000000",
        "mysqlId": "cdb-00000000",
        "dbName": "x",
        "name": "x",
        "accountName": "x",
    }
    for kind in (Database, Account, Privilege):
        assert lab.look(kind, ("x", gone)) is None
        lab.remove(kind, ("x", gone))


def test_a_standby_comes_and_goes(lab: Lab) -> None:
    inputs = {**lab.network, **SIZE, "instanceName": "single", "rootPassword": ROOT, "intranetPort": 3307}
    single = lab.make(Instance, "single", inputs)
    with login(single) as root:
        root.execute("CREATE DATABASE kept")
    paired = lab.change(Instance, single, firstSlaveZone="ap-guangzhou-4", slaveDeployMode=1, slaveSyncMode=1)
    assert ["kept"] in standby_of(lab, paired).rows("SHOW DATABASES;")
    assert query(paired, "SHOW STATUS LIKE 'Rpl_semi_sync_master_clients'")[0][1] == "1"
    alone = lab.change(Instance, paired, firstSlaveZone=None, slaveDeployMode=0, slaveSyncMode=0)
    started = time.monotonic()
    with login(alone) as root:
        root.execute("CREATE DATABASE quick")
    assert time.monotonic() - started < 5, "a commit must not wait for a standby that is gone"
    lab.remove(Instance, alone)
    assert not folder(lab.region.name, single[0]).exists()
    assert lab.look(Instance, alone) is None
