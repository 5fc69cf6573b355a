"""What somebody changed by hand on MySQL, or what died: it shows in a read, and an update mends it.

A long file for the sake of its one instance, with a standby and a replica, which takes ten seconds to make.
"""

from typing import Any

import pytest

from region.errors import RegionError
from region.resources.mysql import Instance
from region.resources.mysql_groups import RoGroup, Switch
from region.resources.mysql_members import hosts_of
from region.resources.mysql_objects import Account, Database, Privilege
from region.resources.mysql_policies import BackupPolicy, LocalBinlogConfig, ParamTemplate
from region.resources.mysql_readonly import ReadonlyInstance
from region.services.mariadb import UNIT, Server
from tests.region.conftest import Lab, Made
from tests.region.test_mysql import ROOT, SHOP, SIZE, eventually, login, query

pytestmark = [pytest.mark.region, pytest.mark.slow]

STANDBY = {"firstSlaveZone": "ap-guangzhou-4", "slaveDeployMode": 1, "slaveSyncMode": 1}


@pytest.fixture(scope="module")
def template(lab: Lab) -> Made:
    entry = {"name": "long_query_time", "currentValue": "7"}
    return lab.make(ParamTemplate, "template", {"name": "slow", "paramLists": [entry]})


@pytest.fixture(scope="module")
def primary(lab: Lab) -> Made:
    parameters = {"long_query_time": "1", "max_connections": "150", "sql_mode": "ANSI"}
    inputs = {"instanceName": "drifting", "rootPassword": ROOT, "parameters": parameters}
    return lab.make(Instance, "mysql", {**lab.network, **SIZE, **STANDBY, **inputs})


@pytest.fixture(scope="module")
def replica(lab: Lab, primary: Made, template: Made) -> Made:
    inputs = {**lab.network, **SIZE, "instanceName": "drifting_ro", "masterInstanceId": primary[0]}
    return lab.make(ReadonlyInstance, "replica", {**inputs, "paramTemplateId": template[1]["templateId"]})


@pytest.fixture(scope="module")
def shop(lab: Lab, primary: Made, replica: Made) -> dict[str, Made]:
    rights = [{"databaseName": "shop", "privileges": ["SELECT", "INSERT", "CREATE"]}]
    kinds: dict[str, tuple[Any, dict[str, Any]]] = {
        "database": (Database, {"instanceId": primary[0], "dbName": "shop", "characterSetName": "utf8mb4"}),
        "account": (
            Account,
            {"mysqlId": primary[0], "name": "shop", "host": "%", "password": SHOP, "maxUserConnections": 20},
        ),
        "privilege": (
            Privilege,
            {
                "mysqlId": primary[0],
                "accountName": "shop",
                "accountHost": "%",
                "globals": [],
                "databases": rights,
            },
        ),
    }
    made = {name: lab.make(kind, name, inputs) for name, (kind, inputs) in kinds.items()}
    query(primary, "CREATE TABLE shop.orders (id INT PRIMARY KEY)")
    return made


def server(lab: Lab, host_id: str) -> Server:
    return Server(lab.region.host(host_id))


def members(lab: Lab, primary: Made) -> tuple[str, str]:
    """The hosts of primary and standby, whichever is which just now."""
    first, second = (control.host.id for control in hosts_of(lab.region, primary[0]))
    return first, second


def drift(lab: Lab, kind: Any, made: Made) -> dict[str, Any]:
    """What a read shows otherwise than it was made."""
    seen = lab.look(kind, made)
    assert seen is not None
    return {name: value for name, value in seen.items() if made[1].get(name) != value}


def mended(lab: Lab, kind: Any, made: Made) -> None:
    """Update as the engine does after a refresh: the old state is what was read."""
    seen = lab.look(kind, made)
    assert seen is not None
    lab.change(kind, (made[0], seen))
    assert drift(lab, kind, made) == {}


def test_what_nobody_touched_reads_back_as_it_was_made(
    lab: Lab, primary: Made, replica: Made, shop: dict[str, Made]
) -> None:
    assert drift(lab, Instance, primary) == {}
    assert drift(lab, ReadonlyInstance, replica) == {}
    for kind, name in ((Database, "database"), (Account, "account"), (Privilege, "privilege")):
        assert drift(lab, kind, shop[name]) == {}
    for host in (*members(lab, primary), replica[0]):
        lab.reboot(host)
    eventually(lambda: drift(lab, Instance, primary), {})
    eventually(lambda: drift(lab, ReadonlyInstance, replica), {})


