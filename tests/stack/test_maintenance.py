"""Maintenance: buyers and merchants see a page, the balancer keeps its hosts, a payment under way is booked."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.stack.conftest import ENVIRONMENT, REPOSITORY, Answer, Stack, shopctl, until_healthy
from tests.stack.test_h5 import choose, order
from tests.web.phone import chromium

WORDS = "系统升级，请稍候"
ON = ("maintenance", "on", "--yes", "--for", "30m", "--message", WORDS)


@pytest.fixture
def closed(stack: Stack) -> Iterator[dict[str, Any]]:
    """In maintenance; what the command said. Over afterwards, whatever the test did."""
    try:
        yield json.loads(shopctl(*ON, "--json"))
    finally:
        shopctl("maintenance", "off", "--yes")
        until_healthy()


def ask(stack: Stack, path: str, *words: str) -> Answer:
    return stack.curl(f"https://{stack.outputs['domain']}{path}", stack.vip, *words)


def by_ssh(stack: Stack, path: str, *words: str) -> Any:
    """What an operator gets on a web host itself."""
    argv = [
        "curl",
        "--silent",
        "--header",
        f"Host:{stack.outputs['domain']}",
        *words,
        f"http://127.0.0.1{path}",
    ]
    return json.loads(shopctl("ssh", "web-1", "--", *argv))


def maintenance() -> dict[str, str]:
    """What the status says of it. The status' exit code is 1 as long as it is on."""
    argv = [sys.executable, str(REPOSITORY / "cli.py"), "--env", ENVIRONMENT, "status", "--json"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=120, cwd=REPOSITORY, check=False)
    parts = {part["name"]: part for part in json.loads(done.stdout)["components"]}
    assert parts["load balancer"]["state"] == "healthy"
    assert done.returncode == 1 or parts["maintenance"]["state"] == "healthy"
    return dict(parts["maintenance"])


def test_everybody_is_told_and_the_balancer_keeps_the_hosts(stack: Stack, closed: dict[str, Any]) -> None:
    assert closed["maintenance"]
    assert closed["hosts"] == ["web-1", "web-2"]
    for path in ("/", "/admin/", "/whatever"):
        answer = ask(stack, path)
        assert (answer.status, WORDS in answer.body.decode()) == (503, True), path
        assert "content-type: text/html" in answer.headers
    # Each more often than there are hosts: all of them do it.
    for _ in range(6):
        answer = ask(stack, "/api/v1/orders", "--request", "POST", "--data", "{}")
        assert answer.status == 503
        assert json.loads(answer.body)["error"] == {"code": "maintenance", "message": WORDS}
        assert "retry-after: " in answer.headers
        assert "cache-control: no-store" in answer.headers
        assert ask(stack, "/healthz").status == 200
    assert ask(stack, "/static/h5/index.html").status == 200
    assert by_ssh(stack, "/readyz")["ready"]


def test_operators_come_in_by_ssh_and_nobody_by_a_header(stack: Stack, closed: dict[str, Any]) -> None:
    assert by_ssh(stack, "/api/v1/products")["items"]
    assert ask(stack, "/api/v1/products", "--header", "X-Forwarded-For: 127.0.0.1").status == 503


def test_the_cdn_keeps_nothing_of_it(stack: Stack) -> None:
    page = f"https://{stack.outputs['cdnDomain']}/"
    shopctl(*ON)
    try:
        assert [stack.curl(page, stack.cdn_address).status for _ in range(2)] == [503, 503]
    finally:
        shopctl("maintenance", "off", "--yes")
    assert stack.curl(page, stack.cdn_address).status == 200
    assert ask(stack, "/api/v1/products").status == 200


def test_a_payment_that_is_under_way_is_booked_and_the_page_is_seen(stack: Stack) -> None:
    domain = stack.outputs["domain"]
    with chromium({domain: stack.vip}) as shelf, shelf.phone(f"https://{domain}") as phone:
        choose(phone)
        order(phone)
        shopctl(*ON)
        try:
            phone.page.get_by_test_id("wechat-pay-confirm").click()
            token, limit = phone.token(), time.monotonic() + 30
            while True:
                # Long before the worker asks WeChat by itself: it is the notification that gets through.
                (found,) = by_ssh(stack, "/api/v1/orders", "--header", f"Authorization:Bearer {token}")[
                    "items"
                ]
                if found["state"] == "paid":
                    break
                assert time.monotonic() < limit, found
                time.sleep(1)
            with shelf.phone(f"https://{domain}") as other:
                other.page.goto(f"https://{domain}/")
                other.see("店铺维护中")
                other.see(WORDS)
                assert other.page.evaluate("document.documentElement.scrollWidth") <= 375
                other.picture("maintenance")
        finally:
            shopctl("maintenance", "off", "--yes")


def test_the_page_outlives_the_shops_processes(stack: Stack, closed: dict[str, Any]) -> None:
    try:
        shopctl("run", "web", "--", "systemctl", "stop", "shop-*")
        # Longer than the balancer takes to drop a host that is not well.
        limit = time.monotonic() + 20
        while time.monotonic() < limit:
            assert ask(stack, "/healthz").status == 200
            assert WORDS in ask(stack, "/").body.decode()
            time.sleep(1)
        # WeChat comes again later.
        assert ask(stack, "/api/v1/payments/notifications", "--data", "{}").status == 502
        plan = json.loads(shopctl("maintenance", "off", "--dry-run", "--json"))
        assert len([line for line in plan["warnings"] if "is not ready" in line]) == 2
    finally:
        shopctl("run", "web", "--", "systemctl", "start", "multi-user.target")


def test_the_status_names_a_host_that_does_otherwise_and_a_second_run_mends_it(
    stack: Stack, closed: dict[str, Any]
) -> None:
    assert maintenance()["state"] == "degraded"
    shopctl("run", "web-2", "--", "rm", "/var/lib/shop/maintenance/answer.json")
    assert "on: web-1, not web-2" in maintenance()["detail"]
    shopctl(*ON)
    assert "on: web-1, web-2;" in maintenance()["detail"]


@pytest.mark.parametrize("which", ["on", "off"])
def test_killed_at_any_moment_it_is_finished_by_the_next(stack: Stack, which: str) -> None:
    other = "off" if which == "on" else "on"
    argv = [sys.executable, str(REPOSITORY / "cli.py"), "--env", ENVIRONMENT, "maintenance", which, "--yes"]
    try:
        for seconds in (0.8, 1.4, 2.0, 2.6):
            shopctl("maintenance", other, "--yes")
            with subprocess.Popen(argv, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
                time.sleep(seconds)
                process.kill()
            shopctl("maintenance", which, "--yes")
            statuses = {ask(stack, "/api/v1/products").status for _ in range(4)}
            assert statuses == ({503} if which == "on" else {200})
            again = json.loads(shopctl("maintenance", which, "--dry-run", "--json"))
            assert again["changes"] == []
    finally:
        shopctl("maintenance", "off", "--yes")


def test_nonsense_is_refused_before_anything_is_touched(stack: Stack) -> None:
    for words in (["--for", "soon"], ["--for", "5s"], ["--message", ""]):
        said = json.loads(shopctl("maintenance", "on", "--yes", "--json", *words, expect=2))
        assert said["error"]["exit_code"] == 2
    assert maintenance()["detail"].startswith("off: web-1, web-2")
