"""The hosts are configured as the roles say (pytest-testinfra, through the inventory)."""

from collections.abc import Callable

import pytest
from testinfra.host import Host

from tests.stack.conftest import Stack

Reach = Callable[[str], Host]
WEB = ("web-1", "web-2")
GROUPS = ("catalogue", "trade", "user", "service", "admin")
ALL = (*WEB, "ops-1")


def version(host: Host) -> str:
    """The one that serves."""
    return str(host.check_output("readlink /var/lib/shop/serving/trade.sock")).split("/")[3]


@pytest.mark.parametrize("name", ALL)
def test_the_system_runs_without_failed_units(reach: Reach, name: str) -> None:
    assert reach(name).check_output("systemctl is-system-running") == "running"


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("unit", ["ssh", "nftables", "prometheus-node-exporter", "zabbix-agent2"])
def test_units_run_and_start_at_boot(reach: Reach, name: str, unit: str) -> None:
    service = reach(name).service(unit)
    assert service.is_enabled
    assert service.is_running or unit == "nftables"


@pytest.mark.parametrize("name", WEB)
def test_web_hosts_run_nginx_and_the_shop(reach: Reach, name: str) -> None:
    host = reach(name)
    serving = version(host)
    for unit in ("nginx", *(f"shop-{group}-{serving}" for group in (*GROUPS, "worker"))):
        assert host.service(unit).is_running, unit
    assert host.socket("tcp://0.0.0.0:80").is_listening
    assert host.run("nginx -t").rc == 0
    assert host.file(f"/etc/shop/{serving}").mode == 0o700
    for part in ("app", "migrator", *GROUPS):
        assert host.file(f"/etc/shop/{serving}/{part}.env").mode == 0o600


@pytest.mark.parametrize("name", WEB)
def test_each_group_logs_in_with_its_own_account(reach: Reach, name: str) -> None:
    host = reach(name)
    for group in (*GROUPS, "worker"):
        argv = f"podman exec shop-{group}-{version(host)} printenv SHOP_GROUP MYSQL_USER"
        settings = host.check_output(argv)
        assert settings.split() == [group, f"shop_{group}"]


def test_the_ops_host_runs_no_shop(reach: Reach) -> None:
    assert reach("ops-1").check_output("find /etc/containers/systemd -name 'shop-*'") == ""


@pytest.mark.parametrize("name", ALL)
def test_passwords_do_not_open_ssh(reach: Reach, name: str) -> None:
    settings = reach(name).check_output("sshd -T")
    assert "passwordauthentication no" in settings
    assert "permitrootlogin without-password" in settings or "permitrootlogin prohibit-password" in settings


@pytest.mark.parametrize("name", WEB)
@pytest.mark.parametrize("group", GROUPS)
def test_readiness_names_every_dependency(reach: Reach, name: str, group: str) -> None:
    socket = f"/var/lib/shop/serving/{group}.sock"
    answer = reach(name).check_output(f"curl -s --unix-socket {socket} http://localhost/readyz")
    for dependency in ("mysql", "replica", "redis", "rabbitmq", "mongodb", "s3", *({*GROUPS} - {group})):
        assert f'"{dependency}": "ok"' in answer or f'"{dependency}":"ok"' in answer, answer


def test_the_exporter_is_read_from_the_ops_host(reach: Reach, stack: Stack) -> None:
    address = stack.address_of("web-1")
    assert "node_load1" in reach("ops-1").check_output(f"curl -s http://{address}:9100/metrics")