def test_parameters_that_were_set_by_hand(lab: Lab, primary: Made) -> None:
    by_hand = server(lab, members(lab, primary)[0])
    by_hand.execute(
        "SET GLOBAL max_connections = 33;", "SET GLOBAL wait_timeout = 77;", "SET GLOBAL read_only = ON;"
    )
    parameters = {"max_connections": "33", "wait_timeout": "77", "read_only": "ON"}
    assert drift(lab, Instance, primary) == {"parameters": {**primary[1]["parameters"], **parameters}}
    before = query(primary, "SELECT @@wait_timeout, CONNECTION_ID()")
    mended(lab, Instance, primary)
    after = query(primary, "SELECT @@max_connections, @@global.wait_timeout, @@read_only")
    assert after == ((150, 28800, 0),)
    assert query(primary, "SELECT CONNECTION_ID()")[0][0] > before[0][1], "it was not restarted"


def test_a_parameter_that_is_set_by_hand_on_the_standby(lab: Lab, primary: Made) -> None:
    server(lab, members(lab, primary)[1]).execute("SET GLOBAL read_only = OFF;")
    assert drift(lab, Instance, primary)["parameters"]["read_only"] == "OFF"
    mended(lab, Instance, primary)
    assert server(lab, members(lab, primary)[1]).rows("SELECT @@read_only;") == [["1"]]


def test_roots_password(lab: Lab, primary: Made) -> None:
    query(primary, "SET PASSWORD = PASSWORD('By_hand_123')")
    assert drift(lab, Instance, primary) == {"rootPassword": ""}
    mended(lab, Instance, primary)
    assert query(primary, "SELECT 1") == ((1,),)


def test_a_server_or_a_host_that_is_down(lab: Lab, primary: Made, shop: dict[str, Made]) -> None:
    query(primary, "INSERT INTO shop.orders VALUES (1)")
    host = lab.region.host(members(lab, primary)[0])
    host.run(["systemctl", "stop", UNIT])
    assert drift(lab, Instance, primary)["memSize"] == 0
    assert drift(lab, Account, shop["account"]) == {}, "it can't be looked at, and is not lost"
    mended(lab, Instance, primary)
    host.stop()
    seen = drift(lab, Instance, primary)
    assert (seen["memSize"], seen["status"]) == (0, 0)
    assert host.leader() is None, "a read boots nothing"
    mended(lab, Instance, primary)
    assert (1,) in query(primary, "SELECT id FROM shop.orders")


def test_a_standby_that_is_stopped_gone_or_does_not_follow(
    lab: Lab, primary: Made, shop: dict[str, Made]
) -> None:
    there = members(lab, primary)[1]

    def follows_no_more() -> None:
        server(lab, there).execute("STOP SLAVE;")

    def has_diverged() -> None:
        server(lab, there).execute("SET SESSION sql_log_bin = 0;", "DROP TABLE shop.orders;")
        query(primary, "INSERT INTO shop.orders VALUES (2)")
        eventually(lambda: server(lab, there).replication()["Slave_SQL_Running"], "No")

    breaks = (
        follows_no_more,
        has_diverged,
        lab.region.host(there).stop,
        lambda: lab.region.remove_host(there),
    )
    for number, broken in enumerate(breaks):
        broken()
        assert drift(lab, Instance, primary)["firstSlaveZone"] == ""
        mended(lab, Instance, primary)
        query(primary, f"INSERT INTO shop.orders VALUES ({number + 10})")  # noqa: S608
        rows = f"SELECT id FROM shop.orders WHERE id = {number + 10};"  # noqa: S608
        eventually(lambda rows=rows: server(lab, there).rows(rows), [[str(number + 10)]])
        assert query(primary, "SHOW STATUS LIKE 'Rpl_semi_sync_master_clients'")[0][1] == "1"


def test_a_primary_whose_host_is_lost_is_replaced_by_its_standby(
    lab: Lab, primary: Made, replica: Made, shop: dict[str, Made]
) -> None:
    query(primary, "INSERT INTO shop.orders VALUES (100)")
    lab.region.remove_host(members(lab, primary)[0])
    assert drift(lab, Instance, primary)["memSize"] == 0
    mended(lab, Instance, primary)
    assert (100,) in query(primary, "SELECT id FROM shop.orders")
    query(primary, "INSERT INTO shop.orders VALUES (101)")
    eventually(lambda: (101,) in query(replica, "SELECT id FROM shop.orders"), True)
    eventually(lambda: drift(lab, ReadonlyInstance, replica), {})


