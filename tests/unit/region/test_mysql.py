"""SQL, privileges and configuration of MySQL as text."""

import pytest

from region.errors import RegionError
from region.services import grants, mariadb_config, sql
from region.services.mariadb_config import Settings, Variable

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


KNOWN = {
    "long_query_time": Variable("long_query_time", dynamic=True, number=True),
    "innodb_buffer_pool_size": Variable("innodb_buffer_pool_size", dynamic=True, number=True),
    "max_connections": Variable("max_connections", dynamic=True, number=True),
    "sql_mode": Variable("sql_mode", dynamic=True, number=False),
    "innodb_buffer_pool_chunk_size": Variable("innodb_buffer_pool_chunk_size", dynamic=False, number=True),
}
BEFORE = Settings("10.0.0.5", "primary", 1000)


@pytest.mark.parametrize(
    ("after", "done"),
    [
        (BEFORE, ([], False)),
        (
            Settings("10.0.0.5", "primary", 2000),
            (["SET GLOBAL innodb_buffer_pool_size = 131072000;", "SET GLOBAL max_connections = 400;"], False),
        ),
        (
            Settings("10.0.0.5", "primary", 1000, parameters={"sql_mode": "ANSI'", "unknown": "1"}),
            (["SET GLOBAL sql_mode = 'ANSI''';"], False),
        ),
        (
            Settings("10.0.0.5", "primary", 1000, parameters={"innodb_buffer_pool_chunk_size": "1M"}),
            ([], True),
        ),
    ],
)
def test_a_running_server_is_changed_without_a_restart_where_it_can_be(
    after: Settings, done: tuple[list[str], bool]
) -> None:
    assert mariadb_config.live(BEFORE, after, KNOWN) == done


def test_a_parameter_that_is_dropped_takes_a_restart() -> None:
    before = Settings("10.0.0.5", "primary", 1000, parameters={"sql_mode": "ANSI"})
    assert mariadb_config.live(before, BEFORE, KNOWN) == ([], True)


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
