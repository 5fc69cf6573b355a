"""SQL, privileges and configuration of MySQL as text."""

import pytest

from region.errors import RegionError
from region.services import grants, mariadb_config, mariadb_state, sql
from region.services.mariadb_config import Settings
from region.services.mariadb_state import Variable

NAMES = [("shop", "`shop`"), ("a`b", "`a``b`"), ("x`; DROP DATABASE y; --", "`x``; DROP DATABASE y; --`")]
STRINGS = [("plain", "'plain'"), ("it's", "'it''s'"), ("back\\slash", "'back\\\\slash'"), ("\\'", "'\\\\'''")]


@pytest.mark.parametrize(("name", "quoted"), NAMES)
def test_names_are_quoted(name: str, quoted: str) -> None:
    assert sql.identifier(name) == quoted


@pytest.mark.parametrize(("value", "quoted"), STRINGS)
def test_strings_are_quoted(value: str, quoted: str) -> None:
    assert sql.text(value) == quoted


def test_nul_is_refused() -> None:
    with pytest.raises(RegionError, match="NUL"):
        sql.text("a\0b")


def test_wildcards_of_a_granted_database_stand_for_themselves() -> None:
    assert sql.pattern("my_shop%") == "`my\\_shop\\%`"


ASKED = {
    "globals": ["replication client"],
    "databases": [{"databaseName": "my_shop", "privileges": ["SELECT", "Insert"]}],
    "tables": [{"databaseName": "my_shop", "tableName": "t", "privileges": ["DELETE"]}],
    "columns": [{"databaseName": "my_shop", "tableName": "t", "columnName": "c", "privileges": ["UPDATE"]}],
}
ROWS = [
    ["", "", "", "BINLOG MONITOR"],
    ["", "", "", "SLAVE MONITOR"],
    ["my\\_shop", "", "", "SELECT"],
    ["my\\_shop", "", "", "INSERT"],
    ["my_shop", "t", "", "DELETE"],
    ["my_shop", "t", "c", "UPDATE"],
]


def test_privileges_asked_for_become_grants_and_nothing_is_revoked() -> None:
    assert grants.change("shop", "%", set(), grants.wanted(ASKED)) == [
        "GRANT BINLOG MONITOR, SLAVE MONITOR ON *.* TO 'shop'@'%';",
        "GRANT INSERT, SELECT ON `my\\_shop`.* TO 'shop'@'%';",
        "GRANT DELETE, UPDATE (`c`) ON `my_shop`.`t` TO 'shop'@'%';",
    ]


def test_what_the_server_shows_is_what_was_asked_for_so_nothing_is_done() -> None:
    assert grants.change("shop", "%", grants.observed(ROWS), grants.wanted(ASKED)) == []


def test_only_the_difference_is_changed_and_giving_comes_first() -> None:
    fewer = {"globals": [], "databases": [{"databaseName": "my_shop", "privileges": ["SELECT", "UPDATE"]}]}
    assert grants.change("shop", "%", grants.observed(ROWS[2:4]), grants.wanted(fewer)) == [
        "GRANT UPDATE ON `my\\_shop`.* TO 'shop'@'%';",
        "REVOKE INSERT ON `my\\_shop`.* FROM 'shop'@'%';",
    ]


def test_what_the_server_shows_reads_back_as_inputs() -> None:
    assert grants.asked(ROWS) == {
        "globals": ["REPLICATION CLIENT"],
        "databases": [{"databaseName": "my_shop", "privileges": ["INSERT", "SELECT"]}],
        "tables": [{"databaseName": "my_shop", "tableName": "t", "privileges": ["DELETE"]}],
        "columns": [
            {"databaseName": "my_shop", "tableName": "t", "columnName": "c", "privileges": ["UPDATE"]}
        ],
    }


@pytest.mark.parametrize("privilege", ["SUPER", "FILE", "SHUTDOWN", "SELECT ON *.* TO x; --", ""])
def test_privileges_that_a_managed_instance_does_not_give_are_refused(privilege: str) -> None:
    with pytest.raises(RegionError, match="cannot be given"):
        grants.wanted({"globals": [privilege]})


def test_root_writes_no_table_of_the_system_and_so_gives_itself_nothing() -> None:
    revoked, everywhere, inside, system = grants.root_grants()
    assert revoked.startswith("REVOKE INSERT, UPDATE, DELETE, ")
    assert "INSERT" not in everywhere
    assert "RELOAD" in everywhere
    assert "ON `%`.* TO 'root'@'%' WITH GRANT OPTION" in inside
    assert system == "GRANT SELECT ON `mysql`.* TO 'root'@'%';"


def options(settings: Settings) -> dict[str, str]:
    lines = mariadb_config.config(settings).splitlines()
    assert lines[0] == "[mariadbd]"
    return {name: value.strip('"') for name, _, value in (line.partition(" = ") for line in lines[1:])}