def test_what_stands_inside(lab: Lab, primary: Made, shop: dict[str, Made]) -> None:
    with login(primary) as root:
        root.execute("ALTER USER 'shop'@'%' IDENTIFIED BY 'By_hand_1' WITH MAX_USER_CONNECTIONS 3")
        root.execute("REVOKE INSERT ON `shop`.* FROM 'shop'@'%'")
        root.execute("ALTER DATABASE shop CHARACTER SET latin1")
    assert drift(lab, Account, shop["account"]) == {"password": "", "maxUserConnections": 3}
    assert drift(lab, Privilege, shop["privilege"])["databases"][0]["privileges"] == ["CREATE", "SELECT"]
    assert drift(lab, Database, shop["database"]) == {"characterSetName": "latin1"}
    for kind, name in ((Database, "database"), (Account, "account"), (Privilege, "privilege")):
        mended(lab, kind, shop[name])
    query(primary, "INSERT INTO shop.orders VALUES (200)", "shop", SHOP)
    query(primary, "ALTER USER 'shop'@'%' ACCOUNT LOCK")
    assert drift(lab, Account, shop["account"]) == {"password": ""}
    query(primary, "DROP USER 'shop'@'%'")
    assert lab.look(Account, shop["account"]) is None
    assert lab.look(Privilege, shop["privilege"]) is None
    for kind, name in ((Account, "account"), (Privilege, "privilege")):
        kind(lab.region).create(shop[name][0], lab.region.get(kind.type, shop[name][0]).inputs)
        assert drift(lab, kind, shop[name]) == {}
    query(primary, "INSERT INTO shop.orders VALUES (201)", "shop", SHOP)


def test_a_readonly_instance(lab: Lab, primary: Made, replica: Made, shop: dict[str, Made]) -> None:
    assert query(replica, "SELECT @@global.long_query_time") == ((7.0,),)
    server(lab, replica[0]).execute("STOP SLAVE;", "SET GLOBAL max_connections = 15;")
    assert drift(lab, ReadonlyInstance, replica) == {"masterInstanceId": "", "paramTemplateId": 0}
    mended(lab, ReadonlyInstance, replica)
    lab.region.host(replica[0]).stop()
    assert drift(lab, ReadonlyInstance, replica) == {"memSize": 0, "status": 0}
    mended(lab, ReadonlyInstance, replica)


def test_how_long_the_log_is_kept(lab: Lab, primary: Made, replica: Made) -> None:
    seconds = "SELECT @@binlog_expire_logs_seconds, @@max_binlog_total_size"
    local = lab.make(LocalBinlogConfig, "local", {"instanceId": primary[0], "saveHours": 96, "maxUsage": 40})
    assert query(primary, seconds) == ((96 * 3600, 10 << 30),)
    policy = lab.make(
        BackupPolicy, "policy", {"mysqlId": primary[0], "retentionPeriod": 14, "binlogPeriod": 9}
    )
    for made in (primary, replica):
        assert query(made, seconds)[0][0] == 9 * 86400
    assert [drift(lab, *each) for each in ((BackupPolicy, policy), (LocalBinlogConfig, local))] == [{}, {}]
    assert drift(lab, Instance, primary) == {}
    server(lab, members(lab, primary)[0]).execute("SET GLOBAL binlog_expire_logs_seconds = 86400;")
    assert drift(lab, BackupPolicy, policy) == {"binlogPeriod": 1}
    mended(lab, BackupPolicy, policy)
    for kind, made in ((BackupPolicy, policy), (LocalBinlogConfig, local)):
        lab.remove(kind, made)
    assert query(primary, seconds) == ((432000, 0),)


def test_an_instance_that_was_made_anew_fills_its_readonly_instance_anew(lab: Lab) -> None:
    sizes = {**lab.network, **SIZE}
    primary = lab.make(Instance, "anew", {**sizes, "instanceName": "anew", "rootPassword": ROOT})
    query(primary, "CREATE DATABASE before_it")
    inside = {"instanceId": primary[0], "dbName": "shop", "characterSetName": "utf8mb4"}
    database = lab.make(Database, "anew", inside)
    inputs = {**sizes, "instanceName": "anew_ro", "masterInstanceId": primary[0]}
    replica = lab.make(ReadonlyInstance, "anew_ro", inputs)
    lab.region.remove_host(primary[0])
    assert lab.look(Instance, primary) is None
    assert drift(lab, ReadonlyInstance, replica)["masterInstanceId"] == ""
    anew = lab.make(Instance, "anew", lab.region.get(Instance.type, primary[0]).inputs)
    assert anew[0] == primary[0]
    assert lab.look(Database, database) is None
    query(anew, "CREATE DATABASE after_it")
    assert drift(lab, ReadonlyInstance, replica)["masterInstanceId"] == ""
    mended(lab, ReadonlyInstance, replica)
    databases = {row[0] for row in query(replica, "SHOW DATABASES")}
    assert databases & {"before_it", "after_it"} == {"after_it"}
    for kind, made in ((ReadonlyInstance, replica), (Instance, anew)):
        lab.remove(kind, made)


