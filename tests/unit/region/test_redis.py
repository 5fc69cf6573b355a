"""Redis' configuration as text."""

import pytest

from region.errors import RegionError
from region.services import redis_config
from region.services.redis_config import Account, Seen, Settings, config, live, quoted, refused, seen

RULES = "on #{} ~* &* +@all " + " ".join(f"-{each}" for each in redis_config.REFUSED) + " +config|get"
KEY = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"
"""SHA-256 of `secret`."""
GOLDEN = f"""\
bind 0.0.0.0
protected-mode no
port 6380
daemonize no
logfile ""
dir /var/lib/redis
appendonly yes
appendfsync everysec
maxmemory 256mb
maxmemory-policy noeviction
timeout "60"
user region-admin on #{KEY} ~* &* +@all
user default {RULES.format(KEY)}
"""


def test_configuration() -> None:
    assert config(Settings(256, 6380, "secret", "secret", parameters={"timeout": "60"})) == GOLDEN


def test_without_a_password_everybody_is_let_in_and_may_no_more() -> None:
    line = config(Settings(256, 6379, None, "secret")).splitlines()[-1]
    assert line.startswith("user default on nopass ~* &* +@all -acl ")


def test_an_account_that_reads_has_no_command_that_writes() -> None:
    assert " +@all -@write -acl " in Account("reader", "secret", writes=False).line


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("Ab_1", '"Ab_1"'), ('a"b\\', '"a\\"b\\\\"'), ("a\nFLUSHALL", '"a\\x0aFLUSHALL"'), ("茶", '"茶"')],
)
def test_arguments_are_quoted(text: str, wanted: str) -> None:
    assert quoted(text) == wanted


BASE = {"maxmemory": "268435456", "port": "6379", "timeout": "0", "maxmemory-policy": "noeviction"}


def test_commands_for_a_running_server() -> None:
    there = Seen(
        {**BASE, "timeout": "60", "maxmemory-policy": "allkeys-lru"},
        {"by hand": frozenset(), "default": frozenset()},
    )
    asked = Settings(512, 6379, "new", "secret", (Account("job", "secret"),), {"timeout": "30"})
    lines = live(asked, there, BASE).splitlines()
    assert lines[:5] == [
        'AUTH region-admin "secret"',
        'CONFIG SET maxmemory "512mb"',
        'CONFIG SET maxmemory-policy "noeviction"',
        'CONFIG SET port "6379"',
        'CONFIG SET timeout "30"',
    ]
    assert [line.split()[:4] for line in lines[5:7]] == [
        ["ACL", "SETUSER", name, "reset"] for name in ("default", "job")
    ]
    assert lines[7:] == ['ACL DELUSER "by hand"']


def test_what_a_server_says_of_itself_is_read() -> None:
    users = "user job on sanitize-payload #x ~* &* +@all"
    output = f"OK\nmaxmemory\n268435456\nsave\n\n{redis_config.SEPARATOR}\n{users}\n"
    assert seen(output) == Seen(
        {"maxmemory": "268435456", "save": ""}, {"job": frozenset({"on", "#x", "~*", "&*", "+@all"})}
    )
    with pytest.raises(RegionError, match="WRONGPASS"):
        seen("WRONGPASS invalid username-password pair\n")


def test_parameters_that_redis_does_not_know_are_passed_over() -> None:
    asked = {"timeout": "1", "disable-command-list": '""', "maxmemory-policy": '""'}
    assert redis_config.known(asked, BASE) == {"timeout": "1", "maxmemory-policy": ""}


def test_any_answer_but_ok_is_an_error() -> None:
    refused("OK\nOK\nOK\n")
    with pytest.raises(RegionError, match="WRONGPASS"):
        refused("WRONGPASS invalid username-password pair\n\nOK\n")