def test_a_commit_is_durable_and_acknowledged_by_the_standby() -> None:
    found = options(Settings("10.0.0.5", "primary", 1000, semi_sync=True))
    wanted = {
        "server_id": "167772165",
        "sync_binlog": "1",
        "innodb_flush_log_at_trx_commit": "1",
        "log_slave_updates": "ON",
        "rpl_semi_sync_master_enabled": "ON",
        "rpl_semi_sync_master_wait_point": "AFTER_SYNC",
        "read_only": "OFF",
        "binlog_expire_logs_seconds": "432000",
    }
    assert found | wanted == found


def test_followers_are_read_only_and_only_the_standby_acknowledges() -> None:
    standby = options(Settings("10.0.0.6", "standby", 1000, semi_sync=True))
    readonly = options(Settings("10.0.0.7", "readonly", 1000))
    assert (standby["read_only"], readonly["read_only"]) == ("ON", "ON")
    assert (standby["rpl_semi_sync_slave_enabled"], readonly["rpl_semi_sync_slave_enabled"]) == ("ON", "OFF")
    assert len({standby["server_id"], readonly["server_id"]}) == 2


def test_memory_is_scaled_and_small() -> None:
    sizes = [
        options(Settings("10.0.0.5", "primary", mb))["innodb_buffer_pool_size"] for mb in (200, 1000, 64000)
    ]
    assert sizes == ["24M", "62M", "128M"]


def test_parameters_override_defaults_but_not_what_makes_the_server() -> None:
    asked = {"long_query_time": "1", "innodb-dedicated-server": "ON", "log_bin": "/tmp/x", "port": "1"}
    found = options(Settings("10.0.0.5", "primary", 1000, parameters=asked))
    assert found["loose_long_query_time"] == "1"
    assert "long_query_time" not in found
    assert found["loose_innodb_dedicated_server"] == "ON"
    assert (found["port"], found["log_bin"]) == ("3306", "/var/lib/mysql/binlog")


@pytest.mark.parametrize(
    ("name", "value"), [("x", "1\nskip-grant-tables"), ("a b", "1"), ("x]\n[client", "1")]
)
def test_a_parameter_cannot_carry_another_line(name: str, value: str) -> None:
    with pytest.raises(RegionError, match="cannot be set"):
        mariadb_config.config(Settings("10.0.0.5", "primary", 1000, parameters={name: value}))


BEFORE = Settings("10.0.0.5", "primary", 1000, parameters={"sql_mode": "ANSI", "long_query_time": "1"})
BYTES = 1 << 20


def variables(*changed: Variable) -> dict[str, Variable]:
    """What a server that has `BEFORE` says, with some variables that are otherwise."""
    known = [
        Variable("long_query_time", "1.000000", "10.000000", "DOUBLE"),
        Variable("innodb_buffer_pool_size", "65011712", "1", "BIGINT UNSIGNED", block=BYTES),
        Variable("max_connections", "200", "151", "BIGINT UNSIGNED"),
        Variable("sql_mode", "REAL_AS_FLOAT,PIPES_AS_CONCAT,ANSI", "STRICT_TRANS_TABLES", "SET"),
        Variable("read_only", "OFF", "OFF", "BOOLEAN"),
        Variable("log_bin", "ON", "", "BOOLEAN", dynamic=False),
        Variable("port", "3306", "0", "INT UNSIGNED", dynamic=False),
        Variable("gtid_slave_pos", "0-1-6", "", origin="sql"),
    ]
    return {variable.name: variable for variable in (*known, *changed)}


def test_a_server_that_is_as_asked_for_has_not_drifted_and_nothing_is_done() -> None:
    assert mariadb_state.drifted(BEFORE, variables()) == {}
    assert mariadb_state.repair(BEFORE, variables()) == ([], False)


HAND = [
    (Variable("long_query_time", "3.000000", "10", "DOUBLE"), "SET GLOBAL long_query_time = 1;"),
    (Variable("sql_mode", "PIPES_AS_CONCAT", "", "SET"), "SET GLOBAL sql_mode = 'ANSI';"),
    (Variable("read_only", "ON", "OFF", "BOOLEAN"), "SET GLOBAL read_only = 'OFF';"),
    (
        Variable("max_connections", "5", "151", "BIGINT UNSIGNED", origin="sql"),
        "SET GLOBAL max_connections = 200;",
    ),
    (
        Variable("sort_buffer_size", "4096", "2097152", "BIGINT UNSIGNED", origin="sql"),
        "SET GLOBAL sort_buffer_size = DEFAULT;",
    ),
    (
        # Asked for until now; it is in the configuration that the server was started with.
        Variable("wait_timeout", "60", "28800", "BIGINT UNSIGNED", origin="config"),
        "SET GLOBAL wait_timeout = DEFAULT;",
    ),
]


