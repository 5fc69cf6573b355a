"""The shop answers over HTTPS, through the balancer and through the CDN."""

import json
import secrets
import time
from urllib.parse import urlsplit

import pytest

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
def test_a_static_file_comes(stack: Stack, which: str) -> None:
    domain, address = place(stack, which)
    page = stack.curl(f"https://{domain}/", address).body.decode()
    start = page.index("/static/")
    path = page[start:].split('"')[0]
    answer = stack.curl(f"https://{domain}{path}", address)
    assert answer.status == 200
    assert "content-type: text/css" in answer.headers


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


def test_an_order_is_taken_and_reaches_the_worker(stack: Stack) -> None:
    domain, vip = place(stack, "balancer")
    api = f"https://{domain}/api/v1"
    items = json.loads(stack.curl(f"{api}/products", vip).body)["items"]
    product = next(item for item in items if item["stock"] > 5)
    token = secrets.token_urlsafe(24)
    post = ("--header", f"X-Buyer-Token: {token}", "--header", "Content-Type: application/json", "--data")
    added = stack.curl(
        f"{api}/cart/items", vip, *post, json.dumps({"product_id": product["id"], "quantity": 2})
    )
    assert added.status in (200, 201), added.body
    words = ("--header", "Idempotency-Key: stack-test-0001", *post, "{}")
    first = stack.curl(f"{api}/orders", vip, *words)
    assert first.status == 201, first.body
    again = stack.curl(f"{api}/orders", vip, *words)
    assert again.status == 200
    order, repeated = json.loads(first.body), json.loads(again.body)
    assert order["number"] == repeated["number"]
    assert order["total_fen"] == 2 * product["price_fen"]
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        seen = json.loads(
            stack.curl(f"{api}/orders/{order['number']}", vip, "--header", f"X-Buyer-Token: {token}").body
        )
        if seen["status"] == "confirmed":
            return
        time.sleep(0.5)
    pytest.fail(f"the worker did not confirm the order: {seen}")


def test_status_is_healthy_and_names_every_part(stack: Stack) -> None:
    status = json.loads(shopctl("status", "--json"))
    assert status["environment"] == "test"
    assert status["healthy"] is True
    names = {component["name"] for component in status["components"]}
    kinds = {component["kind"] for component in status["components"]}
    assert {"web-1", "web-2", "ops-1"} <= names
    assert {"mysql", "redis", "mongodb", "rabbitmq", "storage"} <= kinds | names