def test_name_port_and_memory_change_while_it_runs(lab: Lab, primary: Made, replica: Made) -> None:
    query(primary, "CREATE DATABASE IF NOT EXISTS kept")
    changed = lab.change(Instance, primary, instanceName="renamed", intranetPort=3310, memSize=2000)
    try:
        assert changed[1]["intranetPort"] == 3310
        assert ("kept",) in query(changed, "SHOW DATABASES")
        host = members(lab, primary)[0]
        assert lab.region.host(host).host.name == "renamed"
        assert lab.run((host, {}), "hostname").strip() == "renamed"
        assert drift(lab, Instance, changed) == {}
        query(changed, "CREATE DATABASE later")
        eventually(lambda: ("later",) in query(replica, "SHOW DATABASES"), True)
    finally:
        lab.change(Instance, changed, instanceName="drifting", intranetPort=3306, memSize=1000)


def test_another_version_is_refused_in_clear_words(lab: Lab, primary: Made) -> None:
    with pytest.raises(RegionError, match="engineVersion cannot be changed"):
        lab.change(Instance, primary, engineVersion="5.7")


def test_a_group_that_stays_behind(lab: Lab, primary: Made, replica: Made) -> None:
    inputs = {"instanceId": primary[0], "roGroupId": replica[1]["roGroupId"]}
    info = {"roGroupName": "late", "replicationDelayTime": 3600}
    group = lab.make(RoGroup, "group", {**inputs, "roGroupInfo": info})
    assert drift(lab, RoGroup, group) == drift(lab, ReadonlyInstance, replica) == {}
    query(primary, "CREATE DATABASE late")
    host = server(lab, replica[0])
    eventually(lambda: host.replication()["SQL_Remaining_Delay"].isdigit(), True)
    assert ("late",) not in query(replica, "SHOW DATABASES")
    lab.remove(RoGroup, group)
    eventually(lambda: ("late",) in query(replica, "SHOW DATABASES"), True)


def test_a_switch_makes_the_standby_the_primary_without_a_loss(
    lab: Lab, primary: Made, replica: Made, shop: dict[str, Made]
) -> None:
    before = members(lab, primary)
    query(primary, "INSERT IGNORE INTO shop.orders VALUES (500)")
    switch = lab.make(Switch, "there", {"instanceId": primary[0]})
    assert members(lab, primary) == before[::-1]
    assert (500,) in query(primary, "SELECT id FROM shop.orders")
    query(primary, "INSERT IGNORE INTO shop.orders VALUES (501)")
    eventually(lambda: (501,) in query(replica, "SELECT id FROM shop.orders"), True)
    assert query(primary, "SHOW STATUS LIKE 'Rpl_semi_sync_master_clients'")[0][1] == "1"
    assert drift(lab, Instance, primary) == {}
    # A run that was killed after the switch does not switch back.
    Switch(lab.region).create(switch[0], switch[1])
    assert members(lab, primary) == before[::-1]
    lab.remove(Switch, switch)
    back = lab.make(Switch, "back", {"instanceId": primary[0]})
    assert members(lab, primary) == before
    assert {(500,), (501,)} <= set(query(primary, "SELECT id FROM shop.orders"))
    lab.remove(Switch, back)


def test_what_was_made_by_hand_can_be_imported(lab: Lab, primary: Made) -> None:
    with login(primary) as root:
        root.execute("CREATE DATABASE found CHARACTER SET latin1")
        root.execute("CREATE USER 'found'@'10.%' IDENTIFIED BY 'Found_123' WITH MAX_USER_CONNECTIONS 4")
        root.execute("GRANT SELECT, INSERT ON found.* TO 'found'@'10.%'")
    instance = primary[0]
    assert Database(lab.region).adopt(f"{instance}#found") == (
        {"instanceId": instance, "dbName": "found", "characterSetName": "latin1"},
        {},
    )
    account = {"mysqlId": instance, "name": "found", "host": "10.%", "password": "", "maxUserConnections": 4}
    assert Account(lab.region).adopt(f"{instance}#found#10.%") == (account, {})
    adopted = Privilege(lab.region).adopt(f"{instance}#found#10.%")
    assert adopted
    assert adopted[0]["databases"] == [{"databaseName": "found", "privileges": ["INSERT", "SELECT"]}]
    for kind, id_ in (
        (Database, "nothing"),
        (Account, "nobody#%"),
        (Privilege, "nobody#%"),
        (Account, "odd"),
    ):
        assert kind(lab.region).adopt(f"{instance}#{id_}") is None
        assert kind(lab.region).adopt(f"cdb-00000000#{id_}") is None
    with login(primary) as root:
        root.execute("DROP USER 'found'@'10.%'")
        root.execute("DROP DATABASE found")
