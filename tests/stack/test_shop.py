"""The shop answers over HTTPS, through the balancer and through the CDN."""

import json
import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from testinfra.host import Host

from tests.stack.conftest import Stack, shopctl

PLACES = ("balancer", "cdn")


def place(stack: Stack, which: str) -> tuple[str, str]:
    if which == "balancer":
        return stack.outputs["domain"], stack.vip
    return stack.outputs["cdnDomain"], stack.cdn_address


@pytest.mark.parametrize("which", PLACES)
def test_products_come_as_json(stack: Stack, which: str) -> None:
    domain, address = place(stack, which)
    answer = stack.curl(f"https://{domain}/api/v1/products", address)
    assert answer.status == 200
    items = json.loads(answer.body)["items"]
    assert len(items) >= 10
    assert all(item["price_fen"] > 0 and item["name"] for item in items)
    assert any("手机壳" in item["name"] for item in items)


@pytest.mark.parametrize("which", PLACES)
def test_a_products_picture_comes(stack: Stack, which: str) -> None:
    domain, address = place(stack, which)
    listed = json.loads(stack.curl(f"https://{domain}/api/v1/products", address).body)["items"]
    path = urlsplit(listed[0]["image_url"]).path
    answer = stack.curl(f"https://{domain}{path}", address)
    assert answer.status == 200
    assert "content-type: image/" in answer.headers
    assert len(answer.body) > 200


@pytest.mark.parametrize("which", PLACES)
def test_the_front_page_and_the_files_that_it_names_come(stack: Stack, which: str) -> None:
    domain, address = place(stack, which)
    page = stack.curl(f"https://{domain}/", address)
    assert page.status == 200
    assert "content-type: text/html" in page.headers
    names = re.findall(r'(?:src|href)="(/static/h5/[^"]+)"', page.body.decode())
    kinds = set()
    for path in names:
        answer = stack.curl(f"https://{domain}{path}", address)
        assert answer.status == 200, path
        kinds |= set(re.findall(r"content-type: \w+/(\w+)", answer.headers))
    assert {"javascript", "css"} <= kinds


def test_the_merchants_admin_comes_with_its_style(stack: Stack) -> None:
    domain, address = place(stack, "balancer")
    page = stack.curl(f"https://{domain}/admin/login/", address)
    assert page.status == 200
    style = re.search(r'href="(https://[^"]+/admin/css/base[^"]*\.css)"', page.body.decode())
    assert style
    assert "text/css" in stack.curl(style[1], stack.cdn_address).headers


def test_what_is_only_for_the_inside_does_not_come(stack: Stack) -> None:
    domain, address = place(stack, "balancer")
    for name in ("trade", "worker"):
        assert stack.curl(f"https://{domain}/metrics/{name}", address).status == 403
    assert stack.curl(f"https://{domain}/hostz", address).status == 404
    assert stack.curl(f"https://{domain}/api/v1/metrics", address).status == 404


@pytest.mark.parametrize(
    ("name", "metric"), [("trade", "shop_request_threads"), ("worker", "shop_queue_messages{queue=")]
)
def test_the_ops_host_reads_the_metrics_of_every_group(
    stack: Stack, reach: Callable[[str], Host], name: str, metric: str
) -> None:
    (web,) = [host["address"] for host in stack.outputs["hosts"] if host["name"] == "web-2"]
    assert metric in reach("ops-1").check_output(f"curl --silent http://{web}/metrics/{name}")


def test_the_cdn_keeps_pictures(stack: Stack) -> None:
    domain, address = place(stack, "cdn")
    listed = json.loads(stack.curl(f"https://{domain}/api/v1/products", address).body)["items"]
    url = f"https://{domain}{urlsplit(listed[1]['image_url']).path}"
    stack.curl(url, address)
    assert "x-cache-lookup: hit" in stack.curl(url, address).headers


@pytest.mark.parametrize("which", PLACES)
def test_port_80_redirects_to_https(stack: Stack, which: str) -> None:
    domain, address = place(stack, which)
    answer = stack.curl(f"http://{domain}/api/v1/products?x=1", address)
    assert answer.status == 301
    assert f"location: https://{domain}/api/v1/products?x=1" in answer.headers


def test_the_certificate_is_checked_against_the_regions_authority(stack: Stack) -> None:
    with pytest.raises(AssertionError, match="certificate"):
        stack.curl(
            f"https://{stack.outputs['domain']}/", stack.vip, "--cacert", "/etc/ssl/certs/ca-certificates.crt"
        )


def test_status_is_healthy_and_names_every_part(stack: Stack) -> None:
    status = json.loads(shopctl("status", "--json"))
    assert status["environment"] == "test"
    assert status["healthy"] is True
    names = {component["name"] for component in status["components"]}
    kinds = {component["kind"] for component in status["components"]}
    # The trade processes, which are asked, tell of the others on their host.
    assert {"web-1", "web-2", "ops-1", "catalogue", "user", "service", "admin"} <= names
    assert {"mysql", "redis", "mongodb", "rabbitmq", "storage"} <= kinds | names
