"""Security groups hold between the hosts of the stack."""

import pytest

from region.errors import RegionError
from region.hosts import HostControl, all_hosts
from shopctl.environment import Environment
from tests.stack.conftest import ENVIRONMENT, Stack

DATA = [("mysql", "mysql", 3306), ("redis", "redis", 6379), ("mongodb", "mongodb", 27017)]


def control(name: str) -> HostControl:
    settings = Environment.load(ENVIRONMENT).region
    assert settings is not None
    return HostControl(settings, next(host for host in all_hosts(ENVIRONMENT) if host.name == name))


def connects(source: str, address: str, port: int) -> bool:
    probe = f"exec 3<>/dev/tcp/{address}/{port}"
    try:
        control(source).run(["timeout", "3", "bash", "-c", probe])
    except RegionError:
        return False
    return True


def balancer_name() -> str:
    return next(host.name for host in all_hosts(ENVIRONMENT) if host.kind == "balancer")


def service(stack: Stack, key: str) -> tuple[str, int]:
    """The address of a data service, from the resolver of the VPC itself."""
    target = stack.outputs[key]
    found = control("web-1").run(["getent", "ahostsv4", target["host"]]).split()[0]
    return found, int(target["port"])


@pytest.mark.parametrize("key", ["mysql", "redis", "mongodb"])
@pytest.mark.parametrize("source", ["web-1", "web-2", "ops-1"])
def test_data_is_reachable_from_web_and_ops(stack: Stack, source: str, key: str) -> None:
    assert connects(source, *service(stack, key))


@pytest.mark.parametrize("key", ["mysql", "redis", "mongodb"])
def test_data_is_unreachable_from_a_group_that_is_not_allowed(stack: Stack, key: str) -> None:
    assert not connects(balancer_name(), *service(stack, key))


def test_data_does_not_reach_the_web_hosts(stack: Stack) -> None:
    data = next(host for host in all_hosts(ENVIRONMENT) if host.kind == "redis")
    assert not connects(data.name, stack.address_of("web-1"), 22)


def test_ssh_is_open_from_ops_and_closed_between_web_hosts(stack: Stack) -> None:
    assert connects("ops-1", stack.address_of("web-1"), 22)
    assert not connects("web-2", stack.address_of("web-1"), 22)


def test_web_hosts_are_reached_by_the_balancer_only(stack: Stack) -> None:
    assert connects(balancer_name(), stack.address_of("web-1"), 80)
    assert not connects("web-2", stack.address_of("web-1"), 80)


def test_web_hosts_reach_wechat_and_nothing_that_the_region_does_not_have(stack: Stack) -> None:
    answer = [
        "curl",
        "--silent",
        "--show-error",
        "--fail",
        "--max-time",
        "5",
        "https://api.weixin.qq.com/healthz",
    ]
    control("web-1").run(answer)
    # An address of the documentation range (RFC 5737): nobody's, and not routed inside the region.
    assert not connects("web-1", "198.51.100.1", 443)


def test_data_has_no_way_out(stack: Stack) -> None:
    data = next(host for host in all_hosts(ENVIRONMENT) if host.kind == "redis")
    assert not connects(data.name, wechat_address(), 443)
    assert connects("web-1", wechat_address(), 443)


def wechat_address() -> str:
    return next(host.address for host in all_hosts(ENVIRONMENT) if host.kind == "wechat")
