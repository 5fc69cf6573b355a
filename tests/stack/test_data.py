"""Data survives a restart of the host that holds it."""

import json
from urllib.parse import urlsplit

import pytest

from region.hosts import all_hosts
from tests.stack.conftest import ENVIRONMENT, Stack, until_healthy
from tests.stack.test_firewall import control


@pytest.mark.parametrize("kind", ["mysql", "storage"])
def test_products_and_pictures_survive_a_restart(stack: Stack, kind: str) -> None:
    url = f"https://{stack.outputs['domain']}/api/v1/products"
    before = json.loads(stack.curl(url, stack.vip).body)["items"]
    primary = min(
        (host for host in all_hosts(ENVIRONMENT) if host.kind == kind), key=lambda host: len(host.id)
    )
    host = control(primary.name)
    host.stop()
    host.boot()
    host.wait_for(["systemctl", "is-system-running", "--wait"], "systemd", timeout=60)
    until_healthy()
    after = json.loads(stack.curl(url, stack.vip).body)["items"]
    assert [item["id"] for item in after] == [item["id"] for item in before]
    picture = urlsplit(before[0]["image_url"]).path
    assert stack.curl(f"https://{stack.outputs['domain']}{picture}?again={kind}", stack.vip).status == 200