@pytest.mark.parametrize(("variable", "statement"), HAND, ids=[each[0].name for each in HAND])
def test_what_was_set_by_hand_shows_and_is_set_back(variable: Variable, statement: str) -> None:
    there = variables(variable)
    assert mariadb_state.drifted(BEFORE, there) == {variable.name: variable.value}
    assert mariadb_state.repair(BEFORE, there) == ([statement], False)


def test_what_was_set_by_hand_to_what_it_is_anyway_is_no_drift() -> None:
    by_hand = Variable("sort_buffer_size", "2097152", "2097152", "BIGINT UNSIGNED", origin="sql")
    assert mariadb_state.drifted(BEFORE, variables(by_hand)) == {}


def test_other_sizes_are_set_while_it_runs() -> None:
    bigger = Settings("10.0.0.5", "primary", 2000, parameters=BEFORE.parameters)
    assert mariadb_state.repair(bigger, variables()) == (
        ["SET GLOBAL innodb_buffer_pool_size = 131072000;", "SET GLOBAL max_connections = 400;"],
        False,
    )


def test_what_cannot_be_set_while_it_runs_takes_a_restart() -> None:
    moved = Settings("10.0.0.5", "primary", 1000, port=3307, parameters=BEFORE.parameters)
    assert mariadb_state.repair(moved, variables()) == ([], True)


@pytest.mark.parametrize(
    ("variable", "asked", "equal"),
    [
        (Variable("x", "1048576", kind="BIGINT UNSIGNED"), "1M", True),
        (Variable("x", "4096", kind="INT", block=1024), "4100", True),
        (Variable("x", "10", kind="INT", low=10, high=20), "5", True),
        (Variable("x", "10", kind="INT"), "much", False),
        (Variable("x", "ON", kind="BOOLEAN"), "1", True),
        (Variable("x", "OFF", kind="BOOLEAN"), "true", False),
        (Variable("x", "READ-COMMITTED", kind="ENUM"), "read-committed", True),
        (Variable("x", "B,A", kind="SET"), "A,B", True),
        (Variable("x", "A", kind="SET"), "A,B", False),
        (Variable("x", "utf8mb4"), "UTF8MB4", True),
    ],
)
def test_values_are_compared_as_the_server_reads_them(variable: Variable, asked: str, equal: bool) -> None:
    assert mariadb_state.same(variable, asked) is equal


def test_a_parameter_that_has_to_be_a_number_is_refused_by_name() -> None:
    odd = Settings("10.0.0.5", "primary", 1000, parameters={**BEFORE.parameters, "max_connections": "many"})
    with pytest.raises(RegionError, match=r"max_connections.*many"):
        mariadb_state.repair(odd, variables())


def test_what_a_server_says_of_itself_is_read() -> None:
    path = mariadb_config.CONFIG
    rows = [
        [
            "variable",
            "wait_timeout",
            "60",
            "28800",
            "INT UNSIGNED",
            "NO",
            "CONFIG",
            path,
            "1",
            "31536000",
            "1",
        ],
        [
            "variable",
            "relay_log",
            "/x",
            "NULL",
            "VARCHAR",
            "YES",
            "COMPILE-TIME",
            "NULL",
            "NULL",
            "NULL",
            "NULL",
        ],
        ["replication", "Connecting", "Yes", "0"],
        ["root", mariadb_state.password_hash("Ab_12345"), "0", "NULL"],
    ]
    found = mariadb_state.seen(rows)
    assert found.variables["wait_timeout"] == Variable(
        "wait_timeout", "60", "28800", "INT UNSIGNED", True, "config", 1, 31536000, 1
    )
    assert not found.variables["relay_log"].dynamic
    assert found.replication
    assert not found.replication.works
    assert found.root
    assert found.root.opens("Ab_12345")
    assert not found.root.opens("Other_123")


def test_a_password_hash_is_the_servers() -> None:
    # The example of https://mariadb.com/kb/en/password/.
    assert mariadb_state.password_hash("notagoodpwd") == "*3A70EE9FC6594F88CE9E959CD51C5A1C002DC937"


def test_a_locked_account_opens_with_no_password() -> None:
    assert not mariadb_state.login([mariadb_state.password_hash("Ab_12345"), "5", "1"]).opens("Ab_12345")


def test_a_replica_takes_accounts_and_users_databases() -> None:
    command = mariadb_config.dump("/seed.sql", ["shop", "blog"], ["global_priv", "db", "help_topic", "proc"])
    assert [word for word in command if word.startswith("--ignore-table")] == [
        "--ignore-table=mysql.help_topic",
        "--ignore-table=mysql.proc",
    ]
    assert command[-4:] == ["--databases", "mysql", "blog", "shop"]


def test_the_state_of_replication_is_read() -> None:
    text = "*** 1. row ***\n    Slave_IO_Running: Yes\n   Last_IO_Error: error: timed out\n"
    assert mariadb_config.replica_status(text) == {
        "Slave_IO_Running": "Yes",
        "Last_IO_Error": "error: timed out",
    }
