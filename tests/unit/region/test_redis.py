"""Redis' configuration as text."""

import pytest

from region.errors import RegionError
from region.services.redis_config import Settings, config, live, quoted, refused

GOLDEN = """\
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
user region-admin on #2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b ~* &* +@all
requirepass "p\\"w\\\\d"
"""


def test_configuration() -> None:
    assert config(Settings(256, 6380, 'p"w\\d', "secret")) == GOLDEN


def test_without_a_password_none_is_asked_for() -> None:
    assert "requirepass" not in config(Settings(256, 6379, None, "secret"))
    assert 'CONFIG SET requirepass ""' in live(Settings(256, 6379, None, "secret"))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("Ab_1", '"Ab_1"'), ('a"b\\', '"a\\"b\\\\"'), ("a\nFLUSHALL", '"a\\x0aFLUSHALL"'), ("茶", '"茶"')],
)
def test_arguments_are_quoted(text: str, wanted: str) -> None:
    assert quoted(text) == wanted


def test_commands_for_a_running_server() -> None:
    assert live(Settings(512, 6379, "new", "secret")).splitlines() == [
        'AUTH region-admin "secret"',
        "CONFIG SET maxmemory 512mb",
        'CONFIG SET requirepass "new"',
    ]


def test_any_answer_but_ok_is_an_error() -> None:
    refused("OK\nOK\nOK\n")
    with pytest.raises(RegionError, match="WRONGPASS"):
        refused("WRONGPASS invalid username-password pair\n\nOK\n")
