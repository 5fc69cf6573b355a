"""Rollouts under shoppers: no request is lost, and every version can be gone back from."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from shopctl.drivers import http
from shopctl.environment import Environment
from tests.stack import releases
from tests.stack.conftest import ENVIRONMENT, REPOSITORY, Stack, shopctl
from tests.stack.releases import running, serving
from tests.stack.shoppers import shopping

GATES = {"ready", "restarts", "error rate", "response time", "memory"}
GATES |= {"worker ready", "worker restarts", "worker memory"}


@pytest.fixture(scope="module")
def two(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Two releases that are as good as the checkout's."""
    folder = tmp_path_factory.mktemp("releases")
    return releases.good(folder / "one", "one"), releases.good(folder / "two", "two")


@pytest.fixture(autouse=True)
def as_before(stack: Stack) -> Iterator[None]:
    """Whatever a test does, the stack ends on the version that it began with."""
    (before,) = serving()
    yield
    if serving() != {before} or running() != {before}:
        shopctl("rollback", before, "--yes")


def last_entry() -> dict[str, Any]:
    entries = json.loads(shopctl("journal", "--json"))
    return dict(next(e for e in reversed(entries) if e["operation"] in {"deploy", "rollback"}))


def test_three_deploys_in_a_row_lose_no_request_and_no_order(stack: Stack, two: tuple[str, str]) -> None:
    one, other = two
    with shopping() as told:
        for release in (one, other, one):
            done = json.loads(shopctl("deploy", release, "--yes", "--json"))
            assert (done["release"], set(done["hosts"])) == (release, {"web-1", "web-2"})
            entry = last_entry()
            assert entry["outcome"] == "succeeded"
            gates = {(gate["host"], gate["name"]): gate for gate in entry["evidence"]["gates"]}
            assert {name for host, name in gates if host == "web-1"} == GATES
            assert {name for host, name in gates if host == "web-2"} == GATES
            assert gates["web-1", "error rate"]["figures"]["after"]["all"]["count"] > 0
            assert gates["the public address", "shoppers' ledger"]["passed"]
            assert all(gate["passed"] is not False for gate in gates.values())
            assert releases.releases(serving()) == releases.releases(running()) == {release}
    told.assert_kept()
    assert told.failed == 0, told.report["troubles"]


def test_what_serves_already_is_not_deployed_again(stack: Stack, two: tuple[str, str]) -> None:
    shopctl("deploy", two[0], "--yes", "--no-judge")
    again = json.loads(shopctl("deploy", two[0], "--yes", "--json"))
    assert "serves on web-1, web-2" in again["reason"]
    assert again["hosts"] == {}


def test_a_rollback_needs_no_name_and_loses_no_request(stack: Stack, two: tuple[str, str]) -> None:
    (before,) = serving()
    shopctl("deploy", two[0], "--yes", "--no-judge")
    journal = Environment.load(ENVIRONMENT).journal_file
    known = journal.read_bytes()
    # As on the machine of somebody who has brought nothing: the hosts say what served before.
    journal.write_bytes(b"")
    try:
        with shopping() as told:
            back = json.loads(shopctl("rollback", "--yes", "--json"))
    finally:
        journal.write_bytes(known + journal.read_bytes())
    assert back["version"] == before
    assert serving() == running() == {before}
    told.assert_kept()
    assert told.failed == 0, told.report["troubles"]


def test_a_group_can_be_deployed_alone(stack: Stack, two: tuple[str, str]) -> None:
    (before,) = serving()
    done = json.loads(shopctl("deploy", two[0], "--group", "catalogue", "--yes", "--json"))
    said = shopctl("run", "web", "--", "find", "/var/lib/shop/serving", "-type", "l", "-printf", "%f %l\\n")
    links = [line.split(" | ")[1].split() for line in said.splitlines() if ".sock" in line]
    assert len(links) == 12
    for name, target in links:
        assert target.split("/")[3] == (done["version"] if name == "catalogue.sock" else before)
    answer = http.get(stack.outputs["domain"], "/api/v1/products", address=stack.vip, ca=stack.ca, timeout=10)
    assert answer.status == 200
    assert running() == {before, done["version"]}


def test_a_change_of_settings_is_rolled_out_and_back(stack: Stack) -> None:
    """The checkout's own group_vars change, as they would in a commit."""
    (before,) = serving()
    release = before.partition("-")[0]
    file = REPOSITORY / "inventories" / ENVIRONMENT / "group_vars" / "all.yml"
    text = file.read_text()
    try:
        changed = text.replace("SHOP_UNPAID_MINUTES: 1440", "SHOP_UNPAID_MINUTES: 45")
        file.write_text(f"{changed}nginx_client_max_body: 2k\n")
        # Nginx is reloaded under them.
        with shopping(8) as told:
            done = json.loads(shopctl("deploy", release, "--yes", "--json"))
        assert told.failed == 0, told.report["troubles"]
        assert posted(stack) == 413
        assert done["release"] == release
        assert serving() == {done["version"]} != {before}
        said = shopctl("run", "web-1", "--", "podman", "exec", f"shop-trade-{done['version']}", "printenv")
        assert "SHOP_UNPAID_MINUTES=45" in said
        assert json.loads(shopctl("rollback", "--yes", "--json"))["version"] == before
    finally:
        # Nginx's settings are no version's: they stay until a deploy or an `up` brings others.
        file.write_text(text)
        shopctl("up", "--yes")
    assert posted(stack) != 413


def posted(stack: Stack) -> int:
    """What somebody gets who sends three kilobytes."""
    body = json.dumps({"code": "x" * 3000})
    words = ("--header", "Content-Type: application/json", "--data", body)
    return stack.curl(f"{stack.outputs['address']}/api/v1/auth/wechat", stack.vip, *words).status


def test_a_plan_says_what_would_be_done_and_does_nothing(stack: Stack, two: tuple[str, str]) -> None:
    (before,) = serving()
    said = shopctl("deploy", two[1], "--dry-run")
    assert "web-1 first" in said
    assert serving() == running() == {before}
