"""Which of Nginx's locations close while the shop is in maintenance. tests/stack asks a real one."""

import re
from pathlib import Path

import pytest

from shopctl.maintenance import hosts, on_host
from tests.unit.ansible.test_playbooks import block

CLOSED = r"if \(\$closed\) \{\s+return 530;\s+\}"


@pytest.fixture(scope="module")
def nginx(rendered: Path) -> str:
    return (rendered / "nginx.conf").read_text()


def locations(nginx: str) -> dict[str, str]:
    """Of the shop's port, by their names."""
    nginx = nginx[nginx.index("default_server") :]
    found = re.findall(r"^    +location (?:[=~] )?(\S+) \{$", nginx, re.MULTILINE)
    starts = re.findall(r"^    +(location (?:[=~] )?\S+ \{)$", nginx, re.MULTILINE)
    return {name: block(nginx, start) for name, start in zip(found, starts, strict=True)}


def test_what_buyers_and_merchants_see_closes_and_nothing_else(nginx: str) -> None:
    open_ = {name for name, body in locations(nginx).items() if not re.search(CLOSED, body)}
    metrics = {f"/metrics/{group}" for group in ("catalogue", "trade", "user", "service", "admin", "worker")}
    files = {"/media/", "/static/"}
    assert open_ == {"/healthz", "/readyz", "/.maintenance/", *metrics, *files}


def test_the_page_of_maintenance_is_no_way_in(nginx: str) -> None:
    assert "internal;" in block(nginx, "location /.maintenance/ {")


def test_the_probe_of_the_host_stays_green_whatever_is_done_to_the_shop(nginx: str) -> None:
    assert re.search(r"if \(\$maintenance\) \{\s+return 200 ", block(nginx, "location = /healthz {"))


def test_wechat_and_operators_come_in(nginx: str) -> None:
    rules = re.findall(r'"~(\S+)" 1;', block(nginx, "map $from_operator:$uri $comes_in"))
    come_in = {
        "0:/api/v1/payments/notifications": True,
        "0:/api/v1/payments/refund-notifications": True,
        "0:/api/v1/wechat/push": True,
        "0:/api/v1/payments/notifications/x": False,
        "0:/api/v1/orders": False,
        "1:/api/v1/orders": True,
    }
    found = {text: any(re.search(rule, text) for rule in rules) for text in come_in}
    assert found == come_in
    assert "127.0.0.1 1;" in block(nginx, "geo $remote_addr $from_operator")


def test_the_role_looks_where_the_command_writes(nginx: str) -> None:
    assert f"if (-f {hosts.FOLDER}/{on_host.ANSWER})" in nginx
    assert f"default {on_host.PAGE};" in nginx
    assert f"alias {hosts.FOLDER}/;" in nginx
